"""What came of what was forecast: the values of data at the times of forecasts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast_cli.jobs.ledger.records import Floats, Ints, as_counts
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import rows_of


def values_at(panel: Panel, series: Sequence[str], at: Ints) -> Floats:
    """The values (k,) of the k named series at the times `at` (k,), see `as_counts`; NaN where there is none.

    The panel has one point at least.
    """
    row_of = {name: row for row, name in enumerate(panel.ids.tolist())}
    rows = np.array([row_of.get(name, -1) for name in series], dtype=np.int64)
    times = as_counts(panel.times)
    moments = np.unique(times)
    keys = rows_of(panel.indptr) * len(moments) + np.searchsorted(moments, times)
    wanted = rows * len(moments) + np.searchsorted(moments, at)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    there = (keys[place] == wanted) & (times[place] == at)
    return np.where(there, panel.values[place], np.nan)
