"""Convert tables with one row per series to long form (one row per value).

Such a table has dates in the header, as in "country,2019,2020,2021", or columns of numbered steps, as in "id,V1,V2,V3".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.clock_columns import USUAL_PERIODS
from forecast_cli.panel.reading.columns import RawColumn, classify_columns
from forecast_cli.panel.reading.date_parts import combine_date_columns
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.header import dates_in
from forecast_cli.panel.reading.long_form import VALUE, long_form, other_columns, with_values
from forecast_cli.panel.reading.numeric_dates import read_numeric_dates
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.row_names import name_columns, row_names
from forecast_cli.panel.reading.step_columns import step_columns
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

SERIES, DATE = "series", "date"
"""Names of columns in the long form: the series id, and the date. The third column is VALUE of `long_form`."""
ROW_PARTS = ("half-year", "quarter", "month", "week", "day of year", "day", "hour")
"""In a table with one column per year, each row can be one of these parts of the date, such as a month."""
MAX_NAMES_SHOWN = 6
_MAY_BE_TIME = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)|\d:\d|\d[./-]\d", re.ASCII)
_YEAR = re.compile(r"\d{4}")
_EUROSTAT = re.compile(r".*\\time(_period)?", re.IGNORECASE)
_FLAGS = re.compile(r"^:?\s*[a-z]{0,3}$|(?<=\d)\s*[a-z]{1,3}$")
"""Text to remove from the cells of Eurostat files: ":" (missing value), or letters after a value (flags): "12.3 p"."""


def split_rows(table: RawTable, config: ReadConfig) -> tuple[RawTable, ReadConfig]:
    """Convert a table with one row per series to long form, with one row per value.

    If each row is a part of a date, such as a month, and the header has years, both are combined into dates.

    Returns the long table, and `config` with the names of its columns of ids, dates and values. Other tables and their
    `config` are returned unchanged.

    Raises DataError if two rows have the same name, or if a row's part and the header's date do not form a date.
    """
    forced = config.layout == "rows"
    if config.layout in ("long", "wide") or config.date_column or config.value_columns:
        return table, config
    dates = dates_in(table.names)
    times = list(dates) or step_columns(table) or (_number_columns(table, config) if forced else [])
    if not times:
        return table, config
    table = _without_flags(table, times)
    others = other_columns(table, times)
    texts = list(dates.values())
    parts = [column for column in others if _is_part_of_date(column, texts)]
    if not forced and _rows_are_times(others, parts, texts):
        return table, config
    if dates and not forced and parts:
        return _with_parts(table, times, texts, others, parts[0].part, config)
    ids = name_columns(table, others, config.id_columns)
    long = long_form(table, {SERIES: row_names(table, ids)}, times, {DATE: texts} if dates else {})
    _log_unused(table, others, ids)
    long = replace(long, layout=_in_words(table, times, bool(dates), ids))
    return long, replace(config, id_columns=(SERIES,), date_column=DATE if dates else None, value_columns=(VALUE,))


def _in_words(table: RawTable, times: list[int], dated: bool, ids: Sequence[RawColumn]) -> str:
    header = f"dates in the header ({table.names[times[0]]} to {table.names[times[-1]]})"
    named = and_joined([f"'{column.name}'" for column in ids]) if ids else "the number of the row"
    return f"one row per series ({named}), {header if dated else 'no dates, each column is one step'}"


def _with_parts(
    table: RawTable, times: list[int], dates: list[str], others: Sequence[RawColumn], part: str, config: ReadConfig
) -> tuple[RawTable, ReadConfig]:
    """Convert a table with one row per part of a date, such as a month, and one column per year to long form.

    times:  the indices of the columns with dates in the header
    dates:  the dates of these columns, as text
    others: the other columns; one of them holds the `part`
    part:   the part of a date, such as "month"

    Returns the long table with complete dates, and `config` with the names of its columns of dates and values. Raises
    DataError if `part` and `dates` do not form complete dates.
    """
    kept = {part if column.part == part else column.name: column.cells for column in others}
    header = "year" if all(full_match(_YEAR, date) for date in dates) else DATE
    long = with_values(long_form(table, kept, times, {header: dates}))
    combined = combine_date_columns(long, named=(VALUE,))
    if {part, header} <= set(combined.names):
        raise DataError(
            f"{table.name}: each row is a {part} and each column a date, which is not understood.",
            f"Write one row per date; {mention('layout', 'rows')} takes each row as a series.",
        )
    date = next(name for name in combined.names if name in (part, header))
    return combined, replace(config, date_column=date, value_columns=(VALUE,))


def _is_part_of_date(column: RawColumn, dates: list[str]) -> bool:
    """Return whether a column holds the part of the date that the header lacks: the month, if the header has years.

    The part must be one of ROW_PARTS. If the header has consecutive days, it can also be a period: a numbered interval
    of the day, such as the half-hours 1 to 48.

    dates: the dates in the header, as text
    """
    if column.part == "period" and len(column.texts) in USUAL_PERIODS:
        return any(_advance_by_days(reading.local) for reading in read_dates(np.array(dates, dtype=object)))
    return column.part in ROW_PARTS and column.kind != "date"


def _advance_by_days(times: NDArray[np.datetime64]) -> bool:
    return bool((np.diff(times) == np.timedelta64(1, "D")).all())


def _number_columns(table: RawTable, config: ReadConfig) -> list[int]:
    """The indices of the columns of numbers, without the id columns that the user named."""
    columns = classify_columns(table, None)
    return [i for i, column in enumerate(columns) if column.kind == "number" and column.name not in config.id_columns]


def _rows_are_times(others: Sequence[RawColumn], parts: Sequence[RawColumn], dates: list[str]) -> bool:
    """Return whether each row of a table is a time, as in an ordinary table with one column per series.

    Each row is a time if a column has a different date in each row. Otherwise it depends on the header:

    - without dates, rows are times unless a column of text has a different name in each row;
    - with dates, rows are times if there is no column of text, and a column of numbers may hold times. A column
      named like row numbers may hold times only if all dates in the header are years. Such a header can also be numbers
      that are the names of series.

    others: the columns without dates in the header
    parts:  those of `others` that hold a part of a date
    dates:  the dates in the header, as text
    """
    present = [column for column in others if column.kind != "blank"]
    texts = [column for column in present if column.kind == "text"]
    if any(column.kind == "date" and _is_unique(column) and not column.label.is_id for column in present):
        return True
    if not dates:
        return not any(_is_unique(column) and _is_name(column) for column in texts)
    numbers = [column for column in present if column.kind == "number" and column not in parts]
    if not all(full_match(_YEAR, date) for date in dates):
        numbers = [column for column in numbers if not column.label.numbers_rows]
    return not texts and any(map(_may_be_time, numbers))


def _may_be_time(column: RawColumn) -> bool:
    """Whether a column of numbers may hold times: by its name, or because its numbers are times at equal steps.

    Only the name decides if it may be the name of ids, or if the numbers count the rows.
    """
    label = column.label
    is_even = not column.counts_rows and not label.may_be_id and read_numeric_dates(column, False) is not None
    return label.may_be_time or is_even


def _is_unique(column: RawColumn) -> bool:
    return len(column.texts) == len(column.cells) > 1


def _is_name(column: RawColumn) -> bool:
    """Whether a column can hold the names of series: no cell is empty, and neither its name nor its cells are times."""
    named_time = column.label.may_be_time or column.part != ""
    return not named_time and not any(map(_MAY_BE_TIME.search, column.cells)) and (column.cells != "").all()


def _log_unused(table: RawTable, others: Sequence[RawColumn], used: Sequence[RawColumn]) -> None:
    unused = [f"'{column.name}'" for column in others if column not in used and column.kind != "blank"]
    if unused:
        log.info("%s: left out: %s", table.name, ", ".join(unused[:MAX_NAMES_SHOWN]))


def _without_flags(table: RawTable, times: list[int]) -> RawTable:
    """Remove the flags (letters after values) from a table of Eurostat: "12.3 p" -> "12.3". Other tables are unchanged.

    times: the indices of the columns with values
    """
    if not _EUROSTAT.fullmatch(table.names[0]):
        return table
    codes, texts = factorize(table.cells[:, times].ravel())
    plain = np.array([_FLAGS.sub("", text) for text in texts], dtype=object)
    cells = table.cells.copy()
    cells[:, times] = plain[codes].reshape(len(cells), -1)
    return replace(table, cells=cells)
