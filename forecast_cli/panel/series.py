"""What is asked of a panel's flat arrays again and again: gaps filled, points and series matched."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AT_ONCE = 2**20
"""Numbers that series of the same length are computed from at once."""

ROUNDING = 1e-12
"""Differences below this share of a series' size are no more than its rounding."""


def fill_missing(panel: Panel) -> tuple[Floats, NDArray[np.bool_]]:
    """Values (N,) with every NaN interpolated within its series, and which of them were observed (N,).

    Leading and trailing gaps repeat the nearest known value; a series with none at all becomes zeros.

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
        at = np.arange(end - start)
        values[start:end] = np.interp(at, known, values[start:end][known]) if len(known) else 0.0
    return values, observed


def of_one_length(indptr: Ints, numbers: int = 1, least: int = 1) -> Iterator[tuple[Ints, Ints]]:
    """Rows (k,) and points (k, length) of series that are alike in length, if it is at least `least`, some at a time.

    numbers:  how many are computed from each point

    >>> [(rows.tolist(), points.tolist()) for rows, points in of_one_length(np.array([0, 1, 3, 3, 4]))]
    [([0, 3], [[0], [3]]), ([1], [[1, 2]])]
    """
    lengths = np.diff(indptr)
    for length in np.unique(lengths[lengths >= least]):
        alike = np.flatnonzero(lengths == length)
        at_once = 1 + AT_ONCE // (length * numbers)
        for first in range(0, len(alike), at_once):
            rows = alike[first : first + at_once]
            yield rows, indptr[rows][:, None] + np.arange(length)


def rows_of(indptr: Ints) -> Ints:
    """(N,) the series that each point belongs to."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
