"""Limits of a network's forecast: how far it may be outside the range of its series, so that it does not diverge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.panel.arrays import Floats, Ints, equal_length_batches

MAX_DISTANCE = 2.0
"""How far a forecast k steps after n points may be outside the range of the values so far: min(k, MAX_DISTANCE + k / n)
times the width of this range."""

STEEPNESS = 2.0
"""The slope of the limits from `Limits.near`, relative to that of a straight line that crosses the observed range."""


@dataclass(frozen=True)
class Limits:
    """The limits of forecasts: the range of a series' values up to a point, which `at` and `near` extend on both sides.

    All values are adjusted values, as in `Features`: on the log or linear scale, and without the seasons.

    features:  the features of a panel of N points
    low, high: (N,) the lowest and the highest value of the point's series, from its first point up to this one
    """

    features: Features
    low: Floats
    high: Floats

    @classmethod
    def of(cls, features: Features) -> Limits:
        low, high = (
            _running(extreme, features.adjusted, features.panel.indptr) for extreme in (np.minimum, np.maximum)
        )
        return cls(features, low, high)

    def at(self, origins: Ints, horizon: int) -> tuple[Floats, Floats]:
        """The lowest and the highest adjusted values that a forecast may have, two arrays (k, horizon).

        On the log scale, the upper limit is computed from the range of the values, not of their logarithms. Otherwise
        the forecast of a short growing series could become a thousand times larger than its values.

        origins: (k,) the indices of the last points
        """
        steps, lengths = self._steps_and_lengths(origins, horizon)
        return self._around(origins, np.minimum(steps, MAX_DISTANCE + steps / lengths))

    def near(self, origins: Ints, horizon: int) -> tuple[Floats, Floats]:
        """The limits for forecasts of trees, which must stay near the observed range: two arrays (k, horizon).

        The forecast j steps after the origin may be outside the range by at most STEEPNESS * j / n times the width of
        the range, where n is the number of points up to the origin. For comparison: a straight line that crosses the
        whole range within n points moves by j / n times the width in j steps.

        origins: (k,) the indices of the last points
        """
        steps, lengths = self._steps_and_lengths(origins, horizon)
        return self._around(origins, STEEPNESS * steps / lengths)

    def _steps_and_lengths(self, origins: Ints, horizon: int) -> tuple[Ints, Ints]:
        """(horizon,) the steps ahead, and (k, 1) the number of points up to each origin."""
        return np.arange(1, horizon + 1), (origins - self.features.start[origins] + 1)[:, None]

    def _around(self, origins: Ints, widths: Floats) -> tuple[Floats, Floats]:
        """The lower and the upper limit, two arrays (k, horizon): the range of the values up to each origin, extended.

        widths: (k, horizon) how far both sides are extended, as a multiple of the width of the range
        """
        low, high = self.low[origins][:, None], self.high[origins][:, None]
        distance = widths * (high - low)
        log = self.features.scaling.log[self.features.rows[origins]][:, None]
        upwards = np.where(log, np.log1p(widths * -np.expm1(low - high)), distance)
        return low - distance, high + upwards


def _running(extreme: Any, values: Floats, indptr: Ints) -> Floats:
    """(N,) the running minimum or maximum of each series: over all its values up to each point.

    extreme: np.minimum or np.maximum
    values:  (N,) the values of all series, one series after another
    indptr:  (n + 1,) the index of each series' first point; the last element is N
    """
    running = np.empty_like(values)
    for _, points in equal_length_batches(indptr):
        running[points] = extreme.accumulate(values[points], axis=1)
    return running
