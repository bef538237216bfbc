"""`forecast tune`: what it refuses before any training, and the settings that other commands take from it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from forecast_cli import workflows
from forecast_cli.cli import run
from forecast_cli.errors import DataError, ExitCode
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.tuning.settings import settings_text
from tests.cli.program import Forecast
from tests.sample_panels import AIRLINE

EVERYTHING = ("--units", 8, "--dropout", 0.1, "--input-size", 12, "--learning-rate", 0.01, "--batch-size", 16)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--model", "theta"], "--model theta: the model has no network"),
        (["--model", "lstn"], "--model lstn: there is no such model. Did you mean 'lstm'?"),
        (["--budget", "10"], "--budget 10: must be a duration such as"),
        (["--budget", "0s"], "--budget 0s: must be a duration above 0"),
        (["--trials", "0"], "--trials 0: must be 1 to 10000"),
        (["--oracle", "grid"], "--oracle grid: must be one of bayesian, random, hyperband"),
        (["-o", "-"], "--output -: the settings cannot be written to standard output"),
        (["-o", "nowhere/tuned.toml"], "Cannot write nowhere/tuned.toml: No such file or directory"),
        (["-o", str(AIRLINE)], "the command reads this file"),
        (["--plot", "tuned.jpg"], "a picture cannot be written as .jpg"),
        ([*EVERYTHING, "--epochs", 1, "--loss", "mae"], "There is nothing to search"),
    ],
)
def test_a_wrong_command(forecast: Forecast, args: list[object], said: str) -> None:
    done = forecast("tune", AIRLINE, *args)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert not Path("tuned.toml").exists()


@pytest.mark.parametrize(
    ("points", "args", "said", "advice"),
    [
        (60, ["-n", "18"], "The longest series has 60 points; tuning with horizon 18 needs 90", "--horizon 12 or less"),
        (15, [], "The longest series has 15 points; tuning with horizon 1 needs 16", "Give more data"),
    ],
)
def test_series_that_are_too_short(forecast: Forecast, points: int, args: list[str], said: str, advice: str) -> None:
    lines = AIRLINE.read_text().splitlines()[: points + 1]
    Path("short.csv").write_text("\n".join(lines) + "\n")
    done = forecast("tune", "short.csv", "--season", "12", *args)
    assert done.returncode == ExitCode.DATA
    assert said in done.stderr
    assert advice in done.stderr


def test_the_trials_of_another_tuning(forecast: Forecast) -> None:
    folder = Path("tuned.toml.trials")
    folder.mkdir()
    (folder / "tuning.json").write_text(json.dumps({"data": {}, "options": {}, "search space": {}, "versions": {}}))
    trial = {"number": 0, "options": {}, "errors": [1.0, 1.0], "seconds": [1.0, 1.0], "outcome": "complete"}
    (folder / "0000.json").write_text(json.dumps(trial))
    done = forecast("tune", AIRLINE)
    assert done.returncode == ExitCode.USAGE
    assert "tuned.toml.trials has the trials of another tuning. Different data: season, values;" in done.stderr
    assert "--overwrite" in done.stderr
    assert json.loads((folder / "0000.json").read_text()) == trial


def test_train_and_backtest_take_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def train(_source: str, request: workflows.TrainingSummary, _progress: object) -> None:
        asked.append(request)
        raise DataError("asked")

    def backtest(*args: object) -> None:
        asked.extend(args[3:6])
        raise DataError("asked")

    monkeypatch.setattr(workflows, "train", train)
    monkeypatch.setattr(workflows, "backtest", backtest)
    options = {"value-column": ("sales",), "day-first": False, "units": (32, 32), "learning-rate": 0.003}
    Path("tuned.toml").write_text(settings_text("gru", options, ["of sales.csv"]))
    for command in ("train", "backtest"):
        assert run([command, "sales.csv", "--config", "tuned.toml"]) == ExitCode.DATA
    request, compared, network, training = asked
    assert (request.name, request.read.value_columns, request.read.day_first) == ("gru", ("sales",), False)
    assert request.model == network == ModelConfig(units=(32, 32))
    assert request.training == training == TrainConfig(learning_rate=0.003)
    assert compared.models == ("gru", "theta", "ets", "arima")


def test_the_settings_are_toml_whatever_the_notes_and_names() -> None:
    text = settings_text("lstm", {"value-column": ('a "b" \\ ü',), "delimiter": "\t", "dropout": 1e-05}, ["Options"])
    assert tomllib.loads(text) == {
        "model": "lstm",
        "value-column": ['a "b" \\ ü'],
        "delimiter": "\t",
        "dropout": 1e-05,
        "backtest": {"models": ["lstm", "theta", "ets", "arima"]},
    }


def test_settings_of_no_certain_model_leave_it_to_the_data() -> None:
    assert tomllib.loads(settings_text(None, {"units": (8,)}, ["Options"])) == {"units": [8]}
