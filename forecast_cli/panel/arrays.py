"""Operations on the flat arrays of a panel: fill missing values, iterate over batches of series of equal length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_BATCH_VALUES = 2**20
"""About the largest number of values that are computed from a batch of several series. It limits the memory needed."""

ROUNDING = 1e-12
"""A difference between two values is a rounding error if it is at most this fraction of the size of the values.

The size is the mean or the largest absolute value; the caller computes it.
"""


def fill_missing(panel: Panel) -> tuple[Floats, NDArray[np.bool_]]:
    """Fill the missing values. Returns the values (N,) without NaN, and a mask (N,): True where a value was known.

    Missing values are interpolated linearly between the known values of their series. At the start or end of a series,
    the nearest known value is repeated. A series without any known value becomes zeros.

    >>> import numpy as np
    >>> panel = Panel(np.array(["a"]), "step", 1, np.array([0, 4]), np.arange(4), np.array([1, np.nan, 3, np.nan]))
    >>> fill_missing(panel)[0].tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    observed = ~np.isnan(panel.values)
    if observed.all():
        return panel.values, observed
    values = panel.values.copy()
    with_gaps = np.unique(np.searchsorted(panel.indptr, np.flatnonzero(~observed), side="right") - 1)
    for start, end in zip(panel.indptr[with_gaps], panel.indptr[with_gaps + 1], strict=True):
        known = np.flatnonzero(observed[start:end])
        points = np.arange(end - start)
        values[start:end] = np.interp(points, known, values[start:end][known]) if len(known) else 0.0
    return values, observed


def mean_size(panel: Panel) -> Floats:
    """(n,) the mean absolute value of each series; 0 for a series without known values."""
    finite = np.isfinite(panel.values)
    total = np.bincount(panel.rows, np.where(finite, np.abs(panel.values), 0.0), len(panel))
    return np.asarray(total / np.maximum(np.bincount(panel.rows, finite, len(panel)), 1))


def equal_length_batches(indptr: Ints, values_per_point: int = 1, min_length: int = 1) -> Iterator[tuple[Ints, Ints]]:
    """Iterate over batches of series of the same length.

    Yields (rows, points) for each batch of k series:

    rows:   (k,) the indices of the series
    points: (k, length) the indices of their points in `Panel.values`

    indptr:            (n + 1,) the index of each series' first point; the last element is the number of points
    values_per_point:  how many values the caller computes from each point; the more, the fewer series in a batch
    min_length:        series with fewer points are left out

    >>> [(rows.tolist(), points.tolist()) for rows, points in equal_length_batches(np.array([0, 1, 3, 3, 4]))]
    [([0, 3], [[0], [3]]), ([1], [[1, 2]])]
    """
    lengths = np.diff(indptr)
    for length in np.unique(lengths[lengths >= min_length]):
        same_length = np.flatnonzero(lengths == length)
        batch_size = 1 + MAX_BATCH_VALUES // (length * values_per_point)
        for first in range(0, len(same_length), batch_size):
            rows = same_length[first : first + batch_size]
            yield rows, indptr[rows][:, None] + np.arange(length)


def rows_of(indptr: Ints) -> Ints:
    """(N,) the index of the series that each point belongs to.

    indptr: (n + 1,) the index of each series' first point; the last element is N
    """
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
