"""A table with one row for each year and one column for each month."""

from __future__ import annotations

import logging

import numpy as np

from forecast_cli.panel.reading.column_names import plain
from forecast_cli.panel.reading.dates import Timestamps
from forecast_cli.panel.reading.month_names import WORD, months_of
from forecast_cli.panel.reading.numbers import whole_numbers
from forecast_cli.panel.reading.part_names import part_of
from forecast_cli.panel.reading.table import RawTable

log = logging.getLogger(__name__)

TOTAL_NAMES = ("total", "annual", "sum", "average", "avg", "mean", "ytd", "gesamt", "summe", "jahr", "year")
"""Names of a column, other than the years, that summarises the twelve months of a row."""
MIN_YEAR, MAX_YEAR = 1000, 9999
MAX_COLUMNS = 20
"""Columns in which months are looked for."""


def unpivot_months(table: RawTable) -> RawTable | None:
    """The long form of a table with one row per year and one column per month; None for other tables.

    Beside the year, other columns stay: they may be ids.
    """
    words = sum(WORD.fullmatch(name.rstrip(".")) is not None for name in table.names[:MAX_COLUMNS])
    first_row = (table.cells[:1, i] for i in range(min(MAX_COLUMNS, len(table.names))))
    if words < 12 or all(whole_numbers(cell, MIN_YEAR, MAX_YEAR) is None for cell in first_row):
        return None
    months = np.array(months_of(table.names[:MAX_COLUMNS]))
    if sorted(months[months > 0]) != list(range(1, 13)):
        return None
    others = [*np.flatnonzero(months == 0).tolist(), *range(MAX_COLUMNS, len(table.names))]
    year = next((i for i in others if part_of(table.names[i]) == "year"), others[0] if others else None)
    if year is None or (years := whole_numbers(table.cells[:, year], MIN_YEAR, MAX_YEAR)) is None:
        return None
    others = [i for i in others if i != year and plain(table.names[i]) not in TOTAL_NAMES]
    if {"date", "value"} & {table.names[i] for i in others}:
        return None
    order = np.argsort(months, kind="stable")[-12:]
    days = np.add.outer((years - 1970) * 12, np.arange(12)).ravel().astype("datetime64[M]").astype("datetime64[D]")
    names = np.array(table.names, dtype=object)[order]
    texts = (table.cells[:, year, None] + "-" + names).ravel()
    values = table.cells[:, order].reshape(-1)
    log.info("%s: one row per year, one column per month", table.name)
    return RawTable(
        table.name,
        (*(table.names[i] for i in others), "date", "value"),
        np.column_stack([np.repeat(table.cells[:, others], len(order), axis=0), texts, values]),
        np.repeat(table.lines, 12),
        table.decimal,
        timestamps={"date": Timestamps.of_days(days)},
    )
