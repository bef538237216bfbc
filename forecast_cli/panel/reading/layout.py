"""Which column is the date, which the series id, which the value; from the table to flat observations."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.config import ReadConfig
from forecast_cli.errors import DataError
from forecast_cli.panel.calendar import coverage
from forecast_cli.panel.reading.axis import number_axis
from forecast_cli.panel.reading.columns import DATE_NAMES, ROW_NAMES, VALUE_NAMES, Column
from forecast_cli.panel.reading.dates import Stamps
from forecast_cli.panel.reading.ids import count_distinct, find_ids, group_codes
from forecast_cli.panel.reading.table import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Observations:
    """Single values as they stand in a file, in its order.

    ids:     (n,) str
    series:  (N,) the place of each observation's series in `ids`
    times:   (N,) datetime64[ns], or int64 steps where there are no dates
    values:  (N,) float64, NaN where missing
    lines:   (N,) the row of the file
    tz:      "UTC" where the times are in it
    """

    name: str
    ids: NDArray[np.str_]
    series: NDArray[np.intp]
    times: NDArray[Any]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]
    tz: str | None = None


@dataclass(frozen=True)
class Roles:
    """What each column is for; no `ids` is the wide layout, no `date` a file without dates."""

    date: Column | None
    stamps: Stamps | None
    ids: tuple[Column, ...]
    values: tuple[Column, ...]


def observe(table: Table, columns: Sequence[Column], config: ReadConfig) -> Observations:
    """The observations of a table. Raises DataError where they cannot be told, or one is no number."""
    roles = _roles(table, columns, config)
    _say(table, columns, roles)
    rows = np.arange(len(table.lines))
    if roles.stamps is not None and roles.date is not None:
        rows = _dated_rows(table, roles.date, roles.stamps, roles.values)
    values = np.stack([_checked_values(table, column) for column in roles.values], axis=1)[rows]
    group, names = _series_of(roles, rows, len(table.lines))
    if roles.stamps is not None:
        times, tz = _times(table, roles.stamps, rows)
    else:
        times, tz = _running_number(group), None
    width = len(roles.values)
    return Observations(
        name=table.name,
        ids=np.array(_unique_names(names, roles), dtype=np.str_),
        series=(group[:, None] * width + np.arange(width)).ravel(),
        times=np.repeat(times, width),
        values=values.ravel(),
        lines=np.repeat(table.lines[rows], width),
        tz=tz,
    )


def _roles(table: Table, columns: Sequence[Column], config: ReadConfig) -> Roles:
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
        if not ids and config.layout == "long":
            raise DataError(
                f"{table.name}: no column tells the series of a long file apart.", "Name it with --id-column."
            )
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


def _value_columns(table: Table, rest: Sequence[Column], *, long: bool) -> list[Column]:
    values = [column for column in rest if column.kind == "number"]
    counting = [c for c in values if c.counts_rows and (c.unnamed or c.plain_name in ROW_NAMES)]
    if len(values) > len(counting):
        values = [column for column in values if column not in counting]
    blank = [column for column in rest if column.kind == "blank" and not column.unnamed]
    if not long:
        values = [column for column in rest if column in values or column in blank]
    elif not values:
        values = blank
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


def _refuse_without_numbers(table: Table, rest: Sequence[Column]) -> None:
    for column in rest:
        if column.plain_name in VALUE_NAMES:
            raise _not_a_number(table, column, 0)
    row = " | ".join(table.cells[0][:6])
    raise DataError(
        f"{table.name}: no column holds numbers; row {table.lines[0]} reads: {row[:80]}.",
        "If the columns are cut in the wrong places, give --delimiter; --decimal if the numbers look odd.",
    )


def _not_a_number(table: Table, column: Column, row: int) -> DataError:
    text = str(column.cells[row])
    return DataError(
        f"{table.where(row, column.name)}: '{text[:40]}' is not a number.",
        "Correct it or leave it empty; --decimal, --value-column and --id-column change how it is read.",
    )


def _checked_values(table: Table, column: Column) -> NDArray[np.float64]:
    if column.numbers.bad.any():
        raise _not_a_number(table, column, int(np.argmax(column.numbers.bad)))
    infinite = np.isinf(column.numbers.values)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise DataError(
            f"{table.where(row, column.name)}: '{column.cells[row]}' is infinite.",
            "Correct it or leave it empty.",
        )
    return column.numbers.values


def _dated_rows(table: Table, date: Column, stamps: Stamps, values: tuple[Column, ...]) -> NDArray[np.intp]:
    """The rows that have a date; one without is an error, unless it has no value either."""
    if stamps.bad.any():
        row = int(np.argmax(stamps.bad))
        raise DataError(
            f"{table.where(row, date.name)}: '{str(date.cells[row])[:40]}' is not a date like the others.",
            "Correct it, or name another column with --date-column.",
        )
    empty = np.all([column.numbers.missing for column in values], axis=0)
    undated = stamps.missing & ~empty
    if undated.any():
        row = int(np.argmax(undated))
        raise DataError(f"{table.where(row, date.name)}: the date is missing.", "Fill it in or remove the row.")
    return np.flatnonzero(~stamps.missing)


def _times(table: Table, stamps: Stamps, rows: NDArray[np.intp]) -> tuple[NDArray[Any], str | None]:
    """The times of `rows`, in UTC where they carry a zone and are more than dates."""
    zoned = stamps.zoned[rows]
    if zoned.any() and not zoned.all():
        with_zone, without = int(np.argmax(zoned)), int(np.argmin(zoned))
        raise DataError(
            f"{table.name}: the stamp of row {table.lines[rows[with_zone]]} carries a time zone and that of "
            f"row {table.lines[rows[without]]} none.",
            "Give all of them a zone, or none.",
        )
    local = stamps.local[rows]
    if not zoned.any():
        return local, None
    clock = local - local.astype("datetime64[D]")
    if (clock == clock[0]).all():
        return local, None
    return stamps.utc[rows], "UTC"


def _series_of(roles: Roles, rows: NDArray[np.intp], n_rows: int) -> tuple[NDArray[np.intp], list[str]]:
    """The series of each row, and the names of the series; "" is the one series of a file without ids."""
    if not roles.ids:
        return np.zeros(len(rows), dtype=np.intp), [""]
    import pandas as pd

    texts = roles.ids[0].cells
    for column in roles.ids[1:]:
        texts = texts + "/" + column.cells
    assert len(texts) == n_rows
    codes, names = pd.factorize(texts[rows])
    return codes, [str(name) for name in names]


def _unique_names(names: list[str], roles: Roles) -> list[str]:
    if not roles.ids:
        return [column.name for column in roles.values]
    if len(roles.values) == 1:
        return names
    return [f"{name}/{column.name}" for name in names for column in roles.values]


def _running_number(group: NDArray[np.intp]) -> NDArray[np.int64]:
    """1, 2, 3, ... within each group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.empty(0, np.intp)
    lengths = np.diff(np.r_[starts, len(group)])
    numbers = np.empty(len(group), dtype=np.int64)
    numbers[order] = np.arange(len(group)) - np.repeat(starts, lengths) + 1
    return numbers


def _say(table: Table, columns: Sequence[Column], roles: Roles) -> None:
    """What was understood, in a line; and what was left out, in another."""
    values = ", ".join(f"'{column.name}'" for column in roles.values[:6])
    more = f" and {len(roles.values) - 6} more" if len(roles.values) > 6 else ""
    ids = " and ".join(f"'{column.name}'" for column in roles.ids)
    date = f"dates in '{roles.date.name}'" if roles.date is not None else "no dates, steps are counted"
    layout = f"long (series by {ids})" if roles.ids else "wide"
    if not roles.ids and len(roles.values) == 1:
        layout = "one series"
    log.info("%s: %s, %s, values in %s%s", table.name, layout, date, values, more)
    if roles.stamps is not None and roles.stamps.note:
        log.warning("%s: %s", table.name, roles.stamps.note)
    used = {id(column) for column in (roles.date, *roles.ids, *roles.values)}
    unused = [c.name for c in columns if id(c) not in used and c.kind != "blank"]
    if roles.date is None and (dates := next((c for c in columns if c.kind == "text" and not c.constant), None)):
        sample = dates.cells[0]
        log.warning("%s: column '%s' holds no date that is known here: %s", table.name, dates.name, sample)
    if unused:
        log.info("%s: left out: %s", table.name, ", ".join(f"'{name}'" for name in unused[:6]))
