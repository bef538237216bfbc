"""The scale of each series: an invertible map between its values and what a network learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import ROUNDING, Floats, Ints, equal_length_batches, fill_missing

LOG_FLOOR = 1e-3
"""A series is put on the log scale if its smallest value is positive and above this share of its median: below it,
the logarithm would blow a few tiny values up into the largest features of the series."""

QUIET, USUAL_STEP = 1e-4, 1e-2
"""A series whose mean absolute step is below the first of these shares of its mean absolute value is divided by so much
that the step becomes the second: to a network it would stand still."""


@dataclass(frozen=True)
class ValueMap:
    """Log where a series is positive and neither constant nor quiet, otherwise division by its scale.

    On either scale a step is, about, a share of what the series usually is: so a network that learns from both takes
    the steps of one for what they are in the other.

    log:     (n,) bool
    scale:   (n,) what linear series are divided by: their mean absolute value, 1 where that is zero; less if `QUIET`
    floor:   (n,) above 0, what a smaller value of a series on the log scale is taken for; no value it was fitted on is
    lowest:  (n,) 0 for a series that was never negative, and so is never forecast to be; otherwise -inf
    """

    log: NDArray[np.bool_]
    scale: Floats
    floor: Floats
    lowest: Floats

    @classmethod
    def of(cls, panel: Panel) -> ValueMap:
        """Learn the map from all values of a panel."""
        return cls.fit(fill_missing(panel)[0], panel.indptr)

    @classmethod
    def fit(cls, values: Floats, indptr: Ints) -> ValueMap:
        """Learn the map from filled values (N,)."""
        scale, floor, lowest = (np.zeros(len(indptr) - 1) for _ in range(3))
        log = np.zeros(len(indptr) - 1, dtype=bool)
        for rows, points in equal_length_batches(indptr):
            y = values[points]
            size, least = np.abs(y).mean(axis=1), y.min(axis=1)
            step = np.abs(np.diff(y)).mean(axis=1) if y.shape[1] > 1 else np.zeros(len(y))
            quiet = (ROUNDING * size < step) & (step < QUIET * size)
            floor[rows] = LOG_FLOOR * np.abs(np.median(y, axis=1))
            log[rows] = (least > floor[rows]) & (step >= QUIET * size)
            scale[rows] = np.where(quiet, step / USUAL_STEP, size)
            lowest[rows] = np.where(least >= 0, 0.0, -np.inf)
        positive = np.where(floor > 0, floor, np.finfo(np.float64).tiny)
        return cls(log, np.where(scale > 0, scale, 1.0), positive, lowest)

    def transform(self, values: Floats, rows: Ints) -> Floats:
        """Map values whose series are `rows`, an array that broadcasts against them."""
        log = self.log[rows]
        return np.where(log, np.log(np.maximum(values, self.floor[rows])), values / self.scale[rows])

    def inverse_transform(self, mapped: Floats, rows: Ints) -> Floats:
        """The values again, none below `lowest`. Overflow of the exponential saturates at the largest float."""
        log = self.log[rows]
        largest = np.log(np.finfo(np.float64).max)
        values = np.where(log, np.exp(np.minimum(np.where(log, mapped, 0.0), largest)), mapped * self.scale[rows])
        return np.maximum(values, self.lowest[rows])
