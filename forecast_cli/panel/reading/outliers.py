"""Find outliers at the ends of a series: values among the first two and last two that are far from all other values.

Most of them are errors, or sums over an incomplete period, such as the current month.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading.levels import level_of_change
from forecast_cli.panel.reading.observations import time_or_step

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MAX_OUTLIERS = 2
"""The number of values checked at each end. More values at a new level are a change of the series, not an error."""

MIN_OTHERS = 8
"""A value is compared with the other values of its series only if there are at least this many of them."""

MIN_RATIO_ABOVE, MIN_RATIO_BELOW = 3, 10
"""The absolute value of an outlier is more than MIN_RATIO_ABOVE times as large as that of every other value; or, in a
series of positive values, the smallest other value is more than MIN_RATIO_BELOW times as large as the outlier."""

MIN_JUMP = 3
"""The change to an outlier is more than this many times the largest change between two other neighbouring values."""


def without_outlying_ends(name: str, panel: Panel, config: ReadConfig) -> Panel:
    """The panel with outliers at the ends of its series treated by `config.outliers`.

    "missing" replaces outliers by NaN and removes NaN at the start of a series; "keep" changes nothing; "error" raises
    DataError if there is an outlier.

    name: the file's name in messages
    """
    if config.outliers == "keep":
        return panel
    found = [at for row in _candidates(panel) for at in _outliers(panel, row)]
    if not found:
        return panel
    places = [_place(panel, at) for at in found[:3]]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    message = f"{name}: far from all other values: {'; '.join(places)}{more}"
    if config.outliers == "error":
        raise DataError(f"{message}.", f"Correct or empty them, or keep them with {mention('on-outlier', 'keep')}.")
    log.log(level_of_change(config.on_outlier), "%s: treated as missing", message)
    values = panel.values.copy()
    values[found] = np.nan
    return replace(panel, values=values).without_leading_gaps()


def _candidates(panel: Panel) -> list[int]:
    """The indices of the series that may have outliers: those whose largest or smallest absolute value is near an end.

    Near an end means among the first two or last two values. This check is quick; `_outliers` does the exact one.
    """
    size = np.abs(panel.values)
    starts, ends = panel.indptr[:-1], panel.indptr[1:]
    near_ends = np.stack([starts, starts + 1, ends - 2, ends - 1])
    at_ends = size[np.clip(near_ends, starts, ends - 1)]
    extreme = (at_ends == np.fmax.reduceat(size, starts)) | (at_ends == np.fmin.reduceat(size, starts))
    rows: list[int] = np.flatnonzero(extreme.any(axis=0)).tolist()
    return rows


def _outliers(panel: Panel, row: int) -> list[int]:
    """The indices in `panel.values` of the outliers at one end of a series, at most two; [] if there are none.

    row: the index of the series
    """
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
    """Return whether values at one end of a series are outliers.

    They must be far above or far below all other values (MIN_RATIO_ABOVE, MIN_RATIO_BELOW), and the change to them must
    be large (MIN_JUMP). The change is measured in logarithms if all values are positive.

    tail:   the one or two values to check
    others: the other values of the series, in their order
    """
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
