"""Which column is the date, which the series id, which the value."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.axis import number_axis
from forecast_cli.panel.reading.columns import DATE_NAMES, ROW_NAMES, VALUE_NAMES, Column
from forecast_cli.panel.reading.dates import Stamps
from forecast_cli.panel.reading.frequency import coverage
from forecast_cli.panel.reading.ids import count_distinct, find_ids, group_codes
from forecast_cli.panel.reading.numbers import is_dressed
from forecast_cli.panel.reading.table import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Roles:
    """What each column is for; no `ids` is the wide layout, no `date` a file without dates."""

    date: Column | None
    stamps: Stamps | None
    ids: tuple[Column, ...]
    values: tuple[Column, ...]


def find_roles(table: Table, columns: Sequence[Column], config: ReadConfig) -> Roles:
    """The role of each column. Raises DataError where several would do, or none."""
    named = [_named(columns, table, name, "--value-column") for name in config.value_columns]
    given_id = _named(columns, table, config.id_column, "--id-column") if config.id_column else None
    date, readings = _date_column(table, columns, config, [c for c in (*named, given_id) if c is not None])
    rest = [column for column in columns if column is not date]
    ids: tuple[Column, ...] = ()
    if given_id is not None:
        ids = (given_id,)
    elif config.layout != "wide":
        free = [column for column in rest if column not in named]
        ids = find_ids(table, free, readings[0].local if readings else None)
        if config.layout is None and not named and _is_wide_with_remark(free, ids):
            ids = ()
        if not ids and config.layout == "long":
            raise DataError(
                f"{table.name}: no column tells the series of a long file apart.", "Name it with --id-column."
            )
    if date is None and not ids and config.layout is None:
        _refuse_rows_with_names(table, rest)
    stamps = _one_reading(table, date, readings, ids) if date is not None else None
    values = named or _value_columns(table, [c for c in rest if c not in ids], long=bool(ids))
    return Roles(date, stamps, ids, tuple(values))


def _named(columns: Sequence[Column], table: Table, name: str, option: str) -> Column:
    for column in columns:
        if column.name == name:
            return column
    shown = ", ".join(column.name for column in columns[:10])
    raise DataError(f"{table.name}: has no column '{name}'; its columns are {shown}.", f"Correct {option}.")


def _date_column(
    table: Table, columns: Sequence[Column], config: ReadConfig, taken: list[Column]
) -> tuple[Column | None, list[Stamps]]:
    """The column that holds the time and the ways to read it; None and none where steps are to be counted."""
    if config.date_column:
        column = _named(columns, table, config.date_column, "--date-column")
        axis = number_axis(column, trusted=True)
        readings = [axis] if axis is not None else list(column.dates)
        if not readings:
            raise DataError(
                f"{table.where(0, column.name)}: '{column.cells[0]}' is not a date.",
                "Write dates as 2024-01-31, or name another column with --date-column.",
            )
        return column, readings
    dates = [column for column in columns if column.kind == "date" and column not in taken]
    if len(dates) > 1:
        dates = [column for column in dates if not column.constant] or dates[:1]
    if len(dates) > 1:
        seen = " and ".join(f"'{column.name}' ({column.cells[0]})" for column in dates[:3])
        raise DataError(
            f"{table.name}: {len(dates)} columns hold dates: {seen}.",
            "Name the one to use with --date-column.",
        )
    if dates:
        return dates[0], list(dates[0].dates)
    return _number_date(columns, taken)


def _number_date(columns: Sequence[Column], taken: list[Column]) -> tuple[Column | None, list[Stamps]]:
    """A column of numbers that is the time: one called so, or the first one if it advances evenly."""
    numbers = [column for column in columns if column.kind == "number" and column not in taken]
    values = sum(column.kind in ("number", "blank") for column in columns)
    if values < 2:
        return None, []
    called = [column for column in numbers if column.plain_name in DATE_NAMES]
    if columns[0] in numbers and columns[0].unnamed and not all(column.unnamed for column in columns):
        called.append(columns[0])
    groups = group_codes([column for column in columns if column.kind == "text" and not column.numbers.share])
    for column, trusted in [(c, True) for c in called] + [(c, False) for c in numbers[:1]]:
        axis = number_axis(column, trusted)
        if axis is not None and (not trusted or _tells_rows_apart(axis, columns, groups)):
            return column, [axis]
    return None, []


def _tells_rows_apart(axis: Stamps, columns: Sequence[Column], groups: NDArray[np.intp] | None) -> bool:
    """Whether times rarely repeat within what may be a series, as a column of months, 1 to 12, would."""
    by_number = [c.codes for c in columns if c.kind == "number" and c.whole and len(c.texts) < len(c.cells) / 2]
    times = axis.local.astype(np.int64)
    keys = [times] if groups is None else [times, groups]
    if count_distinct(*keys) > 0.5 * len(times):
        return True
    return any(count_distinct(times, codes) == len(times) for codes in by_number)


def _one_reading(table: Table, date: Column, readings: list[Stamps], ids: tuple[Column, ...]) -> Stamps:
    """The reading of the dates; where day and month could change places, the one that is regular."""
    if len(readings) == 1:
        return readings[0]
    groups = group_codes(list(ids))
    if groups is None:
        groups = np.zeros(len(date.cells), dtype=np.intp)
    regular = []
    for reading in readings:
        there = ~(reading.missing | reading.bad)
        regular.append(coverage(reading.local[there], groups[there]) > 0.8)
    if regular[0] == regular[1]:
        raise DataError(
            f"{table.where(0, date.name)}: '{date.cells[0]}' could have the day or the month first, "
            "and the other rows do not tell.",
            "Give --day-first or --month-first.",
        )
    log.info("%s: dates have the %s first", table.name, "day" if regular[0] else "month")
    return readings[0] if regular[0] else readings[1]


def _refuse_rows_with_names(table: Table, rest: Sequence[Column]) -> None:
    """Refuse several columns of numbers with a name before each row: a series a row, or dates of a strange form."""
    names = next((c for c in rest if c.kind == "text" and len(c.texts) == len(c.cells) > 1), None)
    if names is not None and sum(column.kind == "number" for column in rest) > 1:
        raise DataError(
            f"{table.where(0, names.name)}: '{names.cells[0]}' is neither a date that is known here nor the id of "
            "a series of several rows.",
            "Write dates as 2024-01-31; turn a file with a series a row; --layout wide counts the rows as steps.",
        )


def _is_wide_with_remark(columns: Sequence[Column], ids: tuple[Column, ...]) -> bool:
    """Whether the same text in each row, a unit perhaps, stands beside several series rather than names one."""
    numbers = [column for column in columns if column.kind == "number" and column not in ids]
    called = sum(column.plain_name in VALUE_NAMES for column in numbers)
    return all(column.constant for column in ids) and len(numbers) > 1 and called != 1


def _value_columns(table: Table, rest: Sequence[Column], *, long: bool) -> list[Column]:
    values = [column for column in rest if column.kind == "number" and not _numbers_rows(column)]
    if not values:
        values = [column for column in rest if column.kind == "number"]
    blank = [column for column in rest if column.kind == "blank" and not column.unnamed]
    if not long and blank:
        used = {id(column) for column in values + blank}
        values = [column for column in rest if id(column) in used]
    values = values or blank
    if not values:
        _refuse_without_numbers(table, rest)
    if not long or len(values) == 1:
        return values
    called = [column for column in values if column.plain_name in VALUE_NAMES]
    if len(called) == 1:
        return called
    shown = ", ".join(f"'{column.name}'" for column in values[:5])
    raise DataError(
        f"{table.name}: {len(values)} columns could hold the values: {shown}.",
        "Name one with --value-column, or several by repeating it.",
    )


def _numbers_rows(column: Column) -> bool:
    return column.counts_rows and (column.unnamed or column.plain_name in ROW_NAMES)


def _refuse_without_numbers(table: Table, rest: Sequence[Column]) -> None:
    for column in rest:
        if column.plain_name in VALUE_NAMES:
            raise not_a_number(table, column, 0)
    for column in rest:
        there = np.flatnonzero(~column.numbers.missing)
        if len(there) and all(is_dressed(text) for text in column.cells[there[:20]]):
            raise not_a_number(table, column, int(there[0]))
    row = min(1, len(table.lines) - 1)  # the first may be a header that was not recognised
    shown = " | ".join(table.cells[row][:6])[:80]
    raise DataError(
        f"{table.name}: no column holds numbers; row {table.lines[row]} reads: {shown}.",
        "If the columns are cut in the wrong places, give --delimiter; --decimal if the numbers look odd.",
    )


def not_a_number(table: Table, column: Column, row: int) -> DataError:
    """The error of a cell that should be a number."""
    text = str(column.cells[row])
    hint = "Correct it or leave it empty; --decimal, --value-column and --id-column change how it is read."
    if is_dressed(text):
        hint = "Write numbers without currency signs, percent signs, units and brackets; --value-column names another."
    return DataError(f"{table.where(row, column.name)}: '{text[:40]}' is not a number.", hint)
