"""Find the columns that only repeat a part of the date, such as its month or its day of the week.

They are neither values nor ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.numbers import whole_numbers
from forecast_cli.panel.reading.time_column import TimeColumn
from forecast_cli.panel.reading.weeks import MONDAY, SUNDAY

Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]

SAMPLE_ROWS = 2000
MAX_NUMBER = 999_999


def calendar_columns(time: TimeColumn, columns: Sequence[RawColumn]) -> list[RawColumn]:
    """The columns that are named like a part of a date, and whose cells are this part of the row's date; [] if none."""
    candidates = [column for column in columns if column.label.part]
    if not candidates:
        return []
    number = len(time.column.cells)
    rows = np.linspace(0, number - 1, min(SAMPLE_ROWS, number)).astype(np.intp)
    readings = [reading.take(rows) for reading in time.readings if reading.dated]
    known = [(reading.local, ~(reading.bad | reading.missing)) for reading in readings]
    return [
        column
        for column in candidates
        if any(good.any() and _follows(column.label.part, column.cells[rows][good], t[good]) for t, good in known)
    ]


def _follows(part: str, cells: NDArray[Any], times: Times) -> bool:
    """Whether each cell (rows,) shows a part of its row's time (rows,), in any numbers or words.

    For years, `_are_years` decides. For weeks, it is enough if `_are_numbered_weeks` is true. Otherwise, the cells must
    agree with one of the functions in FOLLOWS_FROM[part]: rows with the same value of the function have the same cell,
    and rows with different values have different cells, unless there are at most COARSER_PARTS[part] different cells.

    part: the part of the date: "year", or a key of FOLLOWS_FROM
    """
    if part == "year":
        return _are_years(cells, times)
    if part == "week" and _are_numbered_weeks(cells, times):
        return True
    codes: Ints = factorize(cells)[0].astype(np.int64)
    different = len(np.unique(codes))
    for values in (value_of(times) for value_of in FOLLOWS_FROM[part]):
        pairs = np.unique(np.stack([codes, values]), axis=1).shape[1]
        as_many = pairs == different or different <= COARSER_PARTS.get(part, 0)
        if pairs == len(np.unique(values)) and as_many:
            return True
    return False


def _are_years(cells: NDArray[Any], times: Times) -> bool:
    """Whether cells are the calendar or fiscal years of the times. The first year may have any number: 0, 1, 2, ..."""
    numbers = whole_numbers(cells, 0, MAX_NUMBER)
    if numbers is None:
        return False
    ahead = numbers - times.astype("datetime64[Y]").astype(np.int64)
    return bool(ahead.max() - ahead.min() <= 1)


def _are_numbered_weeks(cells: NDArray[Any], times: Times) -> bool:
    """Whether cells are the numbers of the times' weeks, in any system of numbering weeks.

    A number may differ by 1 from (days since 1 January) // 7 + 1. Of a number such as 202407, only the last two digits
    are compared.
    """
    numbers = whole_numbers(cells, 0, MAX_NUMBER)
    if numbers is None:
        return False
    away = np.abs(numbers % 100 - (_day_of_year(times) // 7 + 1))
    return bool((np.minimum(away, 52 - away) <= 1).all())


def _monday_week(times: Times) -> Ints:
    return (times.astype("datetime64[D]").astype(np.int64) - MONDAY) // 7


def _sunday_week(times: Times) -> Ints:
    return (times.astype("datetime64[D]").astype(np.int64) - SUNDAY) // 7


def _month(times: Times) -> Ints:
    months: Ints = times.astype("datetime64[M]").astype(np.int64)
    return months


def _quarter(times: Times) -> Ints:
    return _month(times) // 3


def _half_year(times: Times) -> Ints:
    return _month(times) // 6


def _month_of_year(times: Times) -> Ints:
    return _month(times) % 12


def _day(times: Times) -> Ints:
    return _days_since(times, "M")


def _day_of_year(times: Times) -> Ints:
    return _days_since(times, "Y")


def _days_since(times: Times, start_of: str) -> Ints:
    days = times.astype("datetime64[D]") - times.astype(f"datetime64[{start_of}]").astype("datetime64[D]")
    number: Ints = days.astype(np.int64)
    return number


def _weekday(times: Times) -> Ints:
    return times.astype("datetime64[D]").astype(np.int64) % 7


def _minute(times: Times) -> Ints:
    minutes: Ints = (times - times.astype("datetime64[D]")).astype("timedelta64[m]").astype(np.int64)
    return minutes


FOLLOWS_FROM: dict[str, tuple[Callable[[Times], Ints], ...]] = {
    "year and quarter": (_quarter,),
    "year and month": (_month,),
    "year and week": (_monday_week, _sunday_week),
    "half-year": (_month_of_year, _half_year),
    "quarter": (_month_of_year, _quarter),
    "week": (_monday_week, _sunday_week),
    "month": (_month_of_year, _month),
    "weekday": (_weekday,),
    "weekend": (_weekday,),
    "day": (_day, _weekday, _day_of_year),
    "day of year": (_day_of_year,),
    "hour": (_minute,),
    "minute": (_minute,),
    "period": (_minute,),
}
"""Part of a date -> functions that compute it, or a shorter part, from times. A column may show any one of them."""
COARSER_PARTS = {"half-year": 2, "quarter": 4, "weekend": 2, "hour": 24, "minute": 60}
"""Part of a date -> how many different values it has, for parts whose function in FOLLOWS_FROM computes a shorter part.

For half-years the function computes months: there are 12 months, but 2 half-years.
"""
