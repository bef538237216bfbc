"""`forecast detect` as a user runs it: what it finds, its forms, its exit codes."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.errors import ExitCode
from tests.cli.program import Forecast
from tests.sample_panels import AIRLINE

SPIKE, STEPS = 700, 1000
MOMENT = "2024-01-30T04:00:00"


def hourly(path: Path, missing: slice = slice(0, 0), ids: int = 1) -> Path:
    """Hours with a daily season, and a spike on 30 January 2024 at 4 o'clock in the first series."""
    frames = []
    for number in range(ids):
        chance = np.random.default_rng(number)
        values = 100 + 20 * np.sin(2 * np.pi * np.arange(STEPS) / 24) + chance.normal(0, 1, STEPS)
        values[SPIKE] += 30 if number == 0 else 0
        values[missing] = np.nan
        times = pd.date_range("2024-01-01", periods=STEPS, freq="h")
        frame = pd.DataFrame({"time": times, "value": values.round(3)})
        frames.append(frame.assign(id=f"s{number}") if ids > 1 else frame)
    pd.concat(frames).to_csv(path, index=False)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return hourly(tmp_path / "hours.csv")


def test_a_spike_is_found_with_its_time_value_and_expectation(forecast: Forecast, data: Path) -> None:
    done = forecast("detect", data, "--alarm-rate", "0.0001", "--format", "json", "--quiet")

    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    found = json.loads(done.stdout)
    spike = next(row for row in found if row["start"] == MOMENT)
    assert spike["kind"] == "spike"
    assert spike["value"] - spike["expected"] == pytest.approx(30, abs=6)
    assert spike["p"] <= 1e-4


def test_the_table_says_what_was_judged(forecast: Forecast, data: Path) -> None:
    done = forecast("detect", data, "--alarm-rate", "0.0001")

    assert MOMENT in done.stdout
    assert "900 of 1,000 points judged by exponential smoothing. At an alarm rate of 0.0001" in done.stderr


def test_the_counts_are_those_of_the_selected_points(forecast: Forecast, tmp_path: Path) -> None:
    path = hourly(tmp_path / "two.csv", missing=slice(990, 992), ids=2)
    selected = ("--series", "s1", "--since", "2024-02-11")

    done = forecast("detect", path, "--alarm-rate", "0.05", *selected)
    rows = json.loads(forecast("detect", path, "--scores", "--format", "json", "--quiet", *selected).stdout)

    assert "14 of 14 points judged by exponential smoothing." in done.stderr
    assert "rate of 0.05, 0.7 false alarms are expected." in done.stderr
    assert len(rows) == 16
    assert {row["id"] for row in rows} == {"s1"}


def with_a_short_series(path: Path) -> Path:
    """Hours of two series, of which the second has 50 values."""
    frame = pd.read_csv(hourly(path, ids=2))
    frame[(frame["id"] == "s0") | (frame.groupby("id").cumcount() >= STEPS - 50)].to_csv(path, index=False)
    return path


def test_series_that_are_too_short_to_be_judged_are_named(forecast: Forecast, tmp_path: Path) -> None:
    path = with_a_short_series(tmp_path / "two.csv")

    both, long, short = (forecast("detect", path, *chosen) for chosen in ((), ("--series", "s0"), ("--series", "s1")))

    assert "1 of 2 series is too short to be judged (fewer than 101 values): s1" in both.stderr
    assert "900 of 1,050 points judged" in both.stderr
    assert "too short" not in long.stderr
    assert short.returncode == ExitCode.DATA
    assert "too short to detect anomalies in them (the longest has 50 steps)" in short.stderr


def test_a_warning_says_that_no_selected_point_was_judged(forecast: Forecast, tmp_path: Path) -> None:
    path = hourly(tmp_path / "gap.csv", missing=slice(STEPS - 31, STEPS - 1))

    done = forecast("detect", path, "--since", "2024-02-11")

    assert "0 of 1 point judged" in done.stderr
    assert "Warning" in done.stderr
    assert "none of the points is judged" in done.stderr


@pytest.mark.parametrize("options", [(), ("--model", "naive"), ("--series", "s1")])
def test_a_date_after_the_last_point_is_refused(forecast: Forecast, tmp_path: Path, options: tuple[str, ...]) -> None:
    path = hourly(tmp_path / "two.csv", ids=2)

    done = forecast("detect", path, "--since", "2025-01-01", "--fail-if-any", "--quiet", *options)

    assert done.returncode == ExitCode.DATA
    assert "there is no point from 2025-01-01 on; the last one is 2024-02-11T15:00:00" in done.stderr
    assert "earlier --since" in done.stderr


def test_the_gate_is_about_the_chosen_series(forecast: Forecast, tmp_path: Path) -> None:
    path = hourly(tmp_path / "two.csv", ids=2)
    gate = ("--alarm-rate", "0.00001", "--since", "2024-01-30", "--fail-if-any")

    codes = [forecast("detect", path, "--series", name, *gate).returncode for name in ("s0", "s1")]

    assert codes == [ExitCode.GATE_FAILED, ExitCode.OK]


def test_every_point_has_a_row_with_its_scores(forecast: Forecast, data: Path) -> None:
    done = forecast("detect", data, "--scores", "--format", "csv", "--quiet")

    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert list(rows[0]) == ["date", "value", "expected", "p_error", "p_shape", "p", "alarm"]
    assert len(rows) == STEPS
    assert rows[SPIKE]["alarm"] == "1"
    assert sum(row["alarm"] == "1" for row in rows) <= 10


@pytest.mark.parametrize(
    ("since", "code"),
    [("2024-01-30", ExitCode.GATE_FAILED), ("2024-01-30T04:00", ExitCode.GATE_FAILED), ("2024-02-08", ExitCode.OK)],
)
def test_a_gate_fails_if_new_rows_have_an_anomaly(forecast: Forecast, data: Path, since: str, code: ExitCode) -> None:
    done = forecast("detect", data, "--since", since, "--alarm-rate", "0.0001", "--fail-if-any")

    assert done.returncode == code
    if code == ExitCode.OK:
        assert done.stdout == "No anomalies.\n"


def test_a_missing_stretch_is_no_anomaly(forecast: Forecast, tmp_path: Path) -> None:
    path = hourly(tmp_path / "gap.csv", missing=slice(500, 560))

    done = forecast("detect", path, "--format", "json", "--quiet")

    assert not [row for row in json.loads(done.stdout) if "2024-01-21" <= row["start"] < "2024-01-26"]


def test_alarms_can_be_asked_for_by_period(forecast: Forecast, data: Path) -> None:
    done = forecast("detect", data, "--alarms-per", "week=0.5")

    assert done.returncode == ExitCode.OK
    assert f"alarm rate of {0.5 / 168:.3g}" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--alarms-per", "weak=1"], "Did you mean 'week'?"),
        (["--alarms-per", "1"], "week=1"),
        (["--alarms-per", "hour=5"], "every second point would be an alarm"),
        (["--alarms-per", "week=1", "--alarm-rate", "0.1"], "cannot be used with --alarm-rate"),
        (["--alarm-rate", "0"], "above 0"),
        (["--since", "yesterday or so"], "must be a date"),
        (["--since", "2023-01-01", "--model", "naive"], "--since 2023-01-01: the data have no points before it"),
        (["--model", "naive", "--model-dir", "model"], "cannot be used together"),
        (["--series", "nobody"], "there is no such series"),
        (["--model", "niave"], "Did you mean 'naive'?"),
    ],
)
def test_wrong_options_are_refused(forecast: Forecast, data: Path, options: list[str], message: str) -> None:
    done = forecast("detect", data, *options)

    assert done.returncode == ExitCode.USAGE
    assert message in done.stderr


def test_a_short_series_cannot_be_judged(forecast: Forecast, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    for steps in (100, 101):
        path.write_text("day,sales\n" + "".join(f"{date(2024, 1, 1) + timedelta(i)},{i % 9}\n" for i in range(steps)))
        done = forecast("detect", path)
        assert done.returncode == (ExitCode.DATA if steps == 100 else ExitCode.OK)
        assert ("at least 101 steps" in done.stderr) == (steps == 100)


def test_data_without_dates_have_steps(forecast: Forecast, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(0, 1, 500)
    values[400] = 30
    path = tmp_path / "steps.csv"
    path.write_text("value\n" + "\n".join(f"{value:.3f}" for value in values) + "\n")

    done = forecast("detect", path, "--since", "300", "--format", "json", "--quiet")

    assert 401 in [row["start"] for row in json.loads(done.stdout)]
    assert forecast("detect", path, "--alarms-per", "day=1").returncode == ExitCode.USAGE


def test_series_are_judged_each_by_itself(forecast: Forecast, tmp_path: Path) -> None:
    path = hourly(tmp_path / "two.csv", ids=2)

    found = json.loads(forecast("detect", path, "--alarm-rate", "0.0001", "--format", "json", "--quiet").stdout)
    one = json.loads(forecast("detect", path, "--series", "s1", "--format", "json", "--quiet").stdout)

    assert ("s0", MOMENT) in [(row["id"], row["start"]) for row in found]
    assert MOMENT not in [row["start"] for row in one if row["id"] == "s1"]
    assert {row["id"] for row in one} <= {"s1"}


def test_the_picture_is_drawn(forecast: Forecast, data: Path, tmp_path: Path) -> None:
    done = forecast("detect", data, "--plot", "found.svg")

    assert done.returncode == ExitCode.OK
    assert "spike" in (tmp_path / "found.svg").read_text() or (tmp_path / "found.svg").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["seasonal-naive", "theta"])
def test_a_statistical_method_can_be_trained_on_the_spot(forecast: Forecast, name: str) -> None:
    done = forecast("detect", AIRLINE, "--model", name, "--alarm-rate", "0.01")

    assert done.returncode == ExitCode.OK
    assert f"judged by {name}" in done.stderr


def test_a_trained_model_forecasts(forecast: Forecast, model: Path) -> None:
    done = forecast("detect", AIRLINE, "--model-dir", model, "--scores", "--format", "csv", "--quiet")

    assert done.returncode == ExitCode.OK
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) == 144
    assert float(rows[-1]["expected"]) == pytest.approx(float(rows[-1]["value"]), rel=0.2)


def test_a_missing_model_and_other_data_are_named(forecast: Forecast, data: Path, model: Path) -> None:
    assert forecast("detect", data, "--model-dir", "nowhere").returncode == ExitCode.MODEL

    other = forecast("detect", data, "--model-dir", model)
    assert other.returncode == ExitCode.DATA
    assert "the model was trained on MS" in other.stderr
