"""Values at the ends of a series, the last or the one before it, that are far out of line with all others.

Most often they are errors, or steps cut short.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.observations import time_or_step

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MAX_OUTLIERS = 2
"""More values than this at the new level are no error, but a change of the series. As many at each end are checked."""

MIN_OTHERS = 8
"""Minimum number of other known values."""

MIN_RATIO_ABOVE, MIN_RATIO_BELOW = 3, 10
"""An outlier is larger than all others by the first factor; or, in a positive series, smaller by the second."""

MIN_JUMP = 3
"""The change from the other values to the outlier, as a multiple of the largest change between these."""


def without_outlying_ends(name: str, panel: Panel, policy: str) -> Panel:
    """The panel with the outliers at the ends of its series treated as `policy` of ON_OUTLIER says.

    With "missing" each becomes missing: NaN at the end of a series, or a later start. Raises DataError if there are any
    and `policy` is "error".
    """
    if policy == "keep":
        return panel
    found = [at for row in _candidates(panel) for at in _outliers(panel, row)]
    if not found:
        return panel
    places = [_place(panel, at) for at in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    message = f"{name}: far out of line with the other values: {'; '.join(places)}{more}"
    if policy == "error":
        raise DataError(f"{message}.", f"Correct or empty them, or keep them with {mention('on-outlier', 'keep')}.")
    log.warning("%s: treated as missing", message)
    values = panel.values.copy()
    values[found] = np.nan
    return replace(panel, values=values).without_leading_gaps()


def _candidates(panel: Panel) -> list[int]:
    """The rows of series with their largest or smallest value at an end: a quick check before `_outliers`."""
    size = np.abs(panel.values)
    starts, ends = panel.indptr[:-1], panel.indptr[1:]
    near_ends = np.stack([starts, starts + 1, ends - 2, ends - 1])
    at_ends = size[np.clip(near_ends, starts, ends - 1)]
    extreme = (at_ends == np.fmax.reduceat(size, starts)) | (at_ends == np.fmin.reduceat(size, starts))
    rows: list[int] = np.flatnonzero(extreme.any(axis=0)).tolist()
    return rows


def _outliers(panel: Panel, row: int) -> list[int]:
    """The positions in `panel.values` of the outliers at the ends of one series."""
    known = panel.indptr[row] + np.flatnonzero(~np.isnan(panel.values[panel.indptr[row] : panel.indptr[row + 1]]))
    values = panel.values[known]
    if len(values) <= MAX_OUTLIERS:
        return []
    for places in ([-1], [-2, -1], [-2], [0], [0, 1], [1]):
        if _are_out_of_line(values[places], np.delete(values, places)):
            found: list[int] = known[places].tolist()
            return found
    return []


def _are_out_of_line(tail: Floats, others: Floats) -> bool:
    """Whether the values `tail` are at a level that nothing in `others` comes near."""
    if len(others) < MIN_OTHERS or not others.any():
        return False
    positive = others.min() > 0 and tail.min() >= 0
    above = np.abs(tail).min() > MIN_RATIO_ABOVE * np.abs(others).max()
    below = positive and tail.max() < others.min() / MIN_RATIO_BELOW
    if positive and tail.min() > 0:
        others, tail = np.log(others), np.log(tail)
    jump, usual = np.abs(tail[:, None] - others[[0, -1]]).min(), np.abs(np.diff(others)).max()
    return bool((above or below) and jump > MIN_JUMP * usual)


def _place(panel: Panel, at: int) -> str:
    series = f" in series '{panel.ids[panel.rows[at]]}'" if len(panel) > 1 else ""
    return f"{panel.values[at]:.6g} at {time_or_step(panel.times[at])}{series}"
