"""A blend, from the file to its forecast."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.files import BLEND_FILE, FITTED_FILE, FORECASTS_FILE, SCORED_FILE, WEIGHTS_FILE
from forecast_cli.models.saved import SavedModel
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel
from tests.run_here import run_here
from tests.sample_panels import seasonal

pytestmark = pytest.mark.slow

TRAIN = ["train", "two.csv", "--model", "blend", "--horizon", "4", "--epochs", "1", "--units", "4"]
MEMBERS = ["lstm+smoothing", "theta", "ets", "arima", "ces", "seasonal-naive"]


def run(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is expected to succeed."""
    result = run_here(*args, home=home)
    assert result.returncode == 0, result.stderr
    return result


def predict(home: Path, *args: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(run(home, "predict", "--format", "csv", *args).stdout)))


def write(path: Path, **series: np.ndarray) -> None:
    lines = [
        f"{name},{2000 + at // 4}-{3 * (at % 4) + 1:02d}-01,{value}"
        for name, values in series.items()
        for at, value in enumerate(values)
    ]
    path.write_text("\n".join(["id,date,value", *lines]) + "\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file of two series, and the blend that was trained on it."""
    home = tmp_path_factory.mktemp("blend")
    write(home / "two.csv", north=seasonal(44, season_length=4), south=seasonal(36, 1, season_length=4))
    trained = run(home, *TRAIN, "--format", "json")
    (home / "trained.json").write_text(trained.stdout)
    return home


def test_the_table_of_train_names_the_blend(home: Path) -> None:
    scores = {score["model"]: score for score in json.loads((home / "trained.json").read_text())["scores"]}

    assert {"blend", "lstm+smoothing", "lstm", "theta", "ets", "arima", "seasonal-naive"} == scores.keys()
    assert scores["blend"]["series"] == 2
    assert 0 < scores["blend"]["mase"] < 2
    parts = json.loads((home / "trained.json").read_text())["parts"]
    assert {*MEMBERS[1:], "network (LSTM)", "exponential smoothing"} == parts.keys()


def test_a_forecast_is_the_weighted_mean_of_network_and_methods(home: Path) -> None:
    rows = predict(home, "--against", ",".join(MEMBERS[1:]))

    model = SavedModel.of(bundle.load(home / "forecast-model"))
    assert isinstance(model.forecaster, MeanForecaster)
    weights = model.forecaster.weights
    assert list(weights.members) == MEMBERS
    assert weights.ids.tolist() == ["north", "south"]
    network = model.forecaster.members["lstm+smoothing"].predict(model.tails, 4).point
    for at, row in enumerate(rows):
        members = [network.ravel()[at], *(float(row[name]) for name in MEMBERS[1:])]
        assert float(row["forecast"]) == pytest.approx(members @ weights.each[at // 4], rel=1e-6)


def test_a_blend_is_kept_as_it_was_scored_too(home: Path) -> None:
    """Its network has learned since it was tried beside the others, and once more since the blend was scored."""
    loaded = bundle.load(home / "forecast-model")
    versions = {name: loaded.read(name) for name in (FITTED_FILE, SCORED_FILE, WEIGHTS_FILE)}

    def forecast(weights: str) -> np.ndarray:
        model = SavedModel.of(replace(loaded, contents={**loaded.contents, SCORED_FILE: versions[weights]}))
        scored, _ = model.as_scored()
        assert isinstance(scored, MeanForecaster)
        return scored.members["lstm+smoothing"].predict(model.tails, 4).point

    now = SavedModel.of(loaded)
    assert isinstance(now.forecaster, MeanForecaster)
    final = now.forecaster.members["lstm+smoothing"].predict(now.tails, 4).point
    assert forecast(WEIGHTS_FILE) == pytest.approx(final, rel=1e-5)
    for other in (FITTED_FILE, WEIGHTS_FILE):
        assert not np.allclose(forecast(SCORED_FILE), forecast(other), rtol=1e-6)
    assert (now.as_scored()[1], now.card.data.last) == ("2009-10-01", "2010-10-01")


def test_the_same_seed_gives_the_same_blend_to_the_last_digit(home: Path) -> None:
    run(home, *TRAIN, "--model-dir", "again")

    assert predict(home, "--model-dir", "again") == predict(home)


def test_series_that_the_blend_has_never_seen(home: Path) -> None:
    """One has the weights of the mean; the other is too short for any method, and has the network's forecast."""
    write(home / "new.csv", east=seasonal(30, 2, season_length=4), west=np.array([5.0]))

    result = run(home, "predict", "new.csv", "--format", "csv", "-n", "6")

    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert [row["id"] for row in rows] == ["east"] * 6 + ["west"] * 6
    expected = 100 * 1.005 ** np.arange(30, 36) * (1 + 0.3 * np.sin(np.pi * np.arange(30, 36) / 2))
    np.testing.assert_allclose([float(row["forecast"]) for row in rows[:6]], expected, rtol=0.2)
    assert all(np.isfinite(float(row["forecast"])) for row in rows)
    assert "the model blend leaves it out there" in result.stderr


def test_a_blend_predicts_without_its_training_file(home: Path) -> None:
    with_file = predict(home)
    (home / "two.csv").rename(home / "moved.csv")
    try:
        assert predict(home) == with_file
    finally:
        (home / "moved.csv").rename(home / "two.csv")


def test_a_prediction_of_the_training_data_fits_nothing(home: Path) -> None:
    """With the file and without, up to the horizon of the training."""
    code = "import sys; from forecast_cli.cli import run; run(sys.argv[1:]); print('statsforecast' in sys.modules)"

    def fits(steps: int) -> bool:
        args = ["predict", "-n", str(steps), "-q", "-o", "steps.csv", "--format", "csv"]
        done = subprocess.run([sys.executable, "-c", code, *args], cwd=home, capture_output=True, text=True, check=True)
        assert len((home / "steps.csv").read_text().splitlines()) == 2 * steps + 1, done.stderr
        return done.stdout == "True\n"

    with_file = {steps: fits(steps) for steps in (3, 4, 5)}
    (home / "two.csv").rename(home / "moved.csv")
    try:
        without_file = fits(4)
    finally:
        (home / "moved.csv").rename(home / "two.csv")

    assert with_file == {3: False, 4: False, 5: True}
    assert not without_file


def test_kept_forecasts_change_no_digit(home: Path) -> None:
    loaded = bundle.load(home / "forecast-model")
    contents = {name: content for name, content in loaded.contents.items() if name != FORECASTS_FILE}
    kept, fitted = (SavedModel.of(each) for each in (loaded, replace(loaded, contents=contents)))
    panel = read_panel(str(home / "two.csv"), ReadConfig())

    for horizon in (1, 4, 9):
        forecasts = [model.forecaster.predict(panel, horizon).point for model in (kept, fitted)]
        np.testing.assert_array_equal(*forecasts)


def test_info_shows_the_weights_of_the_members(home: Path) -> None:
    facts = json.loads(run(home, "info", "--format", "json").stdout)

    assert facts["model"]["name"] == "blend"
    assert list(facts["model"]["weights"]) == MEMBERS
    assert sum(facts["model"]["weights"].values()) == pytest.approx(1, abs=0.001)


def test_a_blend_without_its_weights_is_no_model(home: Path, tmp_path: Path) -> None:
    whole = bundle.load(home / "forecast-model")
    sections = {name: whole.section(name, dict) for name in ("model", "data", "training")}
    contents = {name: content for name, content in whole.contents.items() if name != BLEND_FILE}
    bundle.save(tmp_path / "model", sections, contents)

    result = run_here("predict", "-m", tmp_path / "model", home=home)

    assert result.returncode == 4
    assert BLEND_FILE in result.stderr


def test_a_backtest_has_the_blend_too(home: Path) -> None:
    args = ["--models", "blend", "--windows", "1", "-n", "4", "--epochs", "1", "--units", "4", "--format", "json"]

    board = json.loads(run(home, "backtest", "two.csv", *args).stdout)["leaderboard"]

    assert {row["model"] for row in board} == {"blend", "seasonal-naive", "naive", "drift"}
    assert all(row["failed"] == 0 for row in board)
