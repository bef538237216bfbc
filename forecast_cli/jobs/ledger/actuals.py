"""Look up the actual values of a panel at the times of forecasts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.jobs.ledger.records import Floats, Ints, as_integers
from forecast_cli.panel.panel import Panel, row_by_id


def values_at(panel: Panel, series: Sequence[str], times: Ints) -> Floats:
    """(k,) the values of a panel at k points, each given by series and time; NaN where the panel has no such point.

    panel:  must have at least one point
    series: the ids of the k series
    times:  (k,) the times as integers: nanoseconds since 1970, or step numbers
    """
    row_of = row_by_id(panel.ids)
    rows = np.array([row_of.get(name, -1) for name in series], dtype=np.int64)
    known_times = as_integers(panel.times)
    grid = np.unique(known_times)
    keys = panel.rows * len(grid) + np.searchsorted(grid, known_times)
    wanted = rows * len(grid) + np.searchsorted(grid, times)
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    exists = (keys[position] == wanted) & (known_times[position] == times)
    return np.where(exists, panel.values[position], np.nan)
