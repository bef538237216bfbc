"""Ids of any spelling, in one column or two, are read back equal or refused; never as something else."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

AWKWARD = [
    "0007",
    "7",
    "1E-001",
    "0.1",
    "NA",
    "null",
    "-",
    "a/b",
    "a",
    "b",
    "x\ny",
    "x y",
    "2024-01-01",
    "05:30",
    "1,5",
]
ids = st.sampled_from(AWKWARD) | st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)
one_id = st.lists(st.tuples(ids), min_size=1, max_size=5, unique=True)
two_ids = st.lists(st.tuples(ids, ids), min_size=1, max_size=6, unique=True)
id_names = st.sampled_from([("unique_id", "key"), ("store_nbr", "family"), ("Plant", "SKU"), ("branch", "article")])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, ...]], np.ndarray, int]:
    """The names of the id columns, the series, the values (series, steps), and how the rows are sorted."""
    series = draw(one_id | two_ids)
    names = list(draw(id_names))[: len(series[0])]
    steps = draw(st.integers(12, 20))
    decimals = draw(st.sampled_from([0, 1]))
    numbers = st.integers(-900, 900).map(lambda number: number / 10**decimals)
    values = draw(st.lists(numbers, min_size=len(series) * steps, max_size=len(series) * steps))
    return names, series, np.array(values).reshape(len(series), steps), draw(st.integers(0, 2))


def written(names: list[str], series: list[tuple[str, ...]], values: np.ndarray, order: int) -> str:
    dates = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-02-20", periods=values.shape[1])]
    rows = [
        [*texts, day, f"{value:g}"]
        for texts, of_series in zip(series, values, strict=True)
        for day, value in zip(dates, of_series, strict=True)
    ]
    if order == 1:
        rows.sort(key=lambda row: row[-2])
    if order == 2:
        rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    text = io.StringIO()
    csv.writer(text).writerows([[*names, "date", "sales"], *rows])
    return text.getvalue()


def read(text: str, config: ReadConfig) -> Panel:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        path.write_bytes(text.encode())
        return read_panel(str(path), config)


@settings(max_examples=150, deadline=None)
@given(table=tables(), named=st.booleans())
def test_series_are_read_back_or_refused(
    table: tuple[list[str], list[tuple[str, ...]], np.ndarray, int], named: bool
) -> None:
    names, series, values, _order = table
    try:
        panel = read(written(*table), ReadConfig(id_columns=tuple(names)) if named else ReadConfig())
    except DataError:
        return
    assert len(panel) == len(series)
    expected = sorted(tuple(of_series) for of_series in values)
    assert sorted(tuple(of_series) for of_series in panel.series()) == expected
