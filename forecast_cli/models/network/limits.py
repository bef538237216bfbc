"""Limits of a forecast: how far it may leave the range of its series, so that it cannot diverge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.panel.arrays import Floats, Ints, equal_length_batches

MAX_DISTANCE = 2.0
"""The forecast k steps after n points is at most min(k, MAX_DISTANCE + k / n) widths of the observed range outside that
range."""

STEEPNESS = 2.0
"""The slope of the nearer limits, relative to that of a straight line through the observed range."""


@dataclass(frozen=True)
class Limits:
    """The lowest and highest adjusted value of each series up to each point.

    low, high:  (N,)
    """

    features: Features
    low: Floats
    high: Floats

    @classmethod
    def of(cls, features: Features) -> Limits:
        adjusted = features.scaled - features.season.now()
        low, high = (_running(extreme, adjusted, features.panel.indptr) for extreme in (np.minimum, np.maximum))
        return cls(features, low, high)

    def at(self, origins: Ints, horizon: int) -> tuple[Floats, Floats]:
        """(k, horizon) the lowest and the highest adjusted value of a forecast at each step after `origins` (k,).

        On the log scale, the upper limit is computed from the range of the values. The range of their logarithms would
        let a short growing series become a thousand times larger.
        """
        steps, lengths = self._steps_and_lengths(origins, horizon)
        return self._around(origins, np.minimum(steps, MAX_DISTANCE + steps / lengths))

    def near(self, origins: Ints, horizon: int) -> tuple[Floats, Floats]:
        """The same for a forecast that must stay near the observed range: step k is at most 2 k / n widths outside it.

        That is twice as far as a straight line that goes through the whole range in the n points up to the origin.
        """
        steps, lengths = self._steps_and_lengths(origins, horizon)
        return self._around(origins, STEEPNESS * steps / lengths)

    def _steps_and_lengths(self, origins: Ints, horizon: int) -> tuple[Ints, Ints]:
        """(horizon,) the steps ahead, and (k, 1) the number of points up to each origin."""
        return np.arange(1, horizon + 1), (origins - self.features.start[origins] + 1)[:, None]

    def _around(self, origins: Ints, widths: Floats) -> tuple[Floats, Floats]:
        """(k, horizon) the observed range up to each origin, extended on both sides by `widths` (k, horizon) of it."""
        low, high = self.low[origins][:, None], self.high[origins][:, None]
        distance = widths * (high - low)
        log = self.features.scaling.log[self.features.rows[origins]][:, None]
        upwards = np.where(log, np.log1p(widths * -np.expm1(low - high)), distance)
        return low - distance, high + upwards


def _running(extreme: Any, values: Floats, indptr: Ints) -> Floats:
    """(N,) the running minimum or maximum of each series, by the ufunc `extreme`."""
    running = np.empty_like(values)
    for _, points in equal_length_batches(indptr):
        running[points] = extreme.accumulate(values[points], axis=1)
    return running
