"""Find the season length in the values of files without readable dates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

SEASONS = (4, 7, 12, 24, 48, 52, 96, 168, 365)
"""The lengths that are tried: quarters, days of a week, months, hours, half hours, weeks, quarters of an hour."""
MIN_SEASONS = 3
"""Minimum seasons in a series."""
MIN_CORRELATION, MIN_STANDARD_ERRORS = 0.3, 2.5
"""Minimum correlation of changes, and its minimum times sqrt(length): short series vary by chance."""
MAX_SHORTER_LOSS = 0.1
"""A longer season replaces a shorter one only if its correlation is higher by more than this: not 24 for 12."""
MAX_SERIES = 200
"""Only so many series, the longest, are used."""


def season_in_values(panel: Panel) -> int:
    """The common season length of the series, in steps; 1 if they have no season.

    At this lag, the changes from step to step repeat: their mean autocorrelation is high, and higher than at the lags
    one step shorter and one step longer. This excludes trends and slow movements.
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
    """The autocorrelations of a series' changes at the lags `season` - 1, `season` and `season` + 1."""
    known = np.flatnonzero(~np.isnan(values))
    changes = np.diff(np.interp(np.arange(len(values)), known, values[known]))
    changes = changes - changes.mean()
    power = float(changes @ changes)
    lags = (season - 1, season, season + 1)
    return [float(changes[lag:] @ changes[:-lag]) / power if power > 0 else 0.0 for lag in lags]
