"""Combine dates that are spread over several columns, or over a header of months, in one column of dates."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.column_names import plain
from forecast_cli.panel.reading.dates import Timestamps, read_clock, read_dates
from forecast_cli.panel.reading.forms import looks_like_clock, looks_like_date, month_number
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

Days: TypeAlias = NDArray[np.datetime64]

YEAR_NAMES = ("year", "yr", "yyyy", "jahr", "année", "año", "anno")
QUARTER_NAMES = ("quarter", "qtr", "q", "quartal", "trimestre")
MONTH_NAMES = ("month", "mon", "mo", "mm", "monat", "mois", "mes", "mese")
WEEK_NAMES = ("week", "wk", "isoweek", "weekofyear", "woche", "kw", "semaine", "semana", "settimana")
DAY_NAMES = ("day", "dd", "dy", "dayofmonth", "tag", "jour", "día", "giorno")
HOUR_NAMES = ("hour", "hr", "hh", "stunde", "heure", "hora", "ora")
TOTAL_NAMES = ("total", "annual", "sum", "average", "avg", "mean", "ytd", "gesamt", "summe", "jahr", "year")
"""Names of a column, not the first, that summarises the twelve months of a row."""
MIN_YEAR, MAX_YEAR = 1000, 9999

SAMPLE_ROWS = 20
MAX_COLUMNS = 50
"""Columns searched for dates. Those after it are series of a wide file."""


def combine_date_columns(table: RawTable) -> RawTable:
    """`table` with its dates combined in one column; unchanged if they are in one column, or if it has none."""
    date_columns = _date_columns(table)
    if not date_columns:
        return _unpivot_months(table) or _combine_parts(table) or table
    if len(date_columns) == 1:
        return _add_clock(table, date_columns[0]) or table
    return table


def _date_columns(table: RawTable) -> list[int]:
    return [i for i, cells in enumerate(table.cells[:SAMPLE_ROWS, :MAX_COLUMNS].T) if _all_dates(cells)]


def _all_dates(cells: NDArray[Any]) -> bool:
    return _all(looks_like_date, cells) and any(reading.valid_fraction == 1 for reading in read_dates(cells))


def _all(test: Callable[[str], bool], cells: NDArray[Any]) -> bool:
    return all(test(cell) for cell in cells)


def _unpivot_months(table: RawTable) -> RawTable | None:
    """The long form of a table with one row per year and one column per month; None for other tables."""
    months = np.array([month_number(name) for name in table.names])
    if sorted(months[months > 0]) != list(range(1, 13)):
        return None
    not_months = np.flatnonzero(months == 0).tolist()
    others = [i for i in not_months if i == not_months[0] or plain(table.names[i]) not in TOTAL_NAMES]
    if len(others) != 1 or (years := _whole_numbers(table.cells[:, others[0]], MIN_YEAR, MAX_YEAR)) is None:
        return None
    order = np.argsort(months, kind="stable")[-12:]
    days = np.add.outer((years - 1970) * 12, np.arange(12)).ravel().astype("datetime64[M]").astype("datetime64[D]")
    names = np.array(table.names, dtype=object)[order]
    texts = (table.cells[:, others[0], None] + "-" + names).ravel()
    log.info("%s: one row per year, one column per month", table.name)
    return RawTable(
        table.name,
        ("date", "value"),
        np.stack([texts, table.cells[:, order].reshape(-1)], axis=1),
        np.repeat(table.lines, 12),
        table.decimal,
        timestamps={"date": Timestamps.of_days(days)},
    )


def _combine_parts(table: RawTable) -> RawTable | None:
    """Combine columns of years and months (and days), quarters or weeks, and the time of day; None without them."""
    year, month, quarter, week = (_find(table, names) for names in (YEAR_NAMES, MONTH_NAMES, QUARTER_NAMES, WEEK_NAMES))
    read: Callable[..., Days | None]
    if month is not None:
        read, possible = _dates, [year, month, _find(table, DAY_NAMES)]
    elif quarter is not None:
        read, possible = _quarters, [year, quarter]
    else:
        read, possible = _weeks, [year, week]
    parts = [part for part in possible if part is not None]
    if year is None or len(parts) < 2:
        return None
    days = read(*(table.cells[:, part] for part in parts))
    if days is None:
        return None
    log.info("%s: the date is in the columns %s", table.name, " and ".join(f"'{table.names[i]}'" for i in parts))
    texts = table.cells[:, parts[0]]
    for part in parts[1:]:
        texts = texts + "-" + table.cells[:, part]
    timestamps = Timestamps.of_days(days)
    clock = None if timestamps.bad.any() else _clock_column(table, parts)
    if clock is not None:
        column, clock_texts = clock
        timestamps = Timestamps.of_days(days, *read_clock(clock_texts))
        texts = texts + " " + clock_texts
        parts.append(column)
    combined = _with_combined(table, parts, texts)
    return replace(combined, timestamps={table.names[parts[0]]: timestamps})


def _dates(years: NDArray[Any], months: NDArray[Any], days: NDArray[Any] | None = None) -> Days | None:
    """The dates of columns of text; None unless every row has one. Months are numbers or English names."""
    year, month = _whole_numbers(years, MIN_YEAR, MAX_YEAR), _whole_numbers(months, 1, 12)
    if month is None:
        named = np.array([month_number(str(text)) for text in months])
        month = named if len(named) and named.min() > 0 else None
    day = np.ones(len(years), dtype=np.int64) if days is None else _whole_numbers(days, 1, 31)
    if year is None or month is None or day is None:
        return None
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    days_of_month: Days = first + (day - 1).astype("timedelta64[D]")
    return days_of_month


def _quarters(years: NDArray[Any], quarters: NDArray[Any]) -> Days | None:
    """The first days of quarters, written 1 to 4 or Q1 to Q4; None unless every row has one."""
    quarter = _whole_numbers(np.array([text.upper().removeprefix("Q") for text in quarters], dtype=object), 1, 4)
    return None if quarter is None else _dates(years, 3 * quarter - 2)


def _weeks(years: NDArray[Any], weeks: NDArray[Any]) -> Days | None:
    """The Mondays of ISO 8601 weeks; None unless every row has a week that its year has."""
    year, week = _whole_numbers(years, MIN_YEAR, MAX_YEAR), _whole_numbers(weeks, 1, 53)
    if year is None or week is None:
        return None
    first, following = (_first_monday(each) for each in (year, year + 1))
    monday = first + (7 * (week - 1)).astype("timedelta64[D]")
    return monday if (monday < following).all() else None


def _first_monday(year: NDArray[np.int64]) -> Days:
    """The Monday of week 1, which contains 4 January."""
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(3, "D")
    monday: Days = fourth - ((fourth.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
    return monday


def _whole_numbers(cells: NDArray[Any], low: int, high: int) -> NDArray[np.int64] | None:
    """The cells as whole numbers from `low` to `high`; None if any is something else."""
    try:
        values = cells.astype(np.float64)
    except ValueError:
        return None
    fits = (values % 1 == 0) & (values >= low) & (values <= high)
    return values.astype(np.int64) if fits.all() else None


def _add_clock(table: RawTable, date: int) -> RawTable | None:
    """Add the time of day from a column of its own to the column of dates; None without such a column."""
    if any(":" in text for text in table.cells[:SAMPLE_ROWS, date]):
        return None
    clock = _clock_column(table, [date])
    if clock is None:
        return None
    column, clock_texts = clock
    return _with_combined(table, [date, column], table.cells[:, date] + " " + clock_texts)


def _clock_column(table: RawTable, date_columns: list[int]) -> tuple[int, NDArray[Any]] | None:
    """The column with the time of day, or with the hour by its name, and its cells written as 17:24 or 17:00."""
    sample = table.cells[:SAMPLE_ROWS, :MAX_COLUMNS]
    clocks = [i for i, cells in enumerate(sample.T) if i not in date_columns and _all(looks_like_clock, cells)]
    hour = _find(table, HOUR_NAMES)
    if len(clocks) == 1:
        column = clocks[0]
        texts = np.array([text.replace(".", ":", 2) for text in table.cells[:, column]], dtype=object)
    elif hour is not None and (hours := _whole_numbers(table.cells[:, hour], 0, 24)) is not None:
        column, texts = hour, hours.astype(str).astype(object) + ":00"
    else:
        return None
    log.info("%s: the time of day is in the column '%s'", table.name, table.names[column])
    return column, texts


def _find(table: RawTable, names: tuple[str, ...]) -> int | None:
    """The only column with one of `names`; None if there is none or several."""
    columns = [i for i, name in enumerate(table.names) if plain(name) in names]
    return columns[0] if len(columns) == 1 else None


def _with_combined(table: RawTable, parts: list[int], texts: NDArray[Any]) -> RawTable:
    """The table with `texts` (rows,) in the column parts[0] and without the other columns of `parts`."""
    keep = [i for i in range(len(table.names)) if i not in parts[1:]]
    cells = table.cells[:, keep].copy()
    cells[:, keep.index(parts[0])] = texts
    return replace(table, names=tuple(table.names[i] for i in keep), cells=cells)
