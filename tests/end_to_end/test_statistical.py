"""A statistical method, trained, saved, loaded and predicted with like a network."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import ExitCode
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel
from tests.run_here import run_here
from tests.sample_panels import AIRLINE


def program(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own; it is expected to succeed."""
    command = [sys.executable, "-m", "forecast_cli", *args]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done


def numbers(csv_text: str) -> list[float]:
    return [float(row["forecast"]) for row in csv.DictReader(StringIO(csv_text))]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file and a model `theta` that was trained on it."""
    home = tmp_path_factory.mktemp("theta")
    shutil.copy(AIRLINE, home / "data.csv")
    trained = program(home, "train", "data.csv", "--model", "theta", "--horizon", "12", "--format", "json")
    (home / "trained.json").write_text(trained.stdout)
    return home


@pytest.mark.slow
def test_theta_is_trained_and_predicts_with_its_file_and_without(home: Path) -> None:
    expected = StatisticalForecaster("theta").predict(read_panel(str(home / "data.csv"), ReadConfig()), 12).point[0]
    options = ["predict", "-n", "12", "--format", "csv"]

    with_file = numbers(program(home, *options).stdout)
    (home / "data.csv").rename(home / "moved.csv")
    try:
        without_file = numbers(program(home, *options).stdout)
    finally:
        (home / "moved.csv").rename(home / "data.csv")

    np.testing.assert_array_equal(with_file, expected)
    np.testing.assert_array_equal(without_file, expected)


def test_its_training_names_the_model_and_compares_it(home: Path) -> None:
    summary = json.loads((home / "trained.json").read_text())

    assert summary["model"] == "theta"
    assert summary["parts"] == {"theta": 1.0}
    assert sorted(score["model"] for score in summary["scores"]) == ["arima", "ets", "seasonal-naive", "theta"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--units", "8"),
        ("--dropout", "0.1"),
        ("--input-size", "20"),
        ("--epochs", "3"),
        ("--learning-rate", "0.01"),
        ("--loss", "mse"),
    ],
)
def test_an_option_of_a_network_is_refused(option: str, value: str, tmp_path: Path) -> None:
    done = run_here("train", AIRLINE, "-m", tmp_path / "model", "--model", "theta", option, value)

    assert done.returncode == ExitCode.USAGE
    assert f"{option} {value}: the model theta has no network." in done.stderr
    assert not (tmp_path / "model").exists()


def test_options_that_the_data_do_not_allow_are_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    done = run_here("train", AIRLINE, "-m", tmp_path / "model", "--joint")

    assert done.returncode == ExitCode.USAGE
    assert "--joint needs 2 to 50 series, and the data have 1." in done.stderr
    assert not (tmp_path / "model").exists()


def test_a_flag_of_a_network_is_refused(tmp_path: Path) -> None:
    done = run_here("train", AIRLINE, "-m", tmp_path / "model", "--model", "theta", "--joint")

    assert done.returncode == ExitCode.USAGE
    assert "--joint cannot be used: the model theta has no network." in done.stderr


def test_a_network_does_not_start_from_a_model_without_one(home: Path, tmp_path: Path) -> None:
    earlier = home / "forecast-model"

    done = run_here("train", AIRLINE, "-m", tmp_path / "model", "--warm-start", earlier)

    assert done.returncode == ExitCode.MODEL
    assert f"{earlier}: the model theta has no network that a training could start from." in done.stderr
    assert "Leave out --warm-start." in done.stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [("lstmm", "lstm"), ("lstm+smoothin", "lstm+smoothing"), ("Thetta", "theta"), ("croston", ""), ("LSTM", "lstm")],
)
def test_an_unknown_model_is_refused(name: str, meant: str, tmp_path: Path) -> None:
    done = run_here("train", AIRLINE, "-m", tmp_path / "model", "--model", name)

    assert done.returncode == ExitCode.USAGE
    assert name in done.stderr
    assert f"Did you mean '{meant}'?" in done.stderr or not meant
    assert done.stderr.count("'forecast models' lists") == 1


def test_a_series_that_the_model_cannot_forecast_is_counted(tmp_path: Path) -> None:
    rows = [
        f"{name},{2000 + k // 12}-{k % 12 + 1:02d}-01,{k % 12}" for name, n in (("a", 40), ("b", 5)) for k in range(n)
    ]
    (tmp_path / "two.csv").write_text("\n".join(["id,date,value", *rows]) + "\n")
    trained = run_here("train", "two.csv", "--model", "seasonal-naive", "--preset", "fast", home=tmp_path)
    assert trained.returncode == ExitCode.OK, trained.stderr

    done = run_here("predict", "-n", "2", "--format", "csv", home=tmp_path)

    assert [row["forecast"] != "" for row in csv.DictReader(StringIO(done.stdout))] == [True, True, False, False]
    assert "seasonal-naive cannot forecast 1 of 2 series." in done.stderr


def test_a_model_of_another_file_is_not_replaced_without_a_warning(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    shutil.copy(AIRLINE, other)
    options = ["-m", tmp_path / "model", "--preset", "fast"]

    first = run_here("train", AIRLINE, "--model", "drift", *options)
    again = run_here("train", AIRLINE, "--model", "naive", *options)
    replaced = run_here("train", other, "--model", "naive", *options)
    kept = run_here("train", AIRLINE, "--model", "naive", *options, "--if-better")

    assert "will be replaced" not in first.stderr + again.stderr + kept.stderr
    assert (
        f"Warning: The model naive in {tmp_path / 'model'}, trained on {AIRLINE}, will be replaced. To keep it, give "
        "another --model-dir."
    ) in replaced.stderr


def test_the_long_season_is_repeated_and_compared_with(tmp_path: Path) -> None:
    """Its 2400 steps are more than a bundle of another method keeps. The file is moved before the forecast."""
    values = np.random.default_rng(0).integers(1, 100, 4900)
    (tmp_path / "data.csv").write_text("y\n" + "".join(f"{value}\n" for value in values))
    season = ["--season", "4,2400"]

    compared = run_here("backtest", "data.csv", *season, "-n", 8, "--models", "naive", "--format", "csv", home=tmp_path)
    trained = run_here(
        "train", "data.csv", *season, "-n", 8, "--model", "long-naive", "--preset", "fast", home=tmp_path
    )
    (tmp_path / "data.csv").rename(tmp_path / "moved.csv")
    predicted = run_here("predict", "-n", 2410, "--format", "csv", home=tmp_path)

    assert "\nlong-naive," in compared.stdout
    assert trained.returncode == 0, trained.stderr
    assert numbers(predicted.stdout) == [*values[-2400:], *values[-2400:-2390]]


def test_a_long_season_that_cannot_be_repeated_is_not_compared_with(tmp_path: Path) -> None:
    days = np.arange("2021-01-01", "2021-12-30", dtype="datetime64[D]")  # 363
    (tmp_path / "data.csv").write_text("ds,y\n" + "".join(f"{day},{day.astype(int) % 7}\n" for day in days))

    done = run_here("backtest", "data.csv", "-n", 7, "--models", "naive", "--format", "csv", home=tmp_path)

    assert "\nseasonal-naive," in done.stdout
    assert "long-naive" not in done.stdout


def test_a_method_that_can_forecast_no_series_replaces_no_model(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "forecast-model", tmp_path / "forecast-model")
    before = (tmp_path / "forecast-model" / "metadata.json").read_bytes()
    (tmp_path / "short.csv").write_text("month,y\n" + "".join(f"2020-{month:02},{month}\n" for month in range(1, 9)))

    done = run_here("train", "short.csv", "--model", "seasonal-naive", "--preset", "fast", home=tmp_path)

    assert done.returncode == ExitCode.DATA
    assert "seasonal-naive cannot forecast any of the series. Most often they are too short for it." in done.stderr
    assert "Choose another --model." in done.stderr
    assert (tmp_path / "forecast-model" / "metadata.json").read_bytes() == before
