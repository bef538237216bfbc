"""Scaling of each series: its logarithm, or a division; and the inverse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import ROUNDING, Floats, Ints, equal_length_batches, fill_missing
from forecast_cli.panel.panel import Panel

MIN_LOG_FRACTION = 1e-3
"""A series is on the log scale only if its smallest value is above this fraction of its median. Otherwise, a few tiny
values would have logarithms far below all others."""

QUIET_STEP, QUIET_STEP_AFTER = 1e-4, 1e-2
"""A series is quiet if its mean absolute step is below QUIET_STEP times its mean absolute value: a network would see it
as constant. It is divided by a smaller number, after which its mean absolute step is QUIET_STEP_AFTER."""


@dataclass(frozen=True)
class Scaling:
    """How each series is scaled: by its logarithm (log scale), or by a division (linear scale).

    Positive series that are neither constant nor quiet are on the log scale. On both scales, a step is roughly a
    fraction of the usual size of the series, so a network can learn from both kinds together.

    log:     (n,) bool, whether the series is on the log scale
    scale:   (n,) divisor on the linear scale: the mean absolute value (1 where that is 0), smaller for a quiet series
    floor:   (n,) above 0; on the log scale, smaller values are raised to it. On that scale no fitted value is smaller
    lowest:  (n,) lower bound of forecasts: 0 for a series without negative values, otherwise -inf
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
        """Scale values. `rows` has the row of each value's series; it is broadcast to the shape of `values`."""
        log = self.log[rows]
        return np.where(log, np.log(np.maximum(values, self.floor[rows])), values / self.scale[rows])

    def inverse_transform(self, scaled: Floats, rows: Ints) -> Floats:
        """Undo `transform`. No value is below `lowest`; one that is too large for a float becomes the largest float."""
        log = self.log[rows]
        largest = np.log(np.finfo(np.float64).max)
        values = np.where(log, np.exp(np.minimum(np.where(log, scaled, 0.0), largest)), scaled * self.scale[rows])
        return np.maximum(values, self.lowest[rows])
