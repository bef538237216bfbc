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

YEAR_NAMES = ("year", "yr", "yyyy", "jahr", "année", "año", "anno")
QUARTER_NAMES = ("quarter", "qtr", "q", "quartal", "trimestre")
MONTH_NAMES = ("month", "mon", "mo", "mm", "monat", "mois", "mes", "mese")
DAY_NAMES = ("day", "dd", "dayofmonth", "tag", "jour", "día", "giorno")
HOUR_NAMES = ("hour", "hr", "hh", "stunde", "heure", "hora", "ora")
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
    """Year and month, or quarter, and perhaps day in columns of their own."""
    year = _find(table, YEAR_NAMES)
    month, quarter = _find(table, MONTH_NAMES), _find(table, QUARTER_NAMES)
    if year is None or (month is None and quarter is None):
        return None
    day = _find(table, DAY_NAMES) if month is not None else None
    parts = [part for part in (year, month if month is not None else quarter, day) if part is not None]
    dates = _dates(*(table.cells[:, part] for part in parts), in_quarters=month is None)
    if dates is None:
        return None
    names = " and ".join(f"'{table.names[part]}'" for part in parts)
    log.info("%s: the date is in the columns %s", table.name, names)
    return _put_together(table, parts, dates)


def _dates(
    years: NDArray[Any], months: NDArray[Any], days: NDArray[Any] | None = None, *, in_quarters: bool
) -> NDArray[Any] | None:
    """ISO dates from columns of text; None where they do not all make one."""
    year = _whole(years, 1000, 9999)
    month = _whole(months, 1, 4) if in_quarters else _whole(months, 1, 12)
    if month is None and not in_quarters:
        named = np.array([month_number(str(text)) for text in months])
        month = named if len(named) and named.min() > 0 else None
    day = np.ones(len(years), dtype=np.int64) if days is None else _whole(days, 1, 31)
    if year is None or month is None or day is None:
        return None
    if in_quarters:
        month = 3 * month - 2
    months_since_1970 = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    dates = months_since_1970.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    texts: NDArray[Any] = np.datetime_as_string(dates).astype(object)
    return texts


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
    others = np.flatnonzero(months == 0)
    if len(others) != 1 or (years := _whole(table.cells[:, others[0]], 1000, 9999)) is None:
        return None
    order = np.argsort(months, kind="stable")[1:]
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
