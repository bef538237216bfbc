"""Convert tables with one row per period and one column per part of the period to long form (one row per value).

For example: one row per day with a column per hour, or one row per year with a column per month.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.forms import looks_like_clock
from forecast_cli.panel.reading.groups import read_clock
from forecast_cli.panel.reading.long_form import VALUE, long_form, other_columns, with_values
from forecast_cli.panel.reading.month_names import ENGLISH, WORD, months_of
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

COUNTS = {
    "hour": ("h he hr hour hourending stunde std heure hora ora uur", (range(24), range(1, 25))),
    "day": ("d day tag jour dia giorno dag", (range(1, 32),)),
    "week": ("w wk week kw semaine semana settimana", (range(1, 53), range(1, 54))),
    "month": ("m month monat mois mes mese", (range(1, 13),)),
    "quarter": ("q qtr quarter quartal trimestre", (range(1, 5),)),
}
"""Part of a date -> (words, ranges of numbers) for columns such as "hour 1" to "hour 24".

One of the words may be before the number in a column's name. The numbers of all columns together must be one of the
ranges, in this order.
"""
COARSER = {"day": {"year", "month"}, "week": {"year"}, "month": {"year"}, "quarter": {"year"}}
"""Part of the date in the header -> the longer parts that other columns must hold: for months, the year.

For parts that are not listed, such as hours, a column must hold whole dates.
"""
CLOCK_PARTS = ("hour", "minute", "period")
MAX_MONTH_COLUMNS = 20
"""Names of months are searched in this many first columns only."""
DAY_NANOSECONDS, MIN_TIMES_OF_DAY = 86_400_000_000_000, 12
_YEAR = re.compile(r"(?:FY\s?)?(?:1[6-9]|2[0-2])\d\d(?:\.0*)?")
_NUMBERED = re.compile(r"(?P<word>[^\W\d]*+)[\W_]*+(?P<number>\d{1,2})h?", re.IGNORECASE)


def split_periods(table: RawTable, config: ReadConfig) -> tuple[RawTable, ReadConfig]:
    """Convert a table with one column per part of a period to long form, with one row per value.

    The columns can be all hours or times of a day, if each row has a date; all months, quarters or weeks, if each row
    has a year; or all days of a month, if each row has a year and a month. Months may be named in any of LANGUAGES.

    Returns the long table, and `config` with the name of its value column. Other tables and their `config` are returned
    unchanged.
    """
    if config.layout in ("wide", "rows") or config.date_column or config.value_columns:
        return table, config
    months = _months_in(table)
    part, texts = ("month", months) if months else _parts_in(table.names)
    if not texts:
        return table, config
    others = other_columns(table, list(texts))
    year = _year_column(others) if months else None
    if not _completes(part, others, year):
        return table, config
    kept = {"year" if column is year else column.name: column.cells for column in others}
    long = long_form(table, kept, list(texts), {part: list(texts.values())})
    log.info("%s: one column per %s", table.name, part)
    return with_values(long), replace(config, value_columns=(VALUE,))


def _parts_in(names: Sequence[str]) -> tuple[str, dict[int, str]]:
    """The part of a date that columns stand for, such as "quarter", and {column index: text of its number or time}.

    The part is "time" for columns of times of day. Returns "" and {} if the header lacks some columns of a part.

    >>> _parts_in(["year", "Q1", "Q2", "Q3", "Q4"])
    ('quarter', {1: '1', 2: '2', 3: '3', 4: '4'})
    >>> _parts_in(["date", "Q1", "Q2", "sum"])
    ('', {})
    """
    clocks = {i: name for i, name in enumerate(names) if looks_like_clock(name)}
    if len(clocks) >= MIN_TIMES_OF_DAY and _fills_a_day(list(clocks.values())):
        return "time", clocks
    matches = [(i, found) for i, name in enumerate(names) if (found := full_match(_NUMBERED, name))]
    for part, (words, counts) in COUNTS.items():
        fitting = {i: found["number"] for i, found in matches if found["word"].lower() in ("", *words.split())}
        if any(list(map(int, fitting.values())) == list(count) for count in counts):
            return part, {i: str(int(number)) for i, number in fitting.items()}
    return "", {}


def _months_in(table: RawTable) -> dict[int, str]:
    """The columns that are named like the 12 months, as {column index: English name of the month}.

    Returns {} if a month is missing or occurs twice, or if no cell of the first row is a year.
    """
    names = table.names[:MAX_MONTH_COLUMNS]
    words = sum(full_match(WORD, name.rstrip(".")) is not None for name in names)
    if words < len(ENGLISH) or not any(map(_is_year, table.cells[0])):  # few tables need Babel
        return {}
    months = {i: month for i, month in enumerate(months_of(names)) if month}
    complete = sorted(months.values()) == list(range(1, len(ENGLISH) + 1))
    return {i: ENGLISH[month - 1] for i, month in months.items()} if complete else {}


def _year_column(columns: Sequence[RawColumn]) -> RawColumn | None:
    """The column of years; None if no column holds years.

    If several columns do, the first one that is named like a year or has no name is taken, or else the first one.
    """
    years = [column for column in columns if all(map(_is_year, column.texts)) and not column.label.may_be_id]
    return next((column for column in years if column.unnamed or column.part == "year"), next(iter(years), None))


def _is_year(text: str) -> bool:
    return full_match(_YEAR, text) is not None


def _fills_a_day(clocks: list[str]) -> bool:
    """Whether times of day, such as 00:30, 01:00, ..., have equal steps that together are exactly one day."""
    times, wrong = read_clock(np.array([clock.replace(".", ":", 2) for clock in clocks], dtype=object))
    steps = np.diff(times)
    return not wrong.any() and bool((steps == steps[0]).all() and steps[0] * len(times) == DAY_NANOSECONDS)


def _completes(part: str, others: Sequence[RawColumn], year: RawColumn | None) -> bool:
    """Return whether other columns hold the parts of the date that the header lacks, as COARSER requires.

    If the header has hours or times of day, exactly one other column must hold dates, and none a part of the time of
    day.

    part:   the part of a date in the header, such as "month"
    others: the columns whose names are not such parts
    year:   the one of `others` that holds years, whatever its name; None if no such column was searched or found
    """
    dates = [column for column in others if column.kind == "date" and not column.label.is_id]
    dates = [column for column in dates if not column.constant] or dates
    parts = {"year" if column is year else column.part for column in others if column not in dates}
    parts -= {"", "weekday", "weekend"}
    return (
        parts == COARSER[part] and not dates if part in COARSER else len(dates) == 1 and parts.isdisjoint(CLOCK_PARTS)
    )
