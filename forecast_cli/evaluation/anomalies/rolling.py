"""Forecast every step of a series with any model, from cutoffs at regular distances.

For each cutoff, the model gets a separate series that ends at the cutoff. So one call can forecast from all cutoffs:

    series             x x x x x x x x x x x x x
    up to cutoff 1     x x x x f f f
    up to cutoff 2     x x x x x x x f f f            x: known to the model, f: forecast
    up to cutoff 3     x x x x x x x x x x f f f

The model cannot use values after a cutoff.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from forecast_cli.forecasting import Forecaster
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

MAX_VALUES = 2**22
"""The largest number of values that a model gets, over all cutoffs. It limits time and memory.

For a panel so large that fewer than 4 cutoffs fit, up to 4 are used nevertheless.
"""

MAX_CUTOFFS = 300


def rolling_forecasts(
    forecaster: Forecaster,
    panel: Panel,
    first: Ints,
    cutoffs: int = MAX_CUTOFFS,
    together: bool = False,
    stretches: Ints | None = None,
) -> Floats:
    """(N,) the forecast of each point of a panel from the last cutoff before it; NaN before `first`.

    panel:     without missing values
    first:     (n,) the index of the first step to forecast in each series; 0 is the start of the series
    cutoffs:   the largest number of cutoffs of a series
    together:  whether the model needs all series of the panel in one call: there is then one call for each cutoff
    stretches: (N,) the number of the stretch between long gaps that each point is in. A point has no forecast from a
               cutoff in an earlier stretch. None if there are no long gaps
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
        if stretches is not None:
            cutoff = np.broadcast_to(at[:, :1] - 1, at.shape)[inside]
            result[at[inside][stretches[at[inside]] > stretches[cutoff]]] = np.nan
    return result


def _calls(lengths: Ints, first: Ints, ends: Ints, together: bool) -> Iterator[tuple[Ints, Ints]]:
    """Yield the input of each call of the model: the indices (k,) of series, and the numbers (k,) of their points.

    The model gets the points of a series from the first one up to a cutoff.
    """
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
