"""Forecasts of any model at each step, from cutoffs some steps apart, in one call: each cutoff is a series of its own.

    series             x x x x x x x x x x x x x
    up to cutoff 1     x x x x f f f
    up to cutoff 2     x x x x x x x f f f            x: known to the model, f: forecast
    up to cutoff 3     x x x x x x x x x x f f f

So no model can use values after the cutoff.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from forecast_cli.forecasting import Forecaster
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

MAX_VALUES = 2**22
"""The largest number of values that a model gets, over all cutoffs. It limits time and memory."""

MAX_CUTOFFS = 300


def rolling_forecasts(
    forecaster: Forecaster, panel: Panel, first: Ints, cutoffs: int = MAX_CUTOFFS, together: bool = False
) -> Floats:
    """(N,) the forecast of each point of a panel, made from some steps before; NaN before `first`.

    panel:     without missing values
    first:     (n,) the first step of each series that is forecast, counted from its start
    cutoffs:   the largest number of cutoffs of a series
    together:  whether the model must get all series of the panel at once
    """
    starts, lengths = panel.indptr[:-1], panel.lengths
    steps = int((lengths - first).max(initial=0))
    result = np.full(len(panel.values), np.nan)
    if steps <= 0:
        return result
    affordable = max(1, MAX_VALUES // int(lengths.sum()))
    stride = -(-steps // min(cutoffs, steps, max(affordable, 4)))
    ends = np.arange(0, steps, stride)
    for rows, known in _calls(lengths, first, ends, together):
        past = _past(panel, rows, known, together)
        point = forecaster.predict(past, stride).point
        at = (starts[rows] + known)[:, None] + np.arange(stride)
        inside = at < (starts + lengths)[rows][:, None]
        result[at[inside]] = point[inside]
    return result


def _calls(lengths: Ints, first: Ints, ends: Ints, together: bool) -> Iterator[tuple[Ints, Ints]]:
    """For each call of the model: the rows (k,) of the series, and how many points of each it gets."""
    if together:
        for end in ends:
            yield np.arange(len(lengths)), np.minimum(first + end, lengths)
        return
    rows = np.repeat(np.arange(len(lengths)), len(ends))
    known = first[rows] + np.tile(ends, len(lengths))
    before_end = known < lengths[rows]
    yield rows[before_end], known[before_end]


def _past(panel: Panel, rows: Ints, known: Ints, together: bool) -> Panel:
    if together:
        return panel.drop_last(panel.lengths - known)
    return panel.pasts(rows, known)
