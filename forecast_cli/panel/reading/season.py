"""Look for the season in the values, for files whose dates cannot be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

SEASONS = (4, 7, 12, 24, 48, 52, 96, 168, 365)
"""The lengths that are tried: quarters, days of a week, months, hours, half hours, weeks, quarters of an hour."""
MIN_SEASONS = 3
"""A series must have so many seasons."""
MIN_CORRELATION, MIN_STANDARD_ERRORS = 0.3, 2.5
"""How high the correlation of changes must be, also for short series, in which it is high by chance."""
MAX_SHORTER_LOSS = 0.1
"""A shorter season is preferred unless its correlation is lower by more than this: 12 is not taken for 24."""
MAX_SERIES = 200
"""Series that are looked at, the longest ones."""


def season_in_values(panel: Panel) -> int:
    """The season length of most series, in steps; 1 if there is none.

    It is the length at which the changes from step to step repeat: their correlation with those of a season before is
    high, and higher than with those a step closer or further. Trends and slow movements have none.
    """
    longest = np.argsort(panel.lengths)[::-1][:MAX_SERIES]
    series = [panel.values[panel.indptr[i] : panel.indptr[i + 1]] for i in longest]
    found, best = 1, 0.0
    for season in SEASONS:
        possible = [values for values in series if len(values) >= MIN_SEASONS * season]
        if not possible:
            break
        before, at, after = np.mean([_correlations(values, season) for values in possible], axis=0)
        length = np.mean([len(values) for values in possible])
        needed = max(MIN_CORRELATION, MIN_STANDARD_ERRORS / np.sqrt(length), best + MAX_SHORTER_LOSS * (found > 1))
        if at > max(before, after, needed):
            found, best = season, at
    return found


def _correlations(values: NDArray[np.float64], season: int) -> list[float]:
    """The correlation of the changes of a series with those `season` - 1, `season` and `season` + 1 steps before."""
    known = np.flatnonzero(~np.isnan(values))
    changes = np.diff(np.interp(np.arange(len(values)), known, values[known]))
    changes = changes - changes.mean()
    power = float(changes @ changes)
    lags = (season - 1, season, season + 1)
    return [float(changes[lag:] @ changes[:-lag]) / power if power > 0 else 0.0 for lag in lags]
