"""Combine dates that are spread over several columns in one column of dates."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.calendar_columns import without_calendar_columns
from forecast_cli.panel.reading.clock_columns import find_clock
from forecast_cli.panel.reading.columns import ID_NAMES, plain
from forecast_cli.panel.reading.counting import SAMPLE_ROWS, count_within, needs_another_part
from forecast_cli.panel.reading.dates import Timestamps, read_clock, read_dates
from forecast_cli.panel.reading.month_names import month_numbers
from forecast_cli.panel.reading.numbers import whole_numbers
from forecast_cli.panel.reading.numeric_dates import are_calendar_days
from forecast_cli.panel.reading.part_names import is_epidemic, part_of
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.weeks import first_days_of_weeks
from forecast_cli.panel.reading.wide_months import unpivot_months

log = logging.getLogger(__name__)

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

MAX_COLUMNS = 50
"""Columns searched for parts of dates. Those after it are series of a wide file."""
MIN_YEAR, MAX_YEAR = 1000, 9999
HIGHEST = {"month": 12, "quarter": 4, "half-year": 2, "week": 53, "day of year": 366}
"""The parts of a date that need a year and nothing else, with their highest number."""
MONTHS = {"month": 1, "quarter": 3, "half-year": 6}
COUNTED = {12: "month", 52: "week", 53: "week", 365: "day of year", 366: "day of year"}
"""The part that a column of any name holds if it counts so many in each year."""
COUNTED_PERIODS = COUNTED | {2: "half-year", 4: "quarter"}
"""The same for a column called period."""


@dataclass(frozen=True)
class DateParts:
    """A way to read several columns as dates.

    columns:  the columns, the year first
    part:     the part beside the year, a key of `HIGHEST`
    days:     (rows,) datetime64[D]
    bad:      (rows,) bool, dates that do not exist
    """

    columns: tuple[int, ...]
    part: str
    days: Days
    bad: NDArray[np.bool_]

    @property
    def are_days(self) -> bool:
        """Whether the dates are single days, not longer periods."""
        return self.part == "day of year" or len(self.columns) > 2


def combine_date_columns(table: RawTable, named: Collection[str] = ()) -> RawTable:
    """`table` with its dates combined in one column, and without columns that follow from the date.

    named: columns that the user named; they are no parts of dates

    Raises DataError if columns are parts of a date by their names and do not hold such.
    """
    date_columns = _date_columns(table)
    if len(date_columns) > 1:  # beside a date, a column of months or weeks follows from it
        date_columns = [i for i in date_columns if part_of(table.names[i]) in ("", "day")] or date_columns
    if len(date_columns) > 1:
        return table
    if date_columns:
        combined = _add_clock(table, date_columns[0], named) or table
        return without_calendar_columns(combined, table.names[date_columns[0]], named)
    if (months := unpivot_months(table)) is not None:
        return months
    return _combine_parts(table, named) or table


def _date_columns(table: RawTable) -> list[int]:
    return [i for i, cells in enumerate(table.cells[:SAMPLE_ROWS, :MAX_COLUMNS].T) if _are_dates(cells)]


def _are_dates(cells: NDArray[Any]) -> bool:
    if all(len(cell) == 8 and cell.isdigit() for cell in cells):
        return are_calendar_days(cells.astype(np.float64))
    return any(reading.valid_fraction == 1 for reading in read_dates(cells))


def _others(table: RawTable, taken: Collection[int], named: Collection[str]) -> list[int]:
    """The columns that may hold a further part of the date."""
    return [i for i, name in enumerate(table.names[:MAX_COLUMNS]) if i not in taken and name not in named]


def _add_clock(table: RawTable, date: int, named: Collection[str]) -> RawTable | None:
    """Add the time of day from a column of its own to the column of dates; None without such a column."""
    if any(":" in text for text in table.cells[:SAMPLE_ROWS, date]):
        return None
    clock = find_clock(table, _others(table, [date], named), table.cells[:, date])
    if clock is None:
        return None
    return _with_combined(table, [date, *clock.columns], table.cells[:, date] + " " + clock.texts)


def _combine_parts(table: RawTable, named: Collection[str]) -> RawTable | None:
    """Combine a column of years with one of months (and days), quarters, weeks or others, and the time of day."""
    others = _others(table, [], named)
    year, years = _first_readable(table, others, "year", MIN_YEAR, MAX_YEAR)
    if year is None or years is None:
        return None
    others.remove(year)
    readings = _readings(table, others, year, years)
    best = max(readings, key=lambda reading: len(np.unique(reading.days)), default=None)
    if best is None or len(np.unique(best.days)) <= len(np.unique(years)) > 1:
        _refuse_unreadable(table, others, years)
        return None
    if best.part == "week" and best.bad.any():
        _refuse_week(table, best, years)
    return _combined(table, best, named)


def _refuse_week(table: RawTable, parts: DateParts, years: Ints) -> None:
    row, column = int(np.argmax(parts.bad)), parts.columns[1]
    raise DataError(
        f"{table.where(row, table.names[column])}: {years[row]} has no week {table.cells[row, column]}, neither in "
        "ISO 8601 nor in the epidemiological weeks of the MMWR.",
        "Write the first day of each week as 2024-01-31.",
    )


def _combined(table: RawTable, parts: DateParts, named: Collection[str]) -> RawTable:
    names = [table.names[column] for column in parts.columns]
    log.info("%s: the date is in the columns %s", table.name, " and ".join(f"'{name}'" for name in names))
    columns = list(parts.columns)
    texts = table.cells[:, columns[0]]
    for column in columns[1:]:
        texts = texts + "-" + table.cells[:, column]
    timestamps = Timestamps.of_days(parts.days, bad=parts.bad)
    if parts.are_days and not timestamps.bad.any():
        dates = parts.days.astype(str).astype(object)
        clock = find_clock(table, _others(table, columns, named), dates)
        if clock is not None:
            timestamps = Timestamps.of_days(parts.days, *read_clock(clock.texts))
            texts = texts + " " + clock.texts
            columns += clock.columns
    combined = _with_combined(table, columns, texts)
    combined = replace(combined, timestamps={names[0]: timestamps})
    return without_calendar_columns(combined, names[0], named)


def _first_readable(
    table: RawTable, others: Sequence[int], part: str, low: int, high: int
) -> tuple[int, Ints] | tuple[None, None]:
    """The first column with the name of `part` that holds its numbers, and the numbers (rows,)."""
    for column in (i for i in others if part_of(table.names[i]) == part):
        numbers = _numbers_of(part, table.cells[:, column], low, high)
        if numbers is not None:
            return column, numbers
    return None, None


def _numbers_of(part: str, cells: NDArray[Any], low: int, high: int) -> Ints | None:
    return month_numbers(cells) if part == "month" else whole_numbers(cells, low, high)


def _readings(table: RawTable, others: Sequence[int], year: int, years: Ints) -> list[DateParts]:
    """The ways to read columns as parts of `years` (rows,): by their names, or else by what they count."""
    readings = []
    for part, highest in HIGHEST.items():
        column, numbers = _first_readable(table, others, part, 0 if part == "week" else 1, highest)
        if column is not None and numbers is not None:
            readings.append(_dates_of(part, years, numbers, (year, column), table.names[column]))
    day, days = _first_readable(table, others, "day", 1, HIGHEST["day of year"])
    if day is not None and days is not None:
        if readings and readings[0].part == "month":
            readings[0] = _with_days(readings[0], day, days)
        elif days.max() > 31:
            readings.append(_dates_of("day of year", years, days, (year, day)))
    return readings or _counted(table, others, year, years)


def _counted(table: RawTable, others: Sequence[int], year: int, years: Ints) -> list[DateParts]:
    """The parts of the year in the only column that counts 1 to 12, 52 or 365 in each year."""
    import pandas as pd

    codes: NDArray[np.intp] = pd.factorize(years)[0]
    readings = []
    for column in others:
        name = table.names[column]
        numbers = whole_numbers(table.cells[:, column], 1, HIGHEST["day of year"])
        count = count_within(codes, numbers) if numbers is not None else None
        if numbers is None or count is None or plain(name) in ID_NAMES:
            continue
        part = (COUNTED_PERIODS if part_of(name) == "period" else COUNTED).get(count.size)
        if part is not None and needs_another_part(table, codes, others, column):
            readings.append(_dates_of(part, years, numbers, (year, column), name))
    return readings if len(readings) == 1 else []


def _dates_of(part: str, years: Ints, numbers: Ints, columns: tuple[int, ...], name: str = "") -> DateParts:
    """The first days of the `numbers` of a part of the year; of weeks by their kind, which `name` may say."""
    new_year = (years - 1970).astype("datetime64[Y]")
    if part == "week":
        first, bad = first_days_of_weeks(years, numbers, epidemic=is_epidemic(name))
        return DateParts(columns, part, first.astype("datetime64[D]"), bad)
    if part == "day of year":
        days = new_year.astype("datetime64[D]") + (numbers - 1).astype("timedelta64[D]")
        return DateParts(columns, part, days, days.astype("datetime64[Y]") != new_year)
    months = new_year.astype("datetime64[M]") + MONTHS[part] * (numbers - 1)
    return DateParts(columns, part, months.astype("datetime64[D]"), np.zeros(len(years), dtype=bool))


def _with_days(months: DateParts, column: int, numbers: Ints) -> DateParts:
    days = months.days + (numbers - 1)
    bad = days.astype("datetime64[M]") != months.days.astype("datetime64[M]")
    return DateParts((*months.columns, column), months.part, days, bad)


def _refuse_unreadable(table: RawTable, others: Sequence[int], years: Ints) -> None:
    """Raise the DataError of a column that is, by its name and most of its cells, a part of a date, and cannot be read.

    Without it, the rows of a year would be taken for repetitions of one date.
    """
    if len(np.unique(years)) == len(years):
        return
    import pandas as pd

    for column in others:
        part, cells = part_of(table.names[column]), table.cells[:, column]
        if part not in HIGHEST:
            continue
        codes, texts = pd.factorize(cells)
        distinct = texts.reshape(-1, 1)
        readable = np.array([_numbers_of(part, text, 1, HIGHEST[part]) is not None for text in distinct])[codes]
        if 0.5 < readable.mean() < 1:
            row = int(np.argmin(readable))
            raise DataError(
                f"{table.where(row, table.names[column])}: '{cells[row]}' is not a {part} like the others.",
                f"Correct it, or name the column of dates with {mention('date-column')}.",
            )


def _with_combined(table: RawTable, parts: list[int], texts: NDArray[Any]) -> RawTable:
    """The table with `texts` (rows,) in the column parts[0] and without the other columns of `parts`."""
    keep = [i for i in range(len(table.names)) if i not in parts[1:]]
    combined = table.select(keep)
    cells = combined.cells.copy()
    cells[:, keep.index(parts[0])] = texts
    return replace(combined, cells=cells)
