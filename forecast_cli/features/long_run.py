"""Long run: a summary of the whole past of a series at a point. A network gets it in addition to a short window.

The summary consists of exponential averages: means of all values so far, weighted with (1 - rate)^age. These are the
levels of exponential smoothing (Gardner, Journal of Forecasting 4, 1985) at fixed rates, with bias correction. There
are several rates, so the network can learn which average is best for which series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

LEVEL_RATES = np.array([0.1, 0.3, 0.6])
SLOPE_RATES = np.array([0.02, 0.05, 0.2])

FEATURES = len(LEVEL_RATES) + len(SLOPE_RATES) + 1

MAX_FEATURE = 20.0
"""The numbers that a network gets from the long run are limited to -MAX_FEATURE to MAX_FEATURE."""

SLOPE_STEPS = 4
"""Slopes per step are multiplied by this. They are then about as large as the other inputs of the network."""

MIN_CHANGE = 1e-4
"""The mean absolute change is raised to at least this number, because its logarithm is taken."""


@dataclass(frozen=True)
class LongRun:
    """The long run at k points. At each point it is computed from all values of the series up to the point.

    count:   (k,) the number of these values
    levels:  (k, len(LEVEL_RATES)) exponential averages of these values
    slopes:  (k, len(SLOPE_RATES)) exponential averages of the changes from step to step
    change:  (k,) the mean absolute change from step to step
    """

    count: Ints
    levels: Floats
    slopes: Floats
    change: Floats

    @classmethod
    def fit(cls, adjusted: Floats, indptr: Ints) -> LongRun:
        """The long run at each point of a panel, from the points of the same series up to it.

        adjusted: (N,) adjusted values
        indptr:   (n + 1,) the index of each series' first point; the last element is N
        """
        levels = np.zeros((len(adjusted), len(LEVEL_RATES)))
        slopes = np.zeros((len(adjusted), len(SLOPE_RATES)))
        count, change = np.zeros(len(adjusted), dtype=np.int64), np.zeros(len(adjusted))
        longest_first = np.argsort(-np.diff(indptr), kind="stable")
        starts, lengths = indptr[:-1][longest_first], np.diff(indptr)[longest_first]
        level, slope, total = (np.zeros((len(starts), width)) for width in (len(LEVEL_RATES), len(SLOPE_RATES), 1))
        for age in range(lengths.max(initial=0)):
            going = int(np.searchsorted(-lengths, -age))
            at = starts[:going] + age
            value = adjusted[at, None]
            move = value - adjusted[at - 1, None] if age else np.zeros_like(value)
            level[:going] = (1 - LEVEL_RATES) * level[:going] + value
            slope[:going] = (1 - SLOPE_RATES) * slope[:going] + move
            total[:going] += np.abs(move)
            levels[at] = level[:going] / _weight(LEVEL_RATES, age + 1)
            slopes[at] = slope[:going] / _weight(SLOPE_RATES, age + 1)
            count[at], change[at] = age + 1, total[:going, 0] / max(age, 1)
        return cls(count, levels, slopes, change)

    def at(self, points: Ints) -> LongRun:
        """The long run at the points with these indices (k,)."""
        return LongRun(self.count[points], self.levels[points], self.slopes[points], self.change[points])

    def extended(self, last: Floats, block: Floats) -> LongRun:
        """The long run at the points q steps later, if the series continue with q given values.

        last:  (k,) the adjusted values at the k points
        block: (k, q) the q adjusted values after each point
        """
        count, levels, slopes, change = self.count[:, None], self.levels, self.slopes, self.change[:, None]
        moves = np.diff(block, axis=1, prepend=last[:, None])
        for value, move in zip(block.T[..., None], moves.T[..., None], strict=True):
            count = count + 1
            levels = levels + (value - levels) / _weight(LEVEL_RATES, count)
            slopes = slopes + (move - slopes) / _weight(SLOPE_RATES, count)
            change = change + (np.abs(move) - change) / (count - 1)
        return LongRun(count[:, 0], levels, slopes, change[:, 0])

    def features(self, level: Floats, scale: Floats) -> Floats:
        """(k, FEATURES) the long run as the input of a network, normalised like the windows that end at the k points.

        level, scale: (k,) the level and the scale of each window
        """
        scale = scale[:, None]
        shown = np.concatenate(
            [
                (self.levels - level[:, None]) / scale,
                SLOPE_STEPS * self.slopes / scale,
                np.log(np.maximum(self.change[:, None], MIN_CHANGE) / scale),
            ],
            axis=1,
        )
        features: Floats = np.clip(shown, -MAX_FEATURE, MAX_FEATURE)
        return features


def _weight(rates: Floats, count: int | Ints) -> Floats:
    """(k, r) the sum of the weights of all values, for each of the rates (r,). The last value has weight 1.

    count: (k, 1) the number of values at each point; or one number for all points, then the result is (r,)
    """
    weight: Floats = (1 - (1 - rates) ** count) / rates
    return weight
