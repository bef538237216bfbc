"""The scale of each series: an invertible map from its values to numbers that a network can learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import ROUNDING, Floats, Ints, equal_length_batches, fill_missing
from forecast_cli.panel.panel import Panel

MIN_LOG_FRACTION = 1e-3
"""A series is put on the log scale if its smallest value is above this fraction of its median. Below it, the logarithm
would turn a few tiny values into the largest features of the series."""

QUIET_STEP, QUIET_STEP_AFTER = 1e-4, 1e-2
"""A series is quiet if its mean absolute step is below the first fraction of its mean absolute value: to a network it
would look constant. It is divided by a smaller number, so that the step becomes the second fraction."""


@dataclass(frozen=True)
class Scaling:
    """Logarithm of a positive series that is neither constant nor quiet; division by a scale for any other series.

    On both scales a step is roughly a fraction of the series' usual size, so a network that learns from both treats
    them alike.

    log:     (n,) bool, whether the series is on the log scale
    scale:   (n,) divisor of a linear series: its mean absolute value (1 where that is 0), smaller for a quiet series
    floor:   (n,) above 0: on the log scale, smaller values count as this one; no fitted value is smaller
    lowest:  (n,) smallest value of a forecast: 0 for a series without negative values, otherwise -inf
    """

    log: NDArray[np.bool_]
    scale: Floats
    floor: Floats
    lowest: Floats

    @classmethod
    def of(cls, panel: Panel) -> Scaling:
        """Fit the scaling to all values of a panel."""
        return cls.fit(fill_missing(panel)[0], panel.indptr)

    @classmethod
    def fit(cls, values: Floats, indptr: Ints) -> Scaling:
        """Fit the scaling to values (N,) without missing ones; series i is [indptr[i], indptr[i + 1])."""
        scale, floor, lowest = (np.zeros(len(indptr) - 1) for _ in range(3))
        log = np.zeros(len(indptr) - 1, dtype=bool)
        for rows, points in equal_length_batches(indptr):
            y = values[points]
            size, least = np.abs(y).mean(axis=1), y.min(axis=1)
            step = np.abs(np.diff(y)).mean(axis=1) if y.shape[1] > 1 else np.zeros(len(y))
            quiet = (ROUNDING * size < step) & (step < QUIET_STEP * size)
            floor[rows] = MIN_LOG_FRACTION * np.abs(np.median(y, axis=1))
            log[rows] = (least > floor[rows]) & (step >= QUIET_STEP * size)
            scale[rows] = np.where(quiet, step / QUIET_STEP_AFTER, size)
            lowest[rows] = np.where(least >= 0, 0.0, -np.inf)
        positive = np.where(floor > 0, floor, np.finfo(np.float64).tiny)
        return cls(log, np.where(scale > 0, scale, 1.0), positive, lowest)

    def transform(self, values: Floats, rows: Ints) -> Floats:
        """Scale values; `rows`, which broadcasts against them, holds the series of each."""
        log = self.log[rows]
        return np.where(log, np.log(np.maximum(values, self.floor[rows])), values / self.scale[rows])

    def inverse_transform(self, scaled: Floats, rows: Ints) -> Floats:
        """Values from scaled ones, none below `lowest`. Where the exponential overflows, the largest float."""
        log = self.log[rows]
        largest = np.log(np.finfo(np.float64).max)
        values = np.where(log, np.exp(np.minimum(np.where(log, scaled, 0.0), largest)), scaled * self.scale[rows])
        return np.maximum(values, self.lowest[rows])
