"""Tables whose date lies in several columns, or in their header, brought to one column of dates."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.columns import plain
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.forms import looks_like_clock, looks_like_date, month_number
from forecast_cli.panel.reading.table import Table

log = logging.getLogger(__name__)

Days = NDArray[Any]

YEAR_NAMES = ("year", "yr", "yyyy", "jahr", "année", "año", "anno")
QUARTER_NAMES = ("quarter", "qtr", "q", "quartal", "trimestre")
MONTH_NAMES = ("month", "mon", "mo", "mm", "monat", "mois", "mes", "mese")
WEEK_NAMES = ("week", "wk", "isoweek", "weekofyear", "woche", "kw", "semaine", "semana", "settimana")
DAY_NAMES = ("day", "dd", "dy", "dayofmonth", "tag", "jour", "día", "giorno")
HOUR_NAMES = ("hour", "hr", "hh", "stunde", "heure", "hora", "ora")
TOTAL_NAMES = ("total", "annual", "sum", "average", "avg", "mean", "ytd", "gesamt", "summe", "jahr", "year")
"""Of a table of a row a year, beside the column of years itself: what the months come to."""

LOOKED_AT = 50
"""Columns: beyond these a wide file holds nothing but series."""


def with_one_date_column(table: Table) -> Table:
    """`table` with the parts of its dates put together; the table itself where there are none."""
    if not _day_columns(table):
        table = _calendar_table(table) or _joined_parts(table) or table
    days = _day_columns(table)
    return _joined_clock(table, days[0]) or table if len(days) == 1 else table


def _day_columns(table: Table) -> list[int]:
    return [i for i, cells in enumerate(table.cells[:20, :LOOKED_AT].T) if _all_dates(cells)]


def _all_dates(cells: NDArray[Any]) -> bool:
    return _all(looks_like_date, cells) and any(reading.share == 1 for reading in read_dates(cells))


def _all(test: Callable[[str], bool], cells: NDArray[Any]) -> bool:
    return all(test(cell) for cell in cells)


def _joined_parts(table: Table) -> Table | None:
    """Year and month, and perhaps day, or quarter or week, in columns of their own."""
    year, month, quarter, week = (_find(table, names) for names in (YEAR_NAMES, MONTH_NAMES, QUARTER_NAMES, WEEK_NAMES))
    read: Callable[..., Days | None]
    if month is not None:
        read, parts = _dates, [year, month, _find(table, DAY_NAMES)]
    elif quarter is not None:
        read, parts = _quarters, [year, quarter]
    else:
        read, parts = _weeks, [year, week]
    found = [part for part in parts if part is not None]
    if year is None or len(found) < 2:
        return None
    dates = read(*(table.cells[:, part] for part in found))
    if dates is None:
        return None
    names = " and ".join(f"'{table.names[part]}'" for part in found)
    log.info("%s: the date is in the columns %s", table.name, names)
    return _put_together(table, found, np.datetime_as_string(dates).astype(object))


def _dates(years: NDArray[Any], months: NDArray[Any], days: NDArray[Any] | None = None) -> Days | None:
    """Dates from columns of text; None where they do not all make one. Months are numbers or names."""
    year, month = _whole(years, 1000, 9999), _whole(months, 1, 12)
    if month is None:
        named = np.array([month_number(str(text)) for text in months])
        month = named if len(named) and named.min() > 0 else None
    day = np.ones(len(years), dtype=np.int64) if days is None else _whole(days, 1, 31)
    if year is None or month is None or day is None:
        return None
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    days_of_month: Days = first + (day - 1).astype("timedelta64[D]")
    return days_of_month


def _quarters(years: NDArray[Any], quarters: NDArray[Any]) -> Days | None:
    """The first days of quarters 1 to 4 or Q1 to Q4."""
    quarter = _whole(np.array([text.upper().removeprefix("Q") for text in quarters], dtype=object), 1, 4)
    return None if quarter is None else _dates(years, 3 * quarter - 2)


def _weeks(years: NDArray[Any], weeks: NDArray[Any]) -> Days | None:
    """The Mondays of ISO weeks; None where a year has no such week."""
    year, week = _whole(years, 1000, 9999), _whole(weeks, 1, 53)
    if year is None or week is None:
        return None
    first, following = (_first_monday(each) for each in (year, year + 1))
    monday = first + (7 * (week - 1)).astype("timedelta64[D]")
    return monday if (monday < following).all() else None


def _first_monday(year: NDArray[np.int64]) -> Days:
    """Of week 1, the one that 4 January is in."""
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(3, "D")
    monday: Days = fourth - ((fourth.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
    return monday


def _whole(cells: NDArray[Any], low: int, high: int) -> NDArray[np.int64] | None:
    try:
        values = cells.astype(np.float64)
    except ValueError:
        return None
    fits = (values % 1 == 0) & (values >= low) & (values <= high)
    return values.astype(np.int64) if fits.all() else None


def _joined_clock(table: Table, day: int) -> Table | None:
    """A column of dates and one of the time of day, such as 17:24 or, if it is called so, the hour."""
    sample = table.cells[:20, :LOOKED_AT]
    if any(":" in text for text in sample[:, day]):
        return None
    clocks = [i for i, cells in enumerate(sample.T) if i != day and _all(looks_like_clock, cells)]
    hour = _find(table, HOUR_NAMES)
    if len(clocks) == 1:
        times = np.array([text.replace(".", ":", 2) for text in table.cells[:, clocks[0]]], dtype=object)
    elif hour is not None and (hours := _whole(table.cells[:, hour], 0, 24)) is not None:
        clocks, times = [hour], hours.astype(str).astype(object) + ":00"
    else:
        return None
    log.info("%s: the time of day is in the column '%s'", table.name, table.names[clocks[0]])
    joined: NDArray[Any] = table.cells[:, day] + " " + times
    return _put_together(table, [day, clocks[0]], joined)


def _calendar_table(table: Table) -> Table | None:
    """A row a year and a column a month: one column of dates and one of values."""
    months = np.array([month_number(name) for name in table.names])
    if sorted(months[months > 0]) != list(range(1, 13)):
        return None
    named = np.flatnonzero(months == 0).tolist()
    others = [i for i in named if i == named[0] or plain(table.names[i]) not in TOTAL_NAMES]
    if len(others) != 1 or (years := _whole(table.cells[:, others[0]], 1000, 9999)) is None:
        return None
    order = np.argsort(months, kind="stable")[-12:]
    dates = np.add.outer((years - 1970) * 12, np.arange(12)).ravel().astype("datetime64[M]")
    cells = np.stack([np.datetime_as_string(dates).astype(object), table.cells[:, order].reshape(-1)], axis=1)
    log.info("%s: a row a year, a column a month", table.name)
    return Table(table.name, ("date", "value"), cells, np.repeat(table.lines, 12), table.decimal)


def _find(table: Table, names: tuple[str, ...]) -> int | None:
    found = [i for i, name in enumerate(table.names) if plain(name) in names]
    return found[0] if len(found) == 1 else None


def _put_together(table: Table, parts: list[int], dates: NDArray[Any]) -> Table:
    keep = [i for i in range(len(table.names)) if i not in parts[1:]]
    cells = table.cells[:, keep].copy()
    at = keep.index(parts[0])
    cells[:, at] = dates
    names = [table.names[i] for i in keep]
    return replace(table, names=tuple(names), cells=cells)
