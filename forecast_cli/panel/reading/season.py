"""Find the season length from the values alone, for files whose dates cannot be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

SEASONS = (4, 7, 12, 24, 48, 52, 96, 168, 365)
"""The season lengths that are tried, in steps: 4 quarters, 7 days, 12 months, 24 hours, 48 half hours, 52 weeks, ..."""
MIN_SEASONS = 3
"""A season length is tried only with series that have at least this many seasons."""
MIN_CORRELATION, MIN_STANDARD_ERRORS = 0.3, 2.5
"""The autocorrelation of a season must be at least MIN_CORRELATION. In short series it is often high by chance, so it
must also be at least MIN_STANDARD_ERRORS / sqrt(length of the series)."""
MAX_SHORTER_LOSS = 0.1
"""A longer season replaces a shorter one only if its autocorrelation is higher by more than this. Else 24 could replace
12, because it is a multiple."""
MAX_SERIES = 200
"""Only the longest series are used, at most this many."""


def season_in_values(panel: Panel) -> int:
    """The season length that all series have in common, in steps; 1 if they have no season.

    The changes from step to step repeat after one season. So their autocorrelation, averaged over the series, is high
    at this lag, and higher than at the lags one step shorter and one step longer. Trends and slow movements have no
    such peak.
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
    """The autocorrelations of the changes from step to step at the lags `season` - 1, `season` and `season` + 1.

    values: (length,) the values of one series; NaN is interpolated
    """
    known = np.flatnonzero(~np.isnan(values))
    changes = np.diff(np.interp(np.arange(len(values)), known, values[known]))
    changes = changes - changes.mean()
    power = float(changes @ changes)
    lags = (season - 1, season, season + 1)
    return [float(changes[lag:] @ changes[:-lag]) / power if power > 0 else 0.0 for lag in lags]
