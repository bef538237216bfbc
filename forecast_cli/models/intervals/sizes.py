"""The size of a series at a point: the mean absolute value over the last season. Forecast errors grow with it."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints, mean_size
from forecast_cli.panel.panel import Panel

MIN_RECENT = 4
"""The size is averaged over one season, at least over this many points."""

MIN_FRACTION = 0.1
"""A size below this fraction of the mean absolute value of the whole series is raised to it."""


def recent_size(panel: Panel) -> int:
    """The number of points over which the size is averaged."""
    return max(panel.season_length, MIN_RECENT)


def sizes_at(panel: Panel, offsets: Ints) -> Floats:
    """(n,) the recent mean absolute value of each series without its last `offsets` (n,) points; above 0."""
    known = np.isfinite(panel.values)
    total = np.r_[0.0, np.cumsum(np.where(known, np.abs(panel.values), 0.0))]
    count = np.r_[0, np.cumsum(known)]
    ends = panel.indptr[1:] - offsets
    starts = np.maximum(ends - recent_size(panel), panel.indptr[:-1])
    means = (total[ends] - total[starts]) / np.maximum(count[ends] - count[starts], 1)
    usual = mean_size(panel)
    return np.asarray(np.maximum(means, np.where(usual > 0, MIN_FRACTION * usual, 1.0)))
