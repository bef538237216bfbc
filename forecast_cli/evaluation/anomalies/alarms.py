"""Group alarms that are near each other: each group is one anomaly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WITHOUT_SEASON = 24
"""The number of steps that replaces the season of a series without one."""


def season_steps(season_length: int) -> int:
    """The number of steps in one season; WITHOUT_SEASON if there is no season (length 1)."""
    return season_length if season_length > 1 else WITHOUT_SEASON


def gap_of(season_length: int) -> int:
    """The largest number of steps between two alarms of one anomaly: half a season; 12 without a season (length 1)."""
    return max(1, season_steps(season_length) // 2)


def grouped(alarms: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Return the indices of the first and the last step of each anomaly.

    An anomaly is a group of alarms, in which neighbouring alarms are at most `gap` steps apart.

    alarms: (L,) True where a step is an alarm

    >>> grouped(np.array([True, False, True, False, False, False, True]), 2)
    [(0, 2), (6, 6)]
    """
    at = np.flatnonzero(alarms)
    if len(at) == 0:
        return []
    begins = np.flatnonzero(np.r_[True, np.diff(at) > gap])
    return [(int(at[first]), int(at[last - 1])) for first, last in zip(begins, [*begins[1:], len(at)], strict=True)]
