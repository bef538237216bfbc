"""From a trained model to a forecast."""

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

from forecast_cli import bundle
from forecast_cli.errors import ExitCode
from tests.run_here import run_here
from tests.trained_model import TrainedModel

pytestmark = pytest.mark.slow

DAILY = Path(__file__).parents[1] / "panel" / "cases" / "d1_daily_yearly_season.csv"
"""Four years of a daily temperature."""


def predict(home: Path, *args: object) -> list[dict[str, str]]:
    """The rows that `forecast predict` prints as CSV."""
    result = run_here("predict", "--format", "csv", *args, home=home)
    assert result.returncode == 0, result.stderr
    return list(csv.DictReader(StringIO(result.stdout)))


def numbers(rows: list[dict[str, str]]) -> list[float]:
    return [float(row["forecast"]) for row in rows]


@pytest.fixture
def own_model(airline_model: TrainedModel, tmp_path: Path) -> TrainedModel:
    """The model as if it had been trained on a file of this test's own."""
    source = shutil.copy(airline_model.source, tmp_path / "own.csv")
    trained = bundle.load(airline_model.directory)
    sections = {name: trained.section(name, dict) for name in ("model", "data", "training")}
    sections["data"]["source"] = str(source)
    bundle.save(tmp_path / "forecast-model", sections, trained.contents)
    return TrainedModel(tmp_path / "forecast-model", Path(source))


@pytest.mark.parametrize("horizon", [12, 30])
def test_csv_and_json_carry_the_same_forecast(airline_model: TrainedModel, tmp_path: Path, horizon: int) -> None:
    rows = predict(tmp_path, "-m", airline_model.directory, "--horizon", horizon)

    as_json = run_here("predict", "-m", airline_model.directory, "-n", horizon, "--format", "json", home=tmp_path)

    months = np.arange("1961-01", horizon, dtype="datetime64[M]").astype("datetime64[D]").astype(str)
    assert [row["date"] for row in rows] == months.tolist()
    assert numbers(rows) == [row["forecast"] for row in json.loads(as_json.stdout)]
    assert all(200 < number < 1500 for number in numbers(rows))


def test_a_longer_forecast_goes_on_from_a_shorter_one(airline_model: TrainedModel, tmp_path: Path) -> None:
    short, long = (predict(tmp_path, "-m", airline_model.directory, "-n", n) for n in (12, 30))

    assert long[:12] == short


def test_the_model_directory_is_found_by_itself(own_model: TrainedModel, tmp_path: Path) -> None:
    assert predict(tmp_path) == predict(tmp_path, "-m", own_model.directory)


def test_rows_added_since_training_are_continued(own_model: TrainedModel, tmp_path: Path) -> None:
    before = predict(tmp_path, "-n", 3)
    with own_model.source.open("a") as file:
        file.write("1961-01,800\n1961-02,800\n")

    after = predict(tmp_path, "-n", 3)

    assert [row["date"] for row in after] == ["1961-03-01", "1961-04-01", "1961-05-01"]
    assert min(numbers(after)) > 1.1 * max(numbers(before))


def test_a_reading_option_can_be_reset_to_its_default(airline_model: TrainedModel, tmp_path: Path) -> None:
    lines = airline_model.source.read_text().splitlines()
    (tmp_path / "gap.csv").write_text("\n".join([*lines[:-3], *lines[-2:]]) + "\n")
    small = ["--preset", "fast", "--epochs", 1, "--units", 2]
    assert run_here("train", "gap.csv", "--on-gap", "zero", *small, home=tmp_path).returncode == 0

    as_trained, zeros, usual = (
        run_here("predict", "-n", 1, "--format", "csv", *asked, home=tmp_path).stdout
        for asked in ([], ["--on-gap", "zero"], ["--on-gap", "interpolate"])
    )

    assert as_trained == zeros != usual


def test_a_model_predicts_without_its_training_file(own_model: TrainedModel, tmp_path: Path) -> None:
    with_file = run_here("predict", "-n", 20, "--format", "csv", home=tmp_path)
    own_model.source.unlink()

    without = run_here("predict", "-n", 20, "--format", "csv", home=tmp_path)

    assert without.returncode == 0
    assert without.stdout == with_file.stdout
    assert "own.csv, which ends at 1960-12-01" in with_file.stderr
    assert "own.csv no longer exists" in without.stderr
    assert "1960-12-01" in without.stderr


def test_without_its_file_a_model_has_the_scale_of_the_whole_series(tmp_path: Path) -> None:
    """The first values are negative, the hundred that are kept are not."""
    values = [*np.linspace(-20, 30, 60), *np.linspace(30, 2, 100)]
    lines = ["day,balance", *(f"{np.datetime64('2024-01-01') + day},{value:.2f}" for day, value in enumerate(values))]
    (tmp_path / "balance.csv").write_text("\n".join(lines) + "\n")
    small = ["--horizon", 60, "--season", 1, "--preset", "fast", "--epochs", 1, "--units", 2]
    assert run_here("train", "balance.csv", *small, home=tmp_path).returncode == 0
    command = ["predict", "-n", 60, "--format", "csv"]
    with_file = run_here(*command, home=tmp_path)
    (tmp_path / "balance.csv").unlink()

    without = run_here(*command, home=tmp_path)

    assert without.stdout == with_file.stdout
    assert float(without.stdout.split()[-1].split(",")[-1]) < 0


def test_a_warning_counts_series_that_a_baseline_cannot_forecast(airline_model: TrainedModel, tmp_path: Path) -> None:
    lines = ["shop,month,sales", "north,2024-01,3", "south,2024-01,1"]
    lines += [f"north,{at},{5 + n % 7}" for n, at in enumerate(np.arange("2024-02", "2027-01", dtype="datetime64[M]"))]
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")

    done = run_here("predict", "new.csv", "-m", airline_model.directory, "--against", "drift,naive", home=tmp_path)

    assert done.returncode == 0
    assert "Warning: drift cannot forecast 1 of 2 series." in done.stderr
    assert "naive cannot" not in done.stderr


def test_a_part_of_the_model_has_its_own_column_with_the_file_and_without(
    own_model: TrainedModel, tmp_path: Path
) -> None:
    command = ["-m", own_model.directory, "-n", 12, "--against", "lstm"]
    alone = predict(tmp_path, "-m", own_model.directory, "-n", 12)

    with_file = predict(tmp_path, *command)
    own_model.source.unlink()
    without = predict(tmp_path, *command)

    assert with_file == without
    network, mixture = (np.array([float(row[name]) for row in with_file]) for name in ("lstm", "forecast"))
    assert mixture.tolist() == numbers(alone)
    assert (network != mixture).all()
    np.testing.assert_allclose(network, mixture, rtol=0.2)


def test_totals_are_compared_with_those_of_other_models(airline_model: TrainedModel, tmp_path: Path) -> None:
    command = ["-m", airline_model.directory, "-n", 12, "--against", "naive,theta", "--level", 80]
    steps = predict(tmp_path, *command)

    totals = predict(tmp_path, *command, "--aggregate", "quarter")

    assert list(totals[0]) == ["first", "last", "steps", "forecast", "lower_80", "upper_80", "naive", "theta"]
    for model in ("forecast", "naive", "theta"):
        values = np.array([float(row[model]) for row in steps]).reshape(4, 3)
        np.testing.assert_allclose([float(row[model]) for row in totals], values.sum(axis=1))
    shown = run_here("predict", *command, "--aggregate", "all", home=tmp_path).stdout
    assert shown.split()[:8] == ["first", "last", "steps", "lstm+smoothing", "lower_80", "upper_80", "naive", "theta"]


def test_a_network_that_is_no_part_of_the_model_is_refused(airline_model: TrainedModel, tmp_path: Path) -> None:
    done = run_here("predict", "-m", airline_model.directory, "--against", "gru", home=tmp_path)

    assert done.returncode == 2
    assert "--against gru: this is not a part of the model lstm+smoothing." in done.stderr
    assert "one of lstm+smoothing, lstm." in done.stderr


def test_series_that_the_model_has_never_seen(airline_model: TrainedModel, tmp_path: Path) -> None:
    month = np.arange("2010-01", 40, dtype="datetime64[M]")
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(40) / 12)
    lines = ["shop,month,sales"]
    lines += [f"north,{at},{value:.3f}" for at, value in zip(month, 50 * season, strict=True)]
    lines += [f"south,{at},{value:.3f}" for at, value in zip(month[:5], [3, -1, 0, 2, 4], strict=False)]
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")

    rows = predict(tmp_path, "new.csv", "-m", airline_model.directory, "-n", 12)

    assert [row["id"] for row in rows] == ["north"] * 12 + ["south"] * 12
    assert [rows[0]["date"], rows[12]["date"]] == ["2013-05-01", "2010-06-01"]
    np.testing.assert_allclose(numbers(rows[:12]), 50 * season[4:16], rtol=0.2)
    assert np.abs(numbers(rows[12:])).max() < 30


def test_data_of_another_frequency_are_refused(airline_model: TrainedModel, tmp_path: Path) -> None:
    days = np.arange("2024-01-01", 60, dtype="datetime64[D]")
    (tmp_path / "daily.csv").write_text("date,value\n" + "".join(f"{day},{n % 7}\n" for n, day in enumerate(days)))

    result = run_here("predict", "daily.csv", "-m", airline_model.directory, home=tmp_path)

    assert result.returncode == 5
    assert result.stdout == ""
    assert "daily.csv" in result.stderr
    assert "--freq" in result.stderr


def test_a_year_of_365_25_days_is_the_year_of_the_model(tmp_path: Path) -> None:
    """The model has a year of 365.2425 days."""
    options = ["--model", "gru", "--preset", "fast", "--epochs", 1, "--units", 2, "-n", 3]
    assert run_here("train", DAILY, *options, home=tmp_path).returncode == 0

    assert predict(tmp_path, "--season", "7,365.25") == predict(tmp_path)
    other = run_here("predict", "--season", "7,360", home=tmp_path)
    assert other.returncode == ExitCode.USAGE
    assert "seasons of 7 and 360: the model was trained with seasons of 7 and 365.2425." in other.stderr


def test_prediction_loads_no_training_library(airline_model: TrainedModel, tmp_path: Path) -> None:
    script = """
import sys
from forecast_cli.cli import run
code = run(["predict", "-n", "12", "-m", sys.argv[1], "--quiet", "-o", "forecast.csv"])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}))
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(airline_model.directory)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    code, *modules = result.stdout.split()

    assert code == "0"
    assert "onnxruntime" in modules
    heavy = {
        "tensorflow",
        "keras",
        "keras_tuner",
        "jax",
        "torch",
        "matplotlib",
        "sklearn",
        "scipy",
        "statsmodels",
        "statsforecast",
    }
    assert heavy.isdisjoint(modules)
    assert (tmp_path / "forecast.csv").read_text().count("\n") == 13
