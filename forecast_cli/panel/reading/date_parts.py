"""Combine dates that are spread over several columns, such as year, month and hour, into one column of dates."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.clock_columns import find_clock
from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.counting import SAMPLE_ROWS
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.groups import read_clock
from forecast_cli.panel.reading.numbers import read_numbers
from forecast_cli.panel.reading.numeric_dates import DATE_DIGITS, dates_in_digits
from forecast_cli.panel.reading.part_names import part_of
from forecast_cli.panel.reading.repeated_parts import count_rows
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.timestamps import Timestamps
from forecast_cli.panel.reading.year_parts import DateParts, first_readable, read_year_parts, with_days
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

MAX_COLUMNS = 50
"""Parts of dates are searched in this many first columns. Columns after these are series of a wide file."""
SPAN_ROWS, MIN_SPAN_ROWS = 2000, 3
MIN_EQUAL_SPANS, MIN_ADJOINING_SPANS = 0.9, 0.8
"""Two columns of dates are the start and the end of spans in two cases.

Either at least a fraction MIN_EQUAL_SPANS of the spans have the same length, or at least a fraction MIN_ADJOINING_SPANS
of them begin where the span in the row above ends.
"""


def combine_date_columns(table: RawTable, named: Collection[str] = (), date: str | None = None) -> RawTable:
    """The table with its dates in one column.

    Other columns with parts of the date, such as month or hour, are removed. If two columns are the start and the end
    of time spans, the end is removed. Without dates, rows are numbered 1, 2, ... if a column repeats months, weekdays
    or hours. Other tables without dates, and those with several columns of dates, are returned unchanged.

    named: names of columns that the user chose for ids, values or covariates; they are never parts of dates
    date:  the name of the column of dates; None if the user did not choose it. The time of day may be in another column

    Raises DataError if a column is named like a part of a date, but some cells are not such a part.
    """
    dates = _date_columns(table, named)
    if date is not None:
        if date not in dates:
            return table
        dates = [date]
    if len(dates) > 1:
        dates = [name for name in dates if ColumnName(name).may_hold_days] or dates
    if len(dates) == 2:
        table, dates = _without_end(table, dates)
    if len(dates) > 1:
        return table
    if dates:
        column = table.names.index(dates[0])
        return _add_day(table, column, named) or _add_clock(table, column, named) or _parsed(table, dates[0])
    others = _others(table, [], named)
    parts = read_year_parts(table, others)
    if parts is not None:
        return _combined(table, parts, named)
    return count_rows(table, others) or table


def _date_columns(table: RawTable, named: Collection[str]) -> list[str]:
    """The names of the columns with dates.

    Left out are the columns in `named`, columns of years such as FY2015, and columns named like ids whose texts repeat.
    """
    sample = table.cells[:SAMPLE_ROWS, :MAX_COLUMNS].T
    return [
        name
        for name, cells in zip(table.names, sample, strict=False)
        if name not in named and part_of(name) != "year" and _are_dates(name, cells, table.decimal)
        if not (ColumnName(name).is_id and 2 * len(set(cells)) <= len(cells))
    ]


def _are_dates(name: str, cells: NDArray[Any], decimal: str) -> bool:
    if dates_in_digits(name, cells) is not None:
        return True
    if not read_numbers(cells, decimal).bad.any():
        return False
    return any(reading.valid_fraction == 1 for reading in read_dates(cells, name=name))


def _read(table: RawTable, column: int, rows: slice = slice(None)) -> Timestamps | None:
    """The dates in the column with index `column`, at `rows`.

    Returns None if a cell is not a date, or if it is not clear whether day or month comes first.
    """
    name, cells = table.names[column], table.cells[rows, column]
    digits = dates_in_digits(name, cells)
    readings = [digits] if digits is not None else read_dates(cells, name=name)
    return readings[0] if len(readings) == 1 and not (readings[0].bad | readings[0].missing).any() else None


def _parsed(table: RawTable, date: str) -> RawTable:
    """Parse the column `date` if its dates are written in digits, such as 20240531, and set `timestamps` of the table.

    The name of the column must be one that times can have. For 8, 12 or 14 digits (DATE_DIGITS), it is enough that the
    name cannot be that of ids. Columns named like values are not parsed. Other tables are returned unchanged.
    """
    cells = table.cells[:, table.names.index(date)]
    label = ColumnName(date)
    may_be_time = label.may_be_time or (len(cells[0]) in DATE_DIGITS and not label.may_be_id)
    digits = dates_in_digits(date, cells) if may_be_time and not label.says_values else None
    return table if digits is None else replace(table, timestamps={date: digits})


def _without_end(table: RawTable, dates: list[str]) -> tuple[RawTable, list[str]]:
    """Remove the column of end dates if two columns of dates are the start and the end of time spans.

    This is so if most spans have the same length, or most begin where the span of the previous row ends, as months do.

    dates: the names of the two columns

    Returns the table and the names of its columns of dates. Both are unchanged if the dates are not such spans.
    """
    columns = [table.names.index(name) for name in dates]
    first, second = (_read(table, column, slice(SPAN_ROWS)) for column in columns)
    if first is None or second is None or len(first.local) < MIN_SPAN_ROWS:
        return table, dates
    lengths = (second.local - first.local).astype(np.int64)
    later = 1 if (lengths > 0).all() else 0
    if later == 0 and not (lengths < 0).all():
        return table, dates
    starts, ends = (first.local, second.local) if later else (second.local, first.local)
    to_next = (starts[1:] - ends[:-1]).astype("timedelta64[s]").astype(np.int64)
    adjoining = np.isin(to_next, (0, 1, 86_400)).mean()  # the next second or the next day
    equal = np.unique(lengths, return_counts=True)[1].max() / len(lengths)
    if equal < MIN_EQUAL_SPANS and adjoining < MIN_ADJOINING_SPANS:
        return table, dates
    log.info("%s: '%s' and '%s' are the start and the end of spans", table.name, dates[1 - later], dates[later])
    keep = [i for i in range(len(table.names)) if i != columns[later]]
    return table.select(keep), [dates[1 - later]]


def _others(table: RawTable, taken: Collection[int], named: Collection[str]) -> list[int]:
    """The indices of the first MAX_COLUMNS columns, without those with an index in `taken` or a name in `named`."""
    return [i for i, name in enumerate(table.names[:MAX_COLUMNS]) if i not in taken and name not in named]


def _add_day(table: RawTable, date: int, named: Collection[str]) -> RawTable | None:
    """The table with complete dates, if column `date` holds months and another column days: 2024-01, 31 -> 2024-01-31.

    Returns None for other tables.

    date:  the index of the column of dates
    named: names of columns that the user chose for another role; they are never parts of dates
    """
    column, numbers = first_readable(table, _others(table, [date], named), "day", 1, 31)
    if column is None or numbers is None or (timestamps := _read(table, date)) is None:
        return None
    days = timestamps.local.astype("datetime64[D]")
    if (days != days.astype("datetime64[M]")).any():
        return None
    months = DateParts((date,), "month", days, np.zeros(len(days), dtype=bool))
    parts = with_days(months, column, numbers)
    one_per_month = len(np.unique(days)) == len(np.unique(parts.days))
    last = parts.days + 1 == (days.astype("datetime64[M]") + 1).astype("datetime64[D]")
    if one_per_month and len(np.unique(numbers)) > 1 and not last.all():  # other numbers of days, such as open days
        return None
    return _combined(table, parts, named)


def _add_clock(table: RawTable, date: int, named: Collection[str]) -> RawTable | None:
    """Add the time of day, which is in other columns, to the dates in the column with index `date`.

    Returns None if the dates have a time of day already, or if no other column has one.

    named: names of columns that the user chose for another role; they are never parts of dates
    """
    if any(":" in text or (text.isdigit() and len(text) > DATE_DIGITS[0]) for text in table.cells[:SAMPLE_ROWS, date]):
        return None
    clock = find_clock(table, _others(table, [date], named), table.cells[:, date])
    if clock is None:
        return None
    return _with_combined(table, [date, *clock.columns], table.cells[:, date] + " " + clock.texts)


def _combined(table: RawTable, parts: DateParts, named: Collection[str]) -> RawTable:
    names = [table.names[column] for column in parts.columns]
    log.info("%s: the date is in the columns %s", table.name, and_joined([f"'{name}'" for name in names]))
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
    return replace(combined, timestamps={names[0]: timestamps})


def _with_combined(table: RawTable, parts: list[int], texts: NDArray[Any]) -> RawTable:
    """The table with `texts` (rows,) as the cells of the column with index parts[0]. The other `parts` are removed."""
    keep = [i for i in range(len(table.names)) if i not in parts[1:]]
    combined = table.select(keep)
    cells = combined.cells.copy()
    cells[:, keep.index(parts[0])] = texts
    return replace(combined, cells=cells)
