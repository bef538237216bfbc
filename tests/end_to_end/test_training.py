"""Training as a user runs it: the same again from the same seed, alone in its directory, killed at any moment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.models.card import ModelCard
from forecast_cli.models.network.onnx_runtime import load_onnx
from forecast_cli.models.network.training import ONNX_FILE, WEIGHTS_FILE
from forecast_cli.models.saved import SavedModel
from forecast_cli.networks.build import build
from tests.conftest import AIRLINE
from tests.run_here import run_here
from tests.trained_model import TrainedModel, train_command

PATIENCE = 300
"""Seconds after which a process is taken to hang."""


def predict(directory: Path) -> str:
    """What `forecast predict` prints as CSV, every digit of it."""
    command = [sys.executable, "-m", "forecast_cli", "predict", "-m", str(directory), "-n", "24", "--format", "csv"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def before(airline_model: TrainedModel) -> str:
    """What the model predicts that is there already."""
    return predict(airline_model.directory)


def test_the_same_seed_gives_the_same_forecast_to_the_last_digit(
    airline_model: TrainedModel, before: str, tmp_path: Path
) -> None:
    trained = subprocess.run(
        train_command(airline_model.source, tmp_path / "again"), capture_output=True, timeout=PATIENCE, check=True
    )

    assert predict(tmp_path / "again") == before
    assert b"MASE" in trained.stdout


def test_the_weights_in_the_bundle_are_the_network_in_the_bundle(airline_model: TrainedModel, tmp_path: Path) -> None:
    saved = bundle.load(airline_model.directory)
    spec = ModelCard.of(saved).description.network
    keras_network = build(spec)
    weights = tmp_path / "network.weights.h5"
    weights.write_bytes(saved.read(WEIGHTS_FILE))
    keras_network.load_weights(weights)
    inputs = np.random.default_rng(0).normal(size=(64, spec.input_size, spec.channels)).astype(np.float32)

    expected = np.asarray(keras_network({"window": inputs}))

    np.testing.assert_allclose(load_onnx(saved.read(ONNX_FILE))({"window": inputs}), expected, rtol=1e-5, atol=1e-6)


def test_a_second_training_in_the_same_directory_is_turned_away(airline_model: TrainedModel, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    first = subprocess.Popen(train_command(airline_model.source, directory), stderr=subprocess.DEVNULL)
    try:
        wait_for(directory / ".forecast.lock")
        second = subprocess.run(
            train_command(airline_model.source, directory),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()

    assert second.returncode == 6
    assert second.stdout == ""
    assert "Another run" in second.stderr


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.6, 0.8, 0.93, 1.0])
def test_a_training_that_is_killed_leaves_a_model_that_predicts(
    airline_model: TrainedModel, before: str, tmp_path: Path, moment: float
) -> None:
    """`moment` is a share of the time that a training takes; its seed tells the new model from the old."""
    directory = shutil.copytree(airline_model.directory, tmp_path / "model")
    training = subprocess.Popen(
        train_command(airline_model.source, directory, seed=1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(moment * airline_model.seconds)
    training.kill()
    training.wait()

    forecast = predict(directory)

    assert SavedModel.of(bundle.load(directory)).forecaster.name == "lstm"
    old = bundle.load(directory).section("training", dict)["seed"] == 0
    assert (forecast == before) == old


@pytest.mark.parametrize("topology", ["gru", "rnn"])
def test_the_topology_that_is_asked_for_is_trained_saved_reported_and_forecast(topology: str, tmp_path: Path) -> None:
    settings = ["--preset", "fast", "--epochs", "1", "--units", "4", "--horizon", "6"]
    directory = tmp_path / "model"

    trained = run_here("train", AIRLINE, "-m", directory, "--model", topology, *settings, "--format", "json")
    info = run_here("info", "-m", directory, "--format", "json")
    backtested = run_here(
        "backtest", AIRLINE, "--models", f"{topology},lstm", "--windows", "1", "--forecasts", *settings
    )

    assert topology in [score["model"] for score in json.loads(trained.stdout)["scores"]]
    model = json.loads(info.stdout)["model"]
    assert (model["name"], model["network"]["topology"]) == (topology, topology)
    assert len(predict(directory).splitlines()) == 25
    rows = [line.split() for line in backtested.stdout.splitlines()]
    forecasts = {name: [row for row in rows if row[:1] == [name]] for name in (topology, "lstm")}
    assert len(forecasts[topology]) == len(forecasts["lstm"]) == 6
    assert forecasts[topology] != [[topology, *row[1:]] for row in forecasts["lstm"]]


def test_a_network_is_not_continued_under_another_topology(airline_model: TrainedModel, tmp_path: Path) -> None:
    done = run_here("train", AIRLINE, "-m", tmp_path / "new", "--model", "gru", "--warm-start", airline_model.directory)

    assert done.returncode == 2
    assert "gru" in done.stderr
    assert "lstm" in done.stderr
