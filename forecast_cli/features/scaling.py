"""Scale each series by its logarithm or by a division, and convert scaled values back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import ROUNDING, Floats, Ints, equal_length_batches, fill_missing
from forecast_cli.panel.panel import Panel

MIN_LOG_FRACTION = 1e-3
"""A series is on the log scale only if its smallest value is above this fraction of its median. Otherwise, a few tiny
values would have logarithms far below all others."""

QUIET_CHANGE, QUIET_CHANGE_AFTER = 1e-4, 1e-2
"""A series is quiet if its mean absolute change is below QUIET_CHANGE times its mean absolute value.

After the usual division, a network would see a quiet series as constant. So a quiet series is divided by a smaller
number, after which its mean absolute change is QUIET_CHANGE_AFTER.
"""


@dataclass(frozen=True)
class Scaling:
    """How each of n series is scaled: by its logarithm (log scale), or by a division (linear scale).

    Positive series are on the log scale, unless they are constant, quiet (see QUIET_CHANGE) or have tiny values (see
    MIN_LOG_FRACTION). On both scales, a change from step to step is roughly a fraction of the usual size of the series.
    So a network can learn from both kinds of series together.

    log:     (n,) bool, whether each series is on the log scale
    scale:   (n,) the divisor on the linear scale: the mean absolute value; smaller for a quiet series; 1 if all values
             are 0
    floor:   (n,) above 0; on the log scale, later values below it are raised to it before the logarithm is taken
    lowest:  (n,) the lower bound of forecasts: 0 for a series without negative values, otherwise -inf
    """

    log: NDArray[np.bool_]
    scale: Floats
    floor: Floats
    lowest: Floats

    @classmethod
    def of(cls, panel: Panel) -> Scaling:
        """Fit the scaling to the values of a panel, after missing values are filled."""
        return cls.fit(fill_missing(panel)[0], panel.indptr)

    @classmethod
    def fit(cls, values: Floats, indptr: Ints) -> Scaling:
        """Fit the scaling to the values of n series.

        values: (N,) without missing values
        indptr: (n + 1,) the index of each series' first point; the last element is N
        """
        scale, floor, lowest = (np.zeros(len(indptr) - 1) for _ in range(3))
        log = np.zeros(len(indptr) - 1, dtype=bool)
        for rows, points in equal_length_batches(indptr):
            y = values[points]
            size, least = np.abs(y).mean(axis=1), y.min(axis=1)
            change = np.abs(np.diff(y)).mean(axis=1) if y.shape[1] > 1 else np.zeros(len(y))
            quiet = (ROUNDING * size < change) & (change < QUIET_CHANGE * size)
            floor[rows] = MIN_LOG_FRACTION * np.abs(np.median(y, axis=1))
            log[rows] = (least > floor[rows]) & (change >= QUIET_CHANGE * size)
            scale[rows] = np.where(quiet, change / QUIET_CHANGE_AFTER, size)
            lowest[rows] = np.where(least >= 0, 0.0, -np.inf)
        positive = np.where(floor > 0, floor, np.finfo(np.float64).tiny)
        return cls(log, np.where(scale > 0, scale, 1.0), positive, lowest)

    def transform(self, values: Floats, rows: Ints) -> Floats:
        """Scale values, an array of any shape.

        rows: the indices of the series of `values`, in a shape that can be broadcast to that of `values`
        """
        log = self.log[rows]
        return np.where(log, np.log(np.maximum(values, self.floor[rows])), values / self.scale[rows])

    def slope(self, values: Floats, rows: Ints) -> Floats:
        """The derivative of values with respect to scaled values: the value on the log scale, else the divisor.

        rows: the indices of the series of `values`, as in `transform`
        """
        return np.where(self.log[rows], values, self.scale[rows])

    def inverse_transform(self, scaled: Floats, rows: Ints) -> Floats:
        """Convert scaled values back to values, the inverse of `transform`.

        Values below `lowest` are raised to it. A value that is too large for float64 becomes the largest float64.
        """
        log = self.log[rows]
        largest = np.log(np.finfo(np.float64).max)
        values = np.where(log, np.exp(np.minimum(np.where(log, scaled, 0.0), largest)), scaled * self.scale[rows])
        return np.maximum(values, self.lowest[rows])
