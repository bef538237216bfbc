"""Find the role of each column: time, series id, value, or none."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.calendar_columns import calendar_columns
from forecast_cli.panel.reading.columns import RawColumn, column_named
from forecast_cli.panel.reading.ids import count_distinct, find_ids
from forecast_cli.panel.reading.numbers import is_decorated
from forecast_cli.panel.reading.numeric_dates import read_numeric_dates
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.time_column import choose_reading, find_time_column, steps_within_series
from forecast_cli.panel.reading.timestamps import Timestamps
from forecast_cli.panel.reading.values import not_a_number

log = logging.getLogger(__name__)

MIN_COUNTING_FRACTION = 0.5
"""A column of numbers counts parts of dates if more than this fraction of its differences from row to row are 1 or 0.
It counts rows if more than this fraction are 1, or -1."""
MIN_RESTART_FRACTION = 0.8
"""A column that counts up repeatedly, such as hours 0 to 23, starts again at its lowest number. More than this fraction
of its decreases from row to row must end at the lowest number."""


@dataclass(frozen=True)
class Roles:
    """The columns of a table by their role.

    time:        the column of dates, of step numbers, or of numbers that only order the rows; None if the file has none
    timestamps:  the dates or step numbers in `time`; None if its numbers only order the rows, or if `time` is None
    ids:         the columns whose texts together identify the series of a row; () in a wide file
    values:      the columns of values to forecast: one in a long file, one for each series in a wide file
    calendar:    columns that only repeat a part of the date, such as its month; they are not used
    """

    time: RawColumn | None
    timestamps: Timestamps | None
    ids: tuple[RawColumn, ...]
    values: tuple[RawColumn, ...]
    calendar: tuple[RawColumn, ...] = ()

    @property
    def order(self) -> RawColumn | None:
        """The column `time` if its numbers only order the rows; otherwise None."""
        return self.time if self.timestamps is None else None


def find_roles(table: RawTable, columns: Sequence[RawColumn], config: ReadConfig) -> Roles:
    """The role of each column. Columns that `config` names have the role given there; others are judged by content.

    Raises DataError if a column named in `config` is missing, if no column holds values, if a file that the user calls
    long has no id column, or if it is not clear which column has a role.
    """
    given_time = column_named(table, columns, config.date_column, "date-column") if config.date_column else None
    given_values = [column_named(table, columns, name, "value-column") for name in config.value_columns]
    given_ids = [column_named(table, columns, name, "id-column") for name in config.id_columns]
    time = find_time_column(table, columns, given_time, [*given_values, *given_ids])
    rest = [column for column in columns if time is None or column is not time.column]
    calendar = [] if time is None else calendar_columns(time, _without(rest, [*given_values, *given_ids]))
    rest = _without(rest, calendar)
    ids = tuple(given_ids)
    if not ids and config.layout != "wide":
        free = _without(rest, given_values)
        ids = find_ids(table, free, None if time is None else time.times)
        if config.layout is None and not given_values and _is_wide_with_remark(free, ids):
            ids = ()
        if not ids and config.layout == "long":
            raise DataError(
                f"{table.name}: no column identifies the series of a long file.",
                f"Name it with {mention('id-column')}.",
            )
    timestamps = None if time is None else choose_reading(table, time, ids)
    if not ids and config.layout is None and (timestamps is None or not timestamps.dated):
        _refuse_rows_with_names(table, rest, numbered=time is not None)
    values = given_values or _value_columns(table, _without(rest, ids), ids, dated=time is not None)
    return Roles(None if time is None else time.column, timestamps, ids, tuple(values), tuple(calendar))


def _without(columns: Sequence[RawColumn], taken: Sequence[RawColumn]) -> list[RawColumn]:
    return [column for column in columns if column not in taken]


def _refuse_rows_with_names(table: RawTable, rest: Sequence[RawColumn], *, numbered: bool) -> None:
    """Raise DataError if a column has a different text in each row, and at least two columns hold numbers.

    Such texts can be names of series or dates in an unknown form, so it is not clear what a row is.

    rest:     the columns except those of times and of parts of dates
    numbered: whether the file has a column of step numbers or row numbers. The texts may then be remarks, so only a
              column named like an id is refused
    """
    unique = [column for column in rest if column.kind == "text" and len(column.texts) == len(column.cells) > 1]
    names = next((column for column in unique if column.label.is_id or not numbered), None)
    if names is not None and sum(column.kind == "number" for column in rest) > 1:
        raise DataError(
            f"{table.where(0, names.name)}: '{names.cells[0]}' is neither a date in a known form nor the id of "
            "a series: each of these texts is in one row only.",
            f"Write dates as 2024-01-31; {mention('layout', 'rows')} reads one series per row; "
            f"{mention('layout', 'wide')} takes each row as one step.",
        )


def _is_wide_with_remark(columns: Sequence[RawColumn], ids: tuple[RawColumn, ...]) -> bool:
    """Whether a file is wide although id columns were found: each of these has one text in all rows, such as a unit.

    It must also have several columns of values, and not exactly one that is named like values.

    columns: the columns that may be ids or values
    ids:     the id columns that were found
    """
    numbers = [column for column in columns if column.kind == "number" and column not in ids]
    numbers = [column for column in numbers if not is_no_value(column, columns)]
    value_names = sum(column.label.is_value for column in numbers)
    return all(column.constant for column in ids) and len(numbers) > 1 and value_names != 1


def _value_columns(
    table: RawTable, rest: Sequence[RawColumn], ids: Sequence[RawColumn], *, dated: bool
) -> list[RawColumn]:
    """The columns of values: all columns with numbers in a wide file, one column in a long file.

    Numbers that are ids, times or row numbers are left out.

    rest:  the columns without another role
    ids:   the id columns; empty for a wide file
    dated: whether the file has a column of times

    Raises DataError if no column holds values, or if several columns of a long file could hold them.
    """
    long = bool(ids)
    numbers = [column for column in rest if column.kind == "number"]
    others = [column for column in numbers if is_no_value(column, rest)]
    codes = [column for column in numbers if re.fullmatch("[A-Z]{2}", column.name)]
    if len(codes) > len(numbers) / 2 and _without(codes, others):  # names are codes of states: ID is Idaho
        others = _without(others, codes)
    values = [column for column in numbers if column not in others]
    values = values or [column for column in numbers if not (column.holds_ids and column.label.ends_as_id)]
    _warn_of_numbers_left_out(table, [column for column in others if column not in values], dated=dated, long=long)
    blank = [column for column in rest if column.kind == "blank" and not column.unnamed]
    if not long and blank:
        used = {id(column) for column in values + blank}
        values = [column for column in rest if id(column) in used]
    values = values or blank
    if not values and numbers:
        raise DataError(
            f"{table.name}: no column holds values: '{numbers[0].name}' has numbers, but its name is that of ids.",
            "Add a column of values, such as 1 in each row to count rows; or give "
            f"{mention('value-column', numbers[0].name)}.",
        )
    if not values:
        _refuse_without_numbers(table, rest)
    if not long:
        return values
    values = [column for column in values if not _follows(column, ids)] or values
    if len(values) == 1:
        return values
    target = target_by_name(values)
    if target is None:
        raise several_targets(table, values)
    return [target]


def target_by_name(values: Sequence[RawColumn]) -> RawColumn | None:
    """The one column whose name is that of values, such as "sales"; None if none or several columns have such a name.

    First the whole names are looked up in VALUE_NAMES. If none or several are found, the last words of the names
    decide, such as "sales" of weekly_sales.
    """
    for named in ([c for c in values if c.label.is_value], [c for c in values if c.label.is_quantity]):
        if len(named) == 1:
            return named[0]
    return None


def several_targets(table: RawTable, values: Sequence[RawColumn]) -> DataError:
    """The error for several columns that could hold the values."""
    shown = ", ".join(f"'{column.name}'" for column in values[:5])
    return DataError(
        f"{table.name}: {len(values)} columns could hold the values: {shown}.",
        f"Name one with {mention('value-column')}, or several by repeating it.",
    )


def _follows(column: RawColumn, ids: Sequence[RawColumn]) -> bool:
    """Whether a column has only one text in each series, such as the latitude of a place.

    ids: the id columns, which identify the series
    """
    codes = [each.codes for each in ids]
    series = count_distinct(*codes)
    return series < len(column.cells) and count_distinct(*codes, column.codes) == series


def is_no_value(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    """Return whether the name and the numbers of a column show that it holds no values to forecast.

    It then holds ids, times, parts of dates or row numbers.

    columns: all columns that may distinguish the series
    """
    return (
        column.holds_ids
        or _holds_times(column, columns)
        or _counts_parts(column)
        or _holds_row_numbers(column, columns)
    )


def _holds_times(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    """Whether a column is named like a time, and holds dates, or numbers that only rise or only fall in each series."""
    if not column.label.is_time:
        return False
    times = read_numeric_dates(column, trusted=True, dated=not column.label.numbers_rows)
    steps = steps_within_series(column, columns)
    return (times is not None and times.dated) or bool((steps >= 0).all() or (steps <= 0).all())


def _counts_parts(column: RawColumn) -> bool:
    """Whether a column is named like a part of the date, such as month, and counts up repeatedly: 1 to 12, 1 to 12."""
    if not ((column.tells_time or column.label.part) and column.whole and column.has_groups):
        return False
    values = column.numbers.values
    steps = np.diff(values)
    if not 2 <= np.ptp(values) == len(np.unique(values)) - 1:  # a column of 0 and 1 may not count
        return False
    begins = values[1:][steps < 0] == values.min()
    counts = np.isin(steps, (0, 1)).mean() > MIN_COUNTING_FRACTION
    return bool(counts and len(begins) and begins.mean() > MIN_RESTART_FRACTION)


def _holds_row_numbers(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    """Whether a column holds row numbers, by its name and its numbers.

    Row numbers rise, or fall, in each series, mostly by 1; or they are consecutive numbers in any order. If the name
    ends in "number", as in order_number, they may rise by more than 1.
    """
    if not column.whole or not (column.label.numbers_rows or column.label.ends_in_number):
        return False
    if len(column.texts) == len(column.cells) == np.ptp(column.numbers.values) + 1:
        return True
    steps = steps_within_series(column, columns)
    in_order = len(steps) > 0 and bool((steps > 0).all() or (steps < 0).all())
    ones = float((np.abs(steps) == 1).mean()) if in_order else 0.0
    return in_order and (column.label.ends_in_number or ones > MIN_COUNTING_FRACTION)


def _warn_of_numbers_left_out(table: RawTable, columns: Sequence[RawColumn], *, dated: bool, long: bool) -> None:
    """Warn of columns of numbers that may be values, but are not taken for them because of their names.

    Columns named like ids are mentioned only if the file has no id columns, and only if some of their numbers repeat,
    but not all are equal. Columns named like parts of dates are mentioned only if the file has no column of times.

    columns: all columns of numbers that are not taken for values; most need no warning
    dated:   whether the file has a column of times
    long:    whether the file has id columns
    """
    ids = [c for c in columns if c.holds_ids and 1 < len(c.texts) < len(c.cells) and not long]
    parts = [column for column in columns if _counts_parts(column) and not dated]
    for kind, found in {"an id": ids, "a part of a date": parts}.items():
        if found:
            log.warning(
                "%s: not taken for values, because the name is that of %s: %s (%s takes it)",
                table.name,
                kind,
                ", ".join(f"'{column.name}'" for column in found[:5]),
                mention("value-column"),
            )


def _refuse_without_numbers(table: RawTable, rest: Sequence[RawColumn]) -> None:
    """Raise DataError for a table without numbers. It names the column that most likely should have numbers.

    rest: the columns without a role so far
    """
    for column in rest:
        if column.label.is_value:
            raise not_a_number(table, column, 0)
    for column in rest:
        present = np.flatnonzero(~column.numbers.missing)
        if len(present) and all(is_decorated(text) for text in column.cells[present[:20]]):
            raise not_a_number(table, column, int(present[0]))
    row = min(1, len(table.lines) - 1)  # the first row may be an unrecognised header
    shown = " | ".join(table.cells[row][:6])[:80]
    raise DataError(
        f"{table.name}: no column holds numbers; row {table.lines[row]} reads: {shown}.",
        f"If the columns are split in the wrong places, give {mention('delimiter')}; if the numbers look unusual, "
        f"{mention('decimal')}.",
    )
