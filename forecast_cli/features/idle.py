"""Idle places: positions in a season at which a series always has its lowest value, such as the hours of the night in
solar power, or closed Sundays."""

from __future__ import annotations

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints

SEASONS, MIN_SEASONS = 10, 3
"""The last SEASONS seasons decide which places are idle; there must be at least MIN_SEASONS."""

MAX_BY_CHANCE = 0.05
"""The largest expected number of places that are idle by chance. If the number is higher, as in counts with many zeros,
no place is idle."""

MAX_VALUES = 4_000_000
"""The largest number of past values in one batch; it limits the memory."""


def idle_values(values: Floats, start: Ints, origins: Ints, season_length: int, horizon: int) -> Floats:
    """(k, horizon) the lowest value of the series at the idle steps after each of k origins; NaN at the other steps.

    It is the lowest value in the last SEASONS seasons up to the origin. A place of the season is idle if the series had
    this value there in each of these seasons, and if this is hardly chance (see MAX_BY_CHANCE).

    values:        (N,) the values of all series, end to end, without missing values
    start:         (k,) the index of the first point of the series of each origin
    origins:       (k,) the indices of the origins
    season_length: the number of steps in a season

    >>> series = np.array([0, 0, 5, 7, 0, 0, 6, 4, 0, 0, 3, 8.0])
    >>> idle_values(series, np.array([0]), np.array([11]), 4, 6).tolist()
    [[0.0, 0.0, nan, nan, 0.0, 0.0]]
    """
    if season_length < 2:
        return np.full((len(origins), horizon), np.nan)
    size = max(1, MAX_VALUES // (SEASONS * season_length))
    parts = [slice(at, at + size) for at in range(0, len(origins), size)]
    idle = [_idle(values, start[part], origins[part], season_length) for part in parts]
    return np.concatenate([np.empty((0, season_length)), *idle])[:, np.arange(horizon) % season_length]


def _idle(values: Floats, start: Ints, origins: Ints, season_length: int) -> Floats:
    """(k, season_length) the lowest value at the idle places of the season that begins after each origin; else NaN."""
    at = origins[:, None] + np.arange(1 - SEASONS * season_length, 1)
    shape = (len(origins), SEASONS, season_length)
    inside = np.asarray((at >= start[:, None]).reshape(shape).all(axis=2))[:, :, None]
    past = values[np.maximum(at, start[:, None])].reshape(shape)
    lowest = np.where(inside, past, np.inf).min(axis=(1, 2))
    at_lowest = np.equal(past, lowest[:, None, None]) & inside
    seasons = inside.sum(axis=(1, 2))
    idle = (at_lowest.sum(axis=1) == seasons[:, None]) & (seasons >= MIN_SEASONS)[:, None]
    others = (~idle).sum(axis=1) * seasons
    lowest_count = (at_lowest & ~idle[:, None]).sum(axis=(1, 2))
    by_chance = season_length * np.where(others > 0, lowest_count / np.maximum(others, 1), 1.0) ** seasons
    return np.where(idle & (by_chance < MAX_BY_CHANCE)[:, None], lowest[:, None], np.nan)
