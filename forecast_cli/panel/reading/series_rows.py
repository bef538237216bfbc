"""Tables with one row per series: the dates are in the header, or the columns are steps. They become long tables."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.columns import RawColumn, classify_columns
from forecast_cli.panel.reading.date_parts import combine_date_columns, part_of_date
from forecast_cli.panel.reading.header import dates_in
from forecast_cli.panel.reading.numeric_dates import read_numeric_dates
from forecast_cli.panel.reading.row_names import name_columns, row_names
from forecast_cli.panel.reading.step_columns import step_columns
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

SERIES, DATE, VALUE = "series", "date", "value"
"""The columns of the long table."""
MAX_NAMES_SHOWN = 6
_MAY_BE_TIME = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)|\d:\d|\d[./-]\d", re.ASCII)
_EUROSTAT = re.compile(r".*\\time(_period)?", re.IGNORECASE)
_FLAGS = re.compile(r"^:?\s*[a-z]{0,3}$|(?<=\d)\s*[a-z]{1,3}$")
"""In a cell of Eurostat, a colon for a missing value, and letters that comment on the value."""


def split_rows(table: RawTable, config: ReadConfig) -> tuple[RawTable, ReadConfig]:
    """The long form of a table with one row per series, and options that name its columns; other tables unchanged.

    If a row is a part of the date, such as a month under a header of years, the table is one series.

    Raises DataError if rows have no id of their own, or if a row and a column together give no date.
    """
    forced = config.layout == "rows"
    if config.layout in ("long", "wide") or config.date_column or config.value_columns:
        return table, config
    dates = dates_in(table.names)
    times = list(dates) or step_columns(table) or (_number_columns(table, config) if forced else [])
    if not times:
        return table, config
    table = _without_footer(table, times)
    others = _other_columns(table, times)
    if not forced and _rows_are_times(others, dated=bool(dates)):
        return table, config
    long = _long(table, times, list(dates.values()))
    if not forced and (parts := [(part, c) for c in others if (part := part_of_date(c))]):
        return _one_series(long, table, *parts[0], config)
    ids = name_columns(table, others, config.id_columns)
    cells = np.column_stack([np.repeat(row_names(table, ids), len(times)), long.cells])
    _log_unused(table, others, ids)
    long = replace(long, names=(SERIES, *long.names), cells=cells, layout=_in_words(table, times, bool(dates), ids))
    return long, replace(config, id_columns=(SERIES,), date_column=DATE if dates else None, value_columns=(VALUE,))


def _in_words(table: RawTable, times: list[int], dated: bool, ids: Sequence[RawColumn]) -> str:
    header = f"dates in the header ({table.names[times[0]]} to {table.names[times[-1]]})"
    named = and_joined([f"'{column.name}'" for column in ids]) if ids else "the number of the row"
    return f"one row per series ({named}), {header if dated else 'no dates, steps are counted'}"


def _long(table: RawTable, times: list[int], dates: list[str]) -> RawTable:
    """A row for each row of `table` and each of the columns `times`: the date, if there are `dates`, and the value."""
    rows = len(table.cells)
    values = table.cells[:, times]
    if _EUROSTAT.fullmatch(table.names[0]):
        values = _without_flags(values)
    columns = [np.tile(np.array(dates, dtype=object), rows)] if dates else []
    return replace(
        table,
        names=(DATE, VALUE) if dates else (VALUE,),
        cells=np.column_stack([*columns, values.ravel()]),
        lines=np.repeat(table.lines, len(times)),
        unnamed=frozenset(),
        origins=np.tile(np.array([table.names[i] for i in times], dtype=object), rows),
    )


def _one_series(
    long: RawTable, table: RawTable, period: str, column: RawColumn, config: ReadConfig
) -> tuple[RawTable, ReadConfig]:
    """The series of a table in which each row is a part of the date.

    long:    the dates of the header, and the values
    period:  what each row is, such as "month", as `column` says
    """
    cells = np.column_stack([np.repeat(column.cells, len(long.lines) // len(table.lines)), long.cells])
    year = "year" if all(re.fullmatch(r"\d{4}", text) for text in long.cells[:, 0]) else DATE
    combined = combine_date_columns(replace(long, names=(period, year, VALUE), cells=cells))
    if len(combined.names) > 2:
        raise DataError(
            f"{table.name}: each row is a {period} and each column a date, which is not understood.",
            f"Write one row per date; {mention('layout', 'rows')} takes each row as a series.",
        )
    layout = f"one series, one row per {period}, dates in the header"
    return replace(combined, layout=layout), replace(config, date_column=combined.names[0], value_columns=(VALUE,))


def _other_columns(table: RawTable, times: list[int]) -> list[RawColumn]:
    columns = [i for i in range(len(table.names)) if i not in set(times)]
    names = tuple(table.names[i] for i in columns)
    return classify_columns(replace(table, names=names, cells=table.cells[:, columns]), None)


def _number_columns(table: RawTable, config: ReadConfig) -> list[int]:
    """The columns of numbers, without the id column."""
    columns = classify_columns(table, None)
    return [i for i, column in enumerate(columns) if column.kind == "number" and column.name not in config.id_columns]


def _without_footer(table: RawTable, times: list[int]) -> RawTable:
    """The table without notes below it: rows at its end in which only one cell, and no value, is filled."""
    end = len(table.cells)
    while end > 1 and (table.cells[end - 1] != "").sum() < 2 and (table.cells[end - 1, times] == "").all():
        end -= 1
    if end == len(table.cells) or len(table.names) - len(times) < 1:
        return table
    log.info("%s: left out: rows without values below the table, from row %d on", table.name, table.lines[end])
    return replace(table, cells=table.cells[:end], lines=table.lines[:end])


def _rows_are_times(others: Sequence[RawColumn], dated: bool) -> bool:
    """Whether each row is a time, as in an ordinary table with one column per series.

    dated: whether the header has dates; if it only counts, the rows need texts that are certainly no times
    """
    present = [column for column in others if column.kind != "blank"]
    texts = [column for column in present if column.kind == "text"]
    if any(column.kind == "date" and _is_unique(column) for column in present):
        return True
    if not dated:
        return not any(_is_unique(column) and _is_name(column) for column in texts)
    numbers = [column for column in present if column.kind == "number" and not part_of_date(column)]
    return not texts and any(
        column.label.may_be_time or (not column.counts_rows and read_numeric_dates(column, False) is not None)
        for column in numbers
    )


def _is_unique(column: RawColumn) -> bool:
    return len(column.texts) == len(column.cells) > 1


def _is_name(column: RawColumn) -> bool:
    """Whether the texts of a column name series, and cannot be times in an unknown form."""
    named_time = column.label.may_be_time or part_of_date(column) is not None
    return not named_time and not any(map(_MAY_BE_TIME.search, column.cells)) and (column.cells != "").all()


def _log_unused(table: RawTable, others: Sequence[RawColumn], used: Sequence[RawColumn]) -> None:
    unused = [f"'{column.name}'" for column in others if column not in used and column.kind != "blank"]
    if unused:
        log.info("%s: left out: %s", table.name, ", ".join(unused[:MAX_NAMES_SHOWN]))


def _without_flags(cells: NDArray[Any]) -> NDArray[Any]:
    import pandas as pd

    codes, texts = pd.factorize(cells.ravel())
    plain: NDArray[Any] = np.array([_FLAGS.sub("", text) for text in texts], dtype=object)[codes].reshape(cells.shape)
    return plain
