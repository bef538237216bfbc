"""The role of each column: date, series id or value."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.columns import DATE_NAMES, ROW_NAMES, VALUE_NAMES, RawColumn
from forecast_cli.panel.reading.dates import Timestamps
from forecast_cli.panel.reading.frequency import coverage
from forecast_cli.panel.reading.ids import count_distinct, find_ids, group_codes
from forecast_cli.panel.reading.numbers import is_decorated
from forecast_cli.panel.reading.numeric_dates import read_numeric_dates
from forecast_cli.panel.reading.part_names import DATE_PARTS
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

MIN_COVERAGE = 0.8
"""Fraction of the time grid with a timestamp, above which a reading of dates counts as regular."""
MIN_TIMES_OTHER_COVERAGE = 4
"""How many times more of its grid one reading must have than the other, if neither counts as regular."""
MIN_DISTINCT_FRACTION = 0.5
"""Distinct times per row, within each possible series, above which a column of numbers may be the date."""


@dataclass(frozen=True)
class Roles:
    """The columns of each role.

    date, timestamps:  the date column and its timestamps; both None if the file has no dates
    ids:               the columns that identify a series together; empty in the wide layout
    """

    date: RawColumn | None
    timestamps: Timestamps | None
    ids: tuple[RawColumn, ...]
    values: tuple[RawColumn, ...]


def find_roles(table: RawTable, columns: Sequence[RawColumn], config: ReadConfig) -> Roles:
    """The role of each column, as `config` gives it or else by content and name.

    Raises DataError if a role has no column, or several with equal claim.
    """
    given_values = [_column_named(columns, table, name, "value-column") for name in config.value_columns]
    given_id = _column_named(columns, table, config.id_column, "id-column") if config.id_column else None
    taken = [column for column in (*given_values, given_id) if column is not None]
    date, readings = _date_column(table, columns, config, taken)
    rest = [column for column in columns if column is not date]
    ids: tuple[RawColumn, ...] = ()
    if given_id is not None:
        ids = (given_id,)
    elif config.layout != "wide":
        free = [column for column in rest if column not in given_values]
        ids = find_ids(table, free, readings[0].local if readings else None)
        if config.layout is None and not given_values and _is_wide_with_remark(free, ids):
            ids = ()
        if not ids and config.layout == "long":
            raise DataError(
                f"{table.name}: no column identifies the series of a long file.",
                f"Name it with {mention('id-column')}.",
            )
    if date is None and not ids and config.layout is None:
        _refuse_rows_with_names(table, rest)
    timestamps = _choose_reading(table, date, readings, ids) if date is not None else None
    values = given_values or _value_columns(table, [c for c in rest if c not in ids], long=bool(ids))
    return Roles(date, timestamps, ids, tuple(values))


def not_a_number(table: RawTable, column: RawColumn, row: int) -> DataError:
    """The error for a cell that should be a number."""
    text = str(column.cells[row])
    hint = (
        f"Correct it or leave it empty; {mention('decimal')}, {mention('value-column')} and {mention('id-column')} "
        "change how the file is read."
    )
    if is_decorated(text):
        hint = (
            "Write numbers without currency signs, percent signs, units and brackets; "
            f"{mention('value-column')} names another column."
        )
    return DataError(f"{table.where(row, column.name)}: '{text[:40]}' is not a number.", hint)


def _column_named(columns: Sequence[RawColumn], table: RawTable, name: str, option: str) -> RawColumn:
    for column in columns:
        if column.name == name:
            return column
    shown = ", ".join(column.name for column in columns[:10])
    raise DataError(f"{table.name}: has no column '{name}'; its columns are {shown}.", f"Correct {mention(option)}.")


def _date_column(
    table: RawTable, columns: Sequence[RawColumn], config: ReadConfig, taken: list[RawColumn]
) -> tuple[RawColumn | None, list[Timestamps]]:
    """The column of dates or step numbers and the ways to read it; None and [] if the file has no such column."""
    if config.date_column:
        column = _column_named(columns, table, config.date_column, "date-column")
        timestamps = read_numeric_dates(column, trusted=True)
        readings = [timestamps] if timestamps is not None else list(column.dates)
        if not readings:
            raise DataError(
                f"{table.where(0, column.name)}: '{column.cells[0]}' is not a date.",
                f"Write dates as 2024-01-31, or name another column with {mention('date-column')}.",
            )
        return column, readings
    dates = [column for column in columns if column.kind == "date" and column not in taken]
    if len(dates) > 1:
        dates = [column for column in dates if not column.constant] or dates[:1]
    if len(dates) > 1:
        shown = " and ".join(f"'{column.name}' ({column.cells[0]})" for column in dates[:3])
        raise DataError(
            f"{table.name}: {len(dates)} columns hold dates: {shown}.",
            f"Name the one to use with {mention('date-column')}.",
        )
    if dates:
        return dates[0], list(dates[0].dates)
    return _numeric_date_column(columns, taken)


def _numeric_date_column(
    columns: Sequence[RawColumn], taken: list[RawColumn]
) -> tuple[RawColumn | None, list[Timestamps]]:
    """A column of numbers that are times: one with the name of a date, or the first one if it advances evenly."""
    numbers = [column for column in columns if column.kind == "number" and column not in taken]
    if sum(column.kind in ("number", "blank") for column in columns) < 2:
        return None, []
    named = [column for column in numbers if column.plain_name in DATE_NAMES or column.part in DATE_PARTS]
    if columns[0] in numbers and columns[0].unnamed and not all(column.unnamed for column in columns):
        named.append(columns[0])
    groups = group_codes([c for c in columns if c.kind == "text" and not c.numbers.valid_fraction])
    for column, trusted in [(c, True) for c in named] + [(c, False) for c in numbers[:1]]:
        timestamps = read_numeric_dates(column, trusted)
        if timestamps is not None and (not trusted or _rarely_repeats(timestamps, columns, groups)):
            return column, [timestamps]
    return None, []


def _rarely_repeats(timestamps: Timestamps, columns: Sequence[RawColumn], groups: NDArray[np.intp] | None) -> bool:
    """Whether times rarely repeat within a possible series. A column of months, 1 to 12, repeats often."""
    times = timestamps.local.astype(np.int64)
    keys = [times] if groups is None else [times, groups]
    if count_distinct(*keys) > MIN_DISTINCT_FRACTION * len(times):
        return True
    numeric_ids = [c.codes for c in columns if c.kind == "number" and c.whole and len(c.texts) < len(c.cells) / 2]
    return any(count_distinct(times, codes) == len(times) for codes in numeric_ids)


def _choose_reading(
    table: RawTable, date: RawColumn, readings: list[Timestamps], ids: tuple[RawColumn, ...]
) -> Timestamps:
    """The timestamps of the date column. Of day first and month first, the one with regular dates.

    Raises DataError if both or none are regular.
    """
    if len(readings) == 1:
        return readings[0]
    groups = group_codes(list(ids))
    if groups is None:
        groups = np.zeros(len(date.cells), dtype=np.intp)
    coverages = []
    for reading in readings:
        valid = ~(reading.missing | reading.bad)
        coverages.append(coverage(reading.local[valid], groups[valid]))
    regular = [each > min(MIN_COVERAGE, MIN_TIMES_OTHER_COVERAGE * min(coverages)) for each in coverages]
    if max(coverages) < MIN_COVERAGE / 2 or regular[0] == regular[1]:
        raise DataError(
            f"{table.where(0, date.name)}: '{date.cells[0]}' could have the day or the month first, "
            "and no other row decides it.",
            f"Give {mention('day-first', True)} or {mention('day-first', False)}.",
        )
    log.info("%s: dates have the %s first", table.name, "day" if regular[0] else "month")
    return readings[0] if regular[0] else readings[1]


def _refuse_rows_with_names(table: RawTable, rest: Sequence[RawColumn]) -> None:
    """Refuse rows of numbers that each start with a name: one series per row, or dates of an unknown form."""
    names = next((c for c in rest if c.kind == "text" and len(c.texts) == len(c.cells) > 1), None)
    if names is not None and sum(column.kind == "number" for column in rest) > 1:
        raise DataError(
            f"{table.where(0, names.name)}: '{names.cells[0]}' is neither a date in a known form nor the id of "
            "a series of several rows.",
            "Write dates as 2024-01-31; transpose a file with one series per row; "
            f"{mention('layout', 'wide')} takes each row as one step.",
        )


def _is_wide_with_remark(columns: Sequence[RawColumn], ids: tuple[RawColumn, ...]) -> bool:
    """Whether `ids` hold only a constant text, such as a unit, in a file with one column per series."""
    numbers = [column for column in columns if column.kind == "number" and column not in ids]
    value_names = sum(column.plain_name in VALUE_NAMES for column in numbers)
    return all(column.constant for column in ids) and len(numbers) > 1 and value_names != 1


def _value_columns(table: RawTable, rest: Sequence[RawColumn], *, long: bool) -> list[RawColumn]:
    """The columns of values among `rest`: all columns of numbers, or one of a long file.

    Raises DataError if there is none, or several in a long file.
    """
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
    named = [column for column in values if column.plain_name in VALUE_NAMES]
    if len(named) == 1:
        return named
    shown = ", ".join(f"'{column.name}'" for column in values[:5])
    raise DataError(
        f"{table.name}: {len(values)} columns could hold the values: {shown}.",
        f"Name one with {mention('value-column')}, or several by repeating it.",
    )


def _numbers_rows(column: RawColumn) -> bool:
    return column.counts_rows and (column.unnamed or column.plain_name in ROW_NAMES)


def _refuse_without_numbers(table: RawTable, rest: Sequence[RawColumn]) -> None:
    """Raise the DataError of a table without numbers, about the column that most likely should hold them."""
    for column in rest:
        if column.plain_name in VALUE_NAMES:
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
