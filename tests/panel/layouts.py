"""The layouts of a table of time series: each function writes the same content in another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Ids = tuple[str, ...]
Row = list[str]

PARTS_IN_HEADER: dict[str, tuple[str, str, list[str], Callable[[pd.Timestamp], int]]] = {
    "MS": (
        "Y",
        "year",
        [f"{month:%b}" for month in pd.date_range("2024", periods=12, freq="MS")],
        lambda t: t.month - 1,
    ),
    "QS-JAN": ("Y", "Year", ["Q1", "Q2", "Q3", "Q4"], lambda t: t.quarter - 1),
    "h": ("D", "date", [f"{hour:02d}:00" for hour in range(24)], lambda t: t.hour),
}
"""Frequency -> the period of a row, the name of its column, the other columns, and the one that a time belongs to."""


@dataclass(frozen=True)
class Content:
    """What a table holds, and how its cells are written.

    series:  texts of an id -> values by time
    dates:   time -> its cells, one for each of `date_names`
    number:  from a value to its cell
    """

    series: Mapping[Ids, pd.Series]
    id_names: Sequence[str]
    dates: Mapping[pd.Timestamp, Row]
    date_names: Sequence[str]
    number: Callable[[float], str]

    @property
    def frame(self) -> pd.DataFrame:
        """(times, series) all values."""
        return pd.DataFrame(dict(enumerate(self.series.values()))).sort_index()


def long(content: Content, value_name: str, rows: Sequence[tuple[Ids, pd.Timestamp]]) -> list[Row]:
    """One row for each of `rows`, a series and a time."""
    return [[*content.id_names, *content.date_names, value_name]] + [
        [*texts, *content.dates[time], content.number(content.series[texts][time])] for texts, time in rows
    ]


def wide(content: Content, times: Sequence[pd.Timestamp]) -> list[Row]:
    """One row for each of `times`, one column for each series."""
    frame = content.frame
    return [[*content.date_names, *(texts[0] for texts in content.series)]] + [
        [*content.dates[time], *map(content.number, frame.loc[time])] for time in times
    ]


def series_in_rows(content: Content, times: Sequence[pd.Timestamp], remark: Mapping[str, str]) -> list[Row]:
    """One row for each series, with the same remark in each, and one column for each of `times`."""
    frame = content.frame
    return [[*content.id_names, *remark, *(content.dates[time][0] for time in times)]] + [
        [*texts, *remark.values(), *map(content.number, frame.loc[times, i])] for i, texts in enumerate(content.series)
    ]


def parts_in_header(content: Content, freq: str) -> list[Row]:
    """One row for each series and year, or date; one column for each part of it."""
    period, name, columns, position = PARTS_IN_HEADER[freq]
    rows: list[Row] = []
    for texts, of_series in content.series.items():
        for whole, values in of_series.groupby(of_series.index.to_period(period)):
            row = np.full(len(columns), np.nan)
            row[[position(time) for time in values.index]] = values
            rows.append([*texts, str(whole), *map(content.number, row)])
    return [[*content.id_names, name, *columns], *rows]
