"""Tables in which each row is a period, such as a day, and the columns are its parts, such as hours."""

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
from forecast_cli.panel.reading.long_form import VALUE, long_form, other_columns
from forecast_cli.panel.reading.month_names import month_number
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

COUNTS = {
    "hour": ("h he hr hour hourending stunde std heure hora ora uur", (range(24), range(1, 25))),
    "day": ("d day tag jour dia giorno dag", (range(1, 32),)),
    "week": ("w wk week kw semaine semana settimana", (range(1, 53), range(1, 54))),
    "month": ("m month monat mois mes mese", (range(1, 13),)),
    "quarter": ("q qtr quarter quartal trimestre", (range(1, 5),)),
}
"""The parts of a period that columns may count: the words before the number, and the numbers."""
COARSER = {"day": {"year", "month"}, "week": {"year"}, "month": {"year"}, "quarter": {"year"}}
"""The parts of a date that are in columns of their own if the header has the rest; hours need a date."""
DAY_NANOSECONDS, MIN_TIMES_OF_DAY = 86_400_000_000_000, 12
_NUMBERED = re.compile(r"(?P<word>[^\W\d]*)[\W_]*(?P<number>\d{1,2})h?", re.IGNORECASE)


def split_periods(table: RawTable, config: ReadConfig) -> tuple[RawTable, ReadConfig]:
    """The long form of a table whose columns are all the parts of a period, and options that name its values.

    These are hours, half-hours or other times of day with a date in each row; months, quarters or weeks with a year;
    days with a year and a month. Other tables are unchanged.
    """
    if config.layout in ("wide", "rows") or config.date_column or config.value_columns:
        return table, config
    part, texts = _parts_in(table.names)
    if not texts:
        return table, config
    others = other_columns(table, list(texts))
    if not _completes(part, others):
        return table, config
    kept = {column.name: column.cells for column in others}
    long = long_form(table, kept, list(texts), {part: list(texts.values())})
    exists = np.array([not is_missing(cell) for cell in long.cells[:, -1]], dtype=bool)  # 31 February does not
    log.info("%s: one column per %s", table.name, part)
    return long.take(np.flatnonzero(exists)), replace(config, value_columns=(VALUE,))


def _parts_in(names: Sequence[str]) -> tuple[str, dict[int, str]]:
    """The part that columns stand for, and the texts of these columns by place; "" and {} for other headers.

    >>> _parts_in(["year", "Q1", "Q2", "Q3", "Q4"])
    ('quarter', {1: '1', 2: '2', 3: '3', 4: '4'})
    >>> _parts_in(["date", "Q1", "Q2", "sum"])
    ('', {})
    """
    clocks = {i: name for i, name in enumerate(names) if looks_like_clock(name)}
    if len(clocks) >= MIN_TIMES_OF_DAY and _fills_a_day(list(clocks.values())):
        return "time", clocks
    months = {i: name for i, name in enumerate(names) if month_number(name)}
    if sorted(map(month_number, months.values())) == list(range(1, 13)):
        return "month", months
    matches = [(i, found) for i, name in enumerate(names) if (found := _NUMBERED.fullmatch(name))]
    for part, (words, counts) in COUNTS.items():
        fitting = {i: found["number"] for i, found in matches if found["word"].lower() in ("", *words.split())}
        if any(list(map(int, fitting.values())) == list(count) for count in counts):
            return part, {i: str(int(number)) for i, number in fitting.items()}
    return "", {}


def _fills_a_day(clocks: list[str]) -> bool:
    """Whether times of day have equal steps, and as many as a day has."""
    times, wrong = read_clock(np.array([clock.replace(".", ":", 2) for clock in clocks], dtype=object))
    steps = np.diff(times)
    return not wrong.any() and bool((steps == steps[0]).all() and steps[0] * len(times) == DAY_NANOSECONDS)


def _completes(part: str, others: Sequence[RawColumn]) -> bool:
    """Whether the other columns have the rest of the date."""
    dates = [column for column in others if column.kind == "date" and not column.constant]
    parts = {column.part for column in others if column not in dates} - {"", "weekday", "weekend"}
    return parts == COARSER[part] and not dates if part in COARSER else len(dates) == 1 and not parts
