"""The first day of a numbered week, such as week 5 of 2024.

Two systems exist: the weeks of ISO 8601, and the weeks of US health reports (MMWR), also called epidemiological weeks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MONDAY, SUNDAY = 4, 3
"""The number of days since 1970-01-01, modulo 7: it is 4 for each Monday, and 3 for each Sunday."""


def first_days_of_weeks(years: Ints, weeks: Ints, *, epidemic: bool = False) -> tuple[Ints, NDArray[np.bool_]]:
    """Return two arrays (rows,): the first day of each week in days since 1970-01-01, and True where it does not exist.

    In both systems, week 1 contains 4 January. ISO weeks start on Monday, MMWR weeks on Sunday. Some years have a week
    53 in one system only. If some weeks do not exist in the probable system, and all exist in the other, the other is
    used.

    years, weeks: (rows,) the year and the number of each week
    epidemic:     True if the weeks are probably of the MMWR, False if they are probably ISO weeks
    """
    weekdays = (SUNDAY, MONDAY) if epidemic else (MONDAY, SUNDAY)
    readings = [_first_days(years, weeks, weekday) for weekday in weekdays]
    return next((reading for reading in readings if not reading[1].any()), readings[0])


def _first_days(years: Ints, weeks: Ints, weekday: int) -> tuple[Ints, NDArray[np.bool_]]:
    first, following = (_first_week(each, weekday) for each in (years, years + 1))
    days = first + 7 * (weeks - 1)
    return days, (weeks < 1) | (days >= following)


def _first_week(years: Ints, weekday: int) -> Ints:
    fourth = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 3
    first: Ints = fourth - (fourth - weekday) % 7
    return first
