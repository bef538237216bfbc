"""Reversion: over a long horizon, a forecast returns to the usual values of its series: medians of the last year."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats, Ints

DECAY_TIMES = (2.0, 6.0, 20.0, np.inf)
"""The decay times that are tried, in cycles. After the decay time, the distance of a forecast from the usual values has
shrunk to 37 % (1/e). With the last one, infinity, it does not shrink."""

DEFAULT_DECAY_TIME = 6.0
"""The decay time of a series in a panel with long seasons, in cycles, unless another one was clearly better at earlier
origins."""

SHAPE_TIME = 3.0
"""The decay time, in cycles, of the shape of a forecast within a cycle. It is the same for all series."""

MIN_GAIN = 0.05
"""Another decay time is clearly better than the usual one if it lowers the error by more than this fraction."""

LEVEL_RATE = 0.5
"""The rate of the exponential average that is used as the forecast when decay times are compared."""

HORIZONS = (1 / 26, 1 / 13, 1 / 7, 1 / 3, 2 / 3, 1)
"""The horizons at which decay times are compared, as fractions of the longest season."""

MIN_ORIGINS = 4


@dataclass(frozen=True)
class Reversion:
    """How the forecasts of one panel return to the usual values of their series.

    The usual value of a step is the median of the adjusted values at the same place of each cycle, within the last long
    season. The difference between a forecast and the usual values has two parts. Both decay with the number t of steps
    after the origin:

        level = mean of the difference over a cycle    multiplied by exp(-t / time of the series)
        shape = difference - level                     multiplied by exp(-t / (SHAPE_TIME * cycle))

    A network drifts if its inputs are its own forecasts. So the level of the last trusted cycle is also used in all
    cycles after it.

    cycle:   the number of steps in a cycle, such as 7 days
    season:  the number of steps in the longest season, such as 365
    trusted: the number of cycles that the network predicts from known values only, at least 1
    times:   (n,) the decay time of each series, in steps; inf: its level does not decay; NaN: its forecast is not
             changed
    """

    cycle: int
    season: int
    trusted: int
    times: Floats

    @classmethod
    def fit(cls, adjusted: Iterable[Floats], cycle: int, season: float, trusted: int, usual_time: float) -> Reversion:
        """Choose the decay time of each series: `usual_time`, or one that was clearly better at earlier origins.

        The forecast of a series that is not longer than the season is not changed.

        adjusted:   for each series (length,) its adjusted values, with the seasons as estimated at its last point
        season:     the length of the longest season, in steps
        usual_time: one of DECAY_TIMES, in cycles
        """
        times = [cycle * _decay_time(each, cycle, season, usual_time) for each in adjusted]
        return cls(cycle, round(season), trusted, np.array(times))

    def apply(self, path: Floats, past: Floats, inside: NDArray[np.bool_], rows: Ints) -> Floats:
        """(k, h) the forecasts of k origins, moved towards the usual values of their series.

        path:   (k, h) the forecasts: predicted adjusted values
        past:   (k, L) the last L adjusted values up to each origin, L a multiple of `cycle`
        inside: (k, L) True where these steps are inside the series
        rows:   (k,) the indices of the series
        """
        horizon = path.shape[1]
        cycles = np.where(inside, past, np.nan).reshape(len(past), -1, self.cycle)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a place without a step has no median
            median = np.nanmedian(cycles, axis=1)
        usual = median[:, np.arange(horizon) % self.cycle]
        distance = path - usual
        level = self._levels(distance)
        kept_level, kept_shape = self.kept(np.arange(1, horizon + 1), rows)
        last = np.minimum(np.arange(horizon) // self.cycle, self.trusted - 1) * self.cycle
        returned = usual + kept_level * level[:, last] + kept_shape * (distance - level)
        return np.where(np.isfinite(returned), returned, path)

    def kept(self, steps: Ints, rows: Ints) -> tuple[Floats, Floats]:
        """The factors by which the level (k, h) and the shape (h,) are multiplied, `steps` (h,) after the origin.

        rows: (k,) the indices of the series
        """
        return np.exp(-steps / self.times[rows][:, None]), np.exp(-steps / (SHAPE_TIME * self.cycle))

    def _levels(self, distance: Floats) -> Floats:
        """(k, h) the mean of `distance` (k, h) over the cycle of each step. The last cycle may have fewer steps."""
        starts = np.arange(0, distance.shape[1], self.cycle)
        lengths = np.diff(np.append(starts, distance.shape[1]))
        return np.repeat(np.add.reduceat(distance, starts, axis=1) / lengths, lengths, axis=1)


def _decay_time(adjusted: Floats, cycle: int, season: float, usual_time: float) -> float:
    """The decay time of one series in cycles, one of DECAY_TIMES; NaN if the series is not longer than the season.

    Decay times are compared by the errors of forecasts from earlier origins. Each forecasts the mean of a later cycle.

    adjusted: (length,) the adjusted values of the series
    """
    count, width = len(adjusted) // cycle, round(season / cycle)
    if count <= width:
        return np.nan
    means = adjusted[len(adjusted) - count * cycle :].reshape(count, cycle).mean(axis=1)
    levels = exponential_averages(means)[width - 1 :]
    usual = np.median(sliding_window_view(means, width), axis=1)
    errors = np.zeros(len(DECAY_TIMES))
    for horizon in {max(1, round(fraction * width)) for fraction in HORIZONS}:
        actual = means[width - 1 + horizon :]
        if len(actual) < MIN_ORIGINS:
            continue
        level, middle = levels[: len(actual)], usual[: len(actual)]
        kept = np.exp(-horizon / np.array(DECAY_TIMES))[:, None]
        absolute = np.abs(actual - (middle + kept * (level - middle))).mean(axis=1)
        errors += absolute / max(absolute.mean(), np.finfo(np.float64).tiny)
    best = int(np.argmin(errors))
    return DECAY_TIMES[best] if errors[best] < (1 - MIN_GAIN) * errors[DECAY_TIMES.index(usual_time)] else usual_time


def exponential_averages(values: Floats) -> Floats:
    """Exponential averages of `values` along axis 0, with the rate LEVEL_RATE. Row i is computed from rows 0 to i."""
    averages = np.empty_like(values)
    average = values[0]
    for at, value in enumerate(values):
        average = average + LEVEL_RATE * (value - average)
        averages[at] = average
    return averages
