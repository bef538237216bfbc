"""Find the season length in the values alone, for series without dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]

SEASONS = (4, 5, 7, 12, 24, 48, 52, 60, 96, 144, 168, 288, 365)
"""The season lengths that are tried, in steps: 4 quarters, 5 or 7 days, 12 months, 24 hours, 48 half hours, ..."""
MIN_CYCLES = 3
"""A season length of s steps is tried only with series that have at least this many cycles of s + 1 steps, because the
length s + 1 is tried for comparison."""
MIN_GAIN, MIN_STANDARD_ERRORS = 0.2, 2.5
"""The mean gain of a season length (see `season_in_values`) must be above MIN_GAIN, and above MIN_STANDARD_ERRORS /
sqrt(p), where p is the mean number of points that a series has in its cycles after the first."""
MIN_LEAD = 0.02
"""The mean gain must exceed the mean gains of the lengths s - 1 and s + 1 by this much. Slow movements of the values
give all three lengths about the same gain."""
MIN_LEAD_OVER_SHORTER = 0.1
"""A longer season replaces a shorter one only if its mean gain is higher by this. Otherwise 24 could replace 12."""
MIN_WON, MIN_RATIO = 0.75, 2.0
"""At least the fraction MIN_WON of the cycles must have a gain above 0, and the mean gain must be above MIN_RATIO times
its standard error over the cycles. Cycles of changing length fail here."""
MAX_SERIES = 200
"""Only this many series are used, the longest ones."""


def season_in_values(panel: Panel) -> int:
    """The season length that all series have in common, in steps; 1 if they have no season.

    The evidence is out of sample. Each cycle of a series, without its level and trend, is compared with the mean of the
    cycles before it, the profile:

        gain = 1 - sum of squares (cycle - profile) / sum of squares (cycle)

    The trend of a cycle is the slope between the levels of the cycles before and after it, so it contains no season.
    """
    longest = np.argsort(panel.lengths)[::-1][:MAX_SERIES]
    series = [_filled(panel.values[panel.indptr[i] : panel.indptr[i + 1]]) for i in longest if panel.lengths[i]]
    found, best = 1, 0.0
    for season in SEASONS:
        possible = [values for values in series if len(values) >= MIN_CYCLES * (season + 1)]
        if not possible:
            break
        gains = _gains(possible, season)
        beside = max(_gains(possible, season + change, season + 1).mean() for change in (-1, 1))
        points = np.mean([len(values) // (season + 1) - 1 for values in possible]) * season
        needed = max(MIN_GAIN, MIN_STANDARD_ERRORS / np.sqrt(points), beside + MIN_LEAD)
        if found > 1:
            shorter = _gains(possible, season, tiled=found).mean() if season % found == 0 else best
            needed = max(needed, shorter + MIN_LEAD_OVER_SHORTER)
        if gains.mean() > needed and _is_steady(gains):
            found, best = season, float(gains.mean())
    return found


def with_season_before(panel: Panel, hidden: int | NDArray[np.int64]) -> Panel:
    """Find the season length again without the last `hidden` points of each series, and set it in the panel.

    The hidden points are held out, so they must have no influence on the season length. `season_found` of the result is
    False. A panel whose season length was not found in its values is returned unchanged.

    hidden: one number for all series, or (n,) one for each
    """
    if not panel.season_found:
        return panel
    return replace(panel, season_length=season_in_values(panel.drop_last(hidden)), season_found=False)


def _is_steady(gains: Floats) -> bool:
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    return bool((gains > 0).mean() >= MIN_WON and gains.mean() > MIN_RATIO * error)


def _filled(values: Floats) -> Floats:
    """The values of one series, with missing ones interpolated linearly; zeros if all are missing."""
    known = np.flatnonzero(~np.isnan(values))
    return np.interp(np.arange(len(values)), known, values[known]) if len(known) else np.zeros(len(values))


def _gains(series: Sequence[Floats], season: int, counted_by: int | None = None, tiled: int | None = None) -> Floats:
    """Return the gain (cycles,) in each cycle of all series, without the first cycle of each; see `season_in_values`.

    Here the denominator of the gain is the mean of this sum over the cycles of the series, not the sum of the one
    cycle.

    series:     the values of each series, without NaN
    season:     the season length to try, in steps
    counted_by: the length that decides how many cycles a series has; None means season + 1
    tiled:      the length of a shorter season whose profile is repeated; None uses the profile of `season`
    """
    gains = []
    for values in series:
        number = len(values) // (counted_by or season + 1)
        cycles = values[len(values) - number * season :].reshape(number, season)
        level = cycles.mean(axis=1)
        slope = np.gradient(level) / season
        cycles = cycles - level[:, None] - slope[:, None] * (np.arange(season) - (season - 1) / 2)
        profile = np.cumsum(cycles, axis=0)[:-1] / np.arange(1, number)[:, None]
        if tiled:
            mean = profile.reshape(number - 1, season // tiled, tiled).mean(axis=1)
            profile = np.tile(mean, (1, season // tiled))
        power = (cycles[1:] ** 2).sum(axis=1)
        missed = ((cycles[1:] - profile) ** 2).sum(axis=1)
        gains.append((power - missed) / max(float(power.mean()), np.finfo(np.float64).tiny))
    return np.concatenate(gains)
