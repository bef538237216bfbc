"""Tables in their three forms."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import UNDATED, Panel
from forecast_cli.report.tables.forecasts import forecast_table
from forecast_cli.report.tables.table import Column, as_csv, as_json, as_text, records
from forecast_cli.report.tables.times import time_cells
from forecast_cli.workflows import Prediction


def panel(ids: list[str], freq: str = "MS", tz: str | None = None) -> Panel:
    months = np.array(["2024-01", "2024-02"], "datetime64[ns]")
    times = np.array([1, 2]) if freq == UNDATED else months
    n = len(ids)
    return Panel(np.array(ids), freq, 12, np.arange(n + 1) * 2, np.tile(times, n), np.ones(2 * n), tz)


def forecasts(ids: list[str], points: list[list[float]]) -> Forecast:
    times = np.array(["2024-03", "2024-04"], "datetime64[ns]")
    cutoff = np.full(len(ids), np.datetime64("2024-02", "ns"))
    return Forecast(np.array(ids), cutoff, np.tile(times, (len(ids), 1)), np.array(points))


def predicted(ids: list[str], by_model: dict[str, Forecast]) -> Prediction:
    return Prediction("data.csv", panel(ids), by_model)


def test_people_see_aligned_columns_rounded_to_five_digits() -> None:
    prediction = predicted(
        ["air"],
        {"lstm": forecasts(["air"], [[445.6342, 98.0]]), "arima": forecasts(["air"], [[444.30957, -0.001]])},
    )
    assert as_text(forecast_table(prediction, for_people=True)) == (
        "date          lstm   arima\n"
        "----------  ------  ------\n"
        "2024-03-01  445.63  444.31\n"
        "2024-04-01   98.00    0.00\n"
    )


def test_each_series_is_rounded_by_its_own_size() -> None:
    points = [[0.0123456, 0.02], [123456.7, 130000.2]]
    prediction = predicted(["a", "b"], {"lstm": forecasts(["a", "b"], points)})
    lines = as_text(forecast_table(prediction, for_people=True)).splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["a", "2024-03-01", "0.012346"],
        ["a", "2024-04-01", "0.020000"],
        ["b", "2024-03-01", "123457"],
        ["b", "2024-04-01", "130000"],
    ]


def test_programs_always_find_a_column_named_forecast() -> None:
    lstm, ets = forecasts(["a", "b"], [[1.5, 2.5], [3, 4]]), forecasts(["b"], [[7, math.nan]])
    table = forecast_table(predicted(["a", "b"], {"lstm": lstm, "ets": ets}))
    assert as_csv(table) == (
        "id,date,forecast,ets\na,2024-03-01,1.5,\na,2024-04-01,2.5,\nb,2024-03-01,3.0,7.0\nb,2024-04-01,4.0,\n"
    )
    rows = json.loads(as_json(records(table)), parse_constant=pytest.fail)
    assert rows[0] == {"id": "a", "date": "2024-03-01", "forecast": 1.5, "ets": None}
    assert rows[3]["ets"] is None


def test_named_series_are_rows_in_that_order() -> None:
    prediction = predicted(["a", "b"], {"lstm": forecasts(["a", "b"], [[1, 2], [3, 4]])})
    rows = records(forecast_table(prediction, ("b", "a", "b")))
    assert [(row["id"], row["forecast"]) for row in rows] == [("b", 3), ("b", 4), ("a", 1), ("a", 2)]
    with pytest.raises(UsageError, match="series c"):
        forecast_table(prediction, ("c",))


@pytest.mark.parametrize(
    ("freq", "tz", "time", "text"),
    [
        ("MS", None, "2024-01-01", "2024-01-01"),
        ("D", None, "2024-02-29", "2024-02-29"),
        ("D", None, "2024-02-29T06:00", "2024-02-29T06:00:00"),
        ("h", None, "2024-02-29", "2024-02-29T00:00:00"),
        ("15min", "UTC", "2024-02-29T00:15", "2024-02-29T00:15:00Z"),
        ("W-SUN", "UTC", "2024-02-25", "2024-02-25"),
        ("10ms", None, "2024-02-29T00:00:00.250", "2024-02-29T00:00:00.250"),
        ("10ms", "UTC", "2024-02-29T00:00:00.250", "2024-02-29T00:00:00.250Z"),
        ("us", None, "2024-02-29T00:00:00.000007", "2024-02-29T00:00:00.000007"),
    ],
)
def test_dates_are_as_exact_as_the_frequency(freq: str, tz: str | None, time: str, text: str) -> None:
    assert time_cells(np.array([time], "datetime64[ns]"), panel(["a"], freq, tz)) == [text]


def test_a_column_of_times_has_one_length() -> None:
    times = np.array(["2024-02-29T00:00:00.990", "2024-02-29T00:00:01", "NaT"], "datetime64[ns]")
    texts = ["2024-02-29T00:00:00.990", "2024-02-29T00:00:01.000", None]
    assert time_cells(times, panel(["a"], "10ms")) == texts


def test_steps_stay_numbers() -> None:
    assert time_cells(np.array([3, 4]), panel(["a"], UNDATED)) == [3, 4]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_csv_and_json_keep_every_bit(numbers: list[float]) -> None:
    table = [Column("x", numbers)]
    rows = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [float(row["x"]) for row in rows] == numbers
    assert [row["x"] for row in json.loads(as_json(records(table)))] == numbers


@given(st.lists(st.text(min_size=1), min_size=1))
def test_csv_keeps_every_id(ids: list[str]) -> None:
    rows = list(csv.reader(io.StringIO(as_csv([Column("id", ids), Column("x", [1] * len(ids))]), newline="")))
    assert [row[0] for row in rows[1:]] == ids


@pytest.mark.slow
@given(st.lists(st.floats(), min_size=1))
def test_unusual_numbers_are_readable(numbers: list[float]) -> None:
    lines = as_text([Column("x", numbers, 2)]).splitlines()
    assert len(lines) == len(numbers) + 2
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) < 25


def test_wide_characters_keep_the_columns_aligned() -> None:
    lines = as_text([Column("id", ["東京", "Oslo"]), Column("x", [1, 2])]).splitlines()
    assert lines[2:] == ["東京  1", "Oslo  2"]


def test_columns_are_left_out_if_the_table_is_too_wide() -> None:
    table = [
        Column("id", ["x" * 40], short=True),
        Column("detail", ["y" * 40], drop_order=1),
        Column("more", ["z" * 40], drop_order=2),
        Column("kept", ["k" * 30]),
    ]
    lines = as_text(table).splitlines()
    assert lines[0].split() == ["id", "kept"]
    assert max(map(len, lines)) <= 80
    assert "detail" in as_csv(table)


def test_long_texts_are_shortened_if_leaving_out_columns_is_not_enough() -> None:
    long = "x" * 30 + "y" * 30
    roomy, narrow = (
        as_text(
            [
                Column("model", [long], short=True, drop_order=2),
                Column("more", ["z" * width], drop_order=1),
                Column("n", [1]),
            ]
        )
        for width in (10, 30)
    )
    assert long in roomy
    assert "more" in roomy
    assert long in narrow
    assert "more" not in narrow
    cut = as_text([Column("model", [long], short=True, drop_order=2), Column("kept", ["k" * 30])])
    assert "xxxxxxxxxx…yyyyyyy" in cut


def test_ids_that_begin_alike_stay_apart() -> None:
    lines = as_text(
        [Column("id", [f"Sensor number one, {end}" for end in ("north", "south")], short=True)]
    ).splitlines()
    assert lines[2] != lines[3]
