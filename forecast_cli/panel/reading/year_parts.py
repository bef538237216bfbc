"""Combine a column of years with columns of months, days, quarters or weeks into dates."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.counting import count_within, moves_as_time, needs_another_part
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.month_names import month_numbers
from forecast_cli.panel.reading.numbers import whole_numbers
from forecast_cli.panel.reading.part_names import HIGHEST, is_epidemic, part_of
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.weeks import first_days_of_weeks

log = logging.getLogger(__name__)

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

MIN_YEAR, MAX_YEAR = 1000, 9999
PARTS_OF_YEAR = ("month", "quarter", "half-year", "week", "day of year")
"""Parts that form a date together with a year alone. A day, in contrast, also needs a month."""
MONTHS = {"month": 1, "quarter": 3, "half-year": 6}
COUNTED = {12: "month", 52: "week", 53: "week", 365: "day of year", 366: "day of year"}
"""Highest number in each year -> part of a date, for a column whose name is not that of a part: 1 to 12 are months."""
COUNTED_PERIODS = COUNTED | {2: "half-year", 4: "quarter"}
"""As COUNTED, for columns named "period": 1 to 4 are quarters there."""


@dataclass(frozen=True)
class DateParts:
    """The dates that several columns form together.

    columns:  the indices of the columns, the longest part of the date first: year, month, day
    part:     the shortest part in `columns`: one of PARTS_OF_YEAR, or "day"
    days:     (rows,) datetime64[D], the first day of the `part`: of the month, for example
    bad:      (rows,) bool, True for dates that do not exist, such as 31 February
    """

    columns: tuple[int, ...]
    part: str
    days: Days
    bad: NDArray[np.bool_]

    @property
    def are_days(self) -> bool:
        """Whether each date is a single day, and not a longer period such as a month."""
        return self.part in ("day", "day of year")


def read_year_parts(table: RawTable, others: Sequence[int]) -> DateParts | None:
    """The dates of a table with a column of years and columns of months, weeks etc.; None if it has no such columns.

    If the columns can be combined in several ways, the way with the most different dates is used. Months, quarters or
    weeks that give no more different dates than the years alone are not used: the result is None, unless all rows have
    the same year.

    others: the indices of the columns to check

    Raises DataError if a column is named like a part of a date, and most of its cells, but not all, are such a part.
    Also raises DataError if a week does not exist in its year.
    """
    year, years = first_readable(table, others, "year", MIN_YEAR, MAX_YEAR)
    if year is None or years is None:
        if any(part_of(table.names[column]) in PARTS_OF_YEAR for column in others):
            _refuse_unreadable(table, others, "year", MIN_YEAR, MAX_YEAR)
        return None
    others = [column for column in others if column != year]
    readings = _readings(table, others, year, years)
    best = max(readings, key=lambda reading: len(np.unique(reading.days)), default=None)
    if best is None or (len(np.unique(best.days)) <= len(np.unique(years)) > 1 and not best.are_days):
        if len(np.unique(years)) < len(years):
            for part in PARTS_OF_YEAR:
                _refuse_unreadable(table, others, part, 1, HIGHEST[part])
        return None
    if best.part == "week" and best.bad.any():
        _refuse_week(table, best, years)
    return best


def first_readable(
    table: RawTable, others: Sequence[int], part: str, low: int, high: int
) -> tuple[int, Ints] | tuple[None, None]:
    """The first column that is named like `part` and holds only numbers of it, as (column index, numbers (rows,)).

    others: the indices of the columns to check
    part:   a part of a date, such as "month"; month names count as numbers
    low, high: the lowest and the highest number that the part can have

    Returns (None, None) if there is no such column.
    """
    for column in (i for i in others if part_of(table.names[i]) == part):
        numbers = _numbers_of(part, table.cells[:, column], low, high)
        if numbers is not None:
            return column, numbers
    return None, None


def _numbers_of(part: str, cells: NDArray[Any], low: int, high: int) -> Ints | None:
    return month_numbers(cells) if part == "month" else whole_numbers(cells, low, high)


def _readings(table: RawTable, others: Sequence[int], year: int, years: Ints) -> list[DateParts]:
    """All ways to combine the years with another column, or with two (month and day); [] if there is no way.

    Columns are chosen by their names. If no name fits, the numbers in the columns decide (see `_counted`).

    others: the indices of the columns without the years
    year:   the index of the column of years
    years:  (rows,) its numbers
    """
    readings = []
    for part in PARTS_OF_YEAR:
        column, numbers = first_readable(table, others, part, 0 if part == "week" else 1, HIGHEST[part])
        if column is not None and numbers is not None:
            readings.append(_dates_of(part, years, numbers, (year, column), table.names[column]))
    day, days = first_readable(table, others, "day", 1, HIGHEST["day of year"])
    if day is not None and days is not None:
        if readings and readings[0].part == "month":
            readings[0] = with_days(readings[0], day, days)
        elif days.max() > 31:
            readings.append(_dates_of("day of year", years, days, (year, day)))
    return readings or _counted(table, others, year, years)


def _counted(table: RawTable, others: Sequence[int], year: int, years: Ints) -> list[DateParts]:
    """The dates from a column whose name is not that of a part, but whose numbers count through each year: 1 to 12.

    The highest number in each year must be a key of COUNTED, or of COUNTED_PERIODS for a column named "period". Returns
    a list of one element, or [] if no column is like this, or more than one.

    others: the indices of the columns without the years
    year:   the index of the column of years
    years:  (rows,) its numbers
    """
    codes: NDArray[np.intp] = factorize(years)[0]
    fitting: list[tuple[int, str, Ints]] = []
    for column in others:
        name = table.names[column]
        numbers = whole_numbers(table.cells[:, column], 1, HIGHEST["day of year"])
        count = count_within(codes, numbers) if numbers is not None else None
        if numbers is None or count is None or ColumnName(name).may_be_id:
            continue
        is_period = part_of(name) == "period"
        part = (COUNTED_PERIODS if is_period else COUNTED).get(count.size)
        in_order = is_period or moves_as_time(table, codes, numbers, count.size, others, column)
        if part is not None and in_order and needs_another_part(table, codes, others, column):
            fitting.append((column, part, numbers))
    if len(fitting) != 1:
        return []
    column, part, numbers = fitting[0]
    name = table.names[column]
    if part_of(name) != "period":
        log.warning(
            "%s: column '%s' counts 1 to %d in each year: taken for the %s (%s makes it the id of series)",
            table.name,
            name,
            numbers.max(),
            part,
            mention("id-column", name),
        )
    return [_dates_of(part, years, numbers, (year, column), name)]


def _dates_of(part: str, years: Ints, numbers: Ints, columns: tuple[int, ...], name: str = "") -> DateParts:
    """The dates that years and numbers form: "quarter", 2024 and 2 -> 2024-04-01.

    part:    the part of a date that `numbers` count, one of PARTS_OF_YEAR
    years, numbers: (rows,)
    columns: the indices of the columns of years and numbers
    name:    the column name of `numbers`; it may say that weeks are those of US health reports (MMWR)
    """
    new_year = (years - 1970).astype("datetime64[Y]")
    if part == "week":
        first, bad = first_days_of_weeks(years, numbers, epidemic=is_epidemic(name))
        return DateParts(columns, part, first.astype("datetime64[D]"), bad)
    if part == "day of year":
        days = new_year.astype("datetime64[D]") + (numbers - 1).astype("timedelta64[D]")
        return DateParts(columns, part, days, days.astype("datetime64[Y]") != new_year)
    months = new_year.astype("datetime64[M]") + MONTHS[part] * (numbers - 1)
    return DateParts(columns, part, months.astype("datetime64[D]"), np.zeros(len(years), dtype=bool))


def with_days(months: DateParts, column: int, numbers: Ints) -> DateParts:
    """The dates that months and days form.

    months:  dates whose part is "month"
    column:  the index of the column with the days
    numbers: (rows,) the days of the month, 1 to 31
    """
    days = months.days + (numbers - 1)
    bad = days.astype("datetime64[M]") != months.days.astype("datetime64[M]")
    return DateParts((*months.columns, column), "day", days, bad)


def _refuse_week(table: RawTable, parts: DateParts, years: Ints) -> None:
    row, column = int(np.argmax(parts.bad)), parts.columns[1]
    raise DataError(
        f"{table.where(row, table.names[column])}: {years[row]} has no week {table.cells[row, column]}, neither in "
        "ISO 8601 nor in the epidemiological weeks of the MMWR.",
        "Write the first day of each week as 2024-01-31.",
    )


def _refuse_unreadable(table: RawTable, others: Sequence[int], part: str, low: int, high: int) -> None:
    """Raise DataError if a column is named like `part` and most of its cells, but not all, are such a part.

    Without this error the column would be ignored, and all rows of a year would have the same date.
    """
    for column in (i for i in others if part_of(table.names[i]) == part):
        codes, texts = factorize(table.cells[:, column])
        distinct = texts.reshape(-1, 1)
        readable = np.array([_numbers_of(part, text, low, high) is not None for text in distinct])[codes]
        if 0.5 < readable.mean() < 1:
            row = int(np.argmin(readable))
            where, text = table.where(row, table.names[column]), table.cells[row, column]
            raise DataError(
                f"{where}: '{text}' is not a {part} like the others.",
                f"Correct it, or name the column of dates with {mention('date-column')}.",
            )
