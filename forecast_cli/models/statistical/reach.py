"""How far the forecast of a statistical method may be outside the values of its series."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

MAX_WIDTHS = 100.0
"""The largest distance of a forecast from the observed range, as a multiple of the width of this range. Growth that
doubles at each step stays within this limit for six steps; the trend that a method fits to one wrong value does not."""


def limit_to_range(point: Floats, values: Floats, indptr: Ints) -> Floats:
    """(n, horizon) the forecasts of n series, limited to an extended range of their values. NaN stays NaN.

    The range of a series' values is extended on both sides by MAX_WIDTHS times its width. A width below a millionth of
    the largest absolute value is raised to that.

    point:  (n, horizon) the forecasts to limit
    values: (N,) the values of all series, one series after another, without NaN
    indptr: (n + 1,) the index of each series' first point; no series is empty

    >>> values, indptr = np.array([1.0, 1, 2, 5, 5]), np.array([0, 3, 5])
    >>> limit_to_range(np.array([[3.0, 1e9], [5.0, np.nan]]), values, indptr).tolist()
    [[3.0, 102.0], [5.0, nan]]
    """
    low, high = (extreme.reduceat(values, indptr[:-1])[:, None] for extreme in (np.minimum, np.maximum))
    with np.errstate(over="ignore", invalid="ignore"):
        width = MAX_WIDTHS * np.maximum(high - low, 1e-6 * np.maximum(np.abs(low), np.abs(high)))
        limited: Floats = np.where(np.isnan(point), np.nan, np.clip(point, low - width, high + width))
    return limited
