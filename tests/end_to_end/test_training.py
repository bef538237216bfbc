"""Training as a user runs it: reproducible, locked against a second one, safe to kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.bundle.writer import LOCK
from forecast_cli.models.card import ModelCard
from forecast_cli.models.files import ONNX_FILE, WEIGHTS_FILE
from forecast_cli.models.network.onnx_runtime import load_network
from forecast_cli.models.network.weights import load_weights
from forecast_cli.networks.build import build
from tests.run_here import run_here
from tests.sample_panels import AIRLINE
from tests.trained_model import TrainedModel, train_arguments

pytestmark = pytest.mark.slow


def predict(directory: Path) -> str:
    """Print the forecast of the model in `directory` as CSV with all digits."""
    result = run_here("predict", "-m", directory, "-n", "24", "--format", "csv")
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def before(airline_model: TrainedModel) -> str:
    """The forecast of the airline model."""
    return predict(airline_model.directory)


def test_the_same_seed_gives_the_same_forecast_to_the_last_digit(
    airline_model: TrainedModel, before: str, tmp_path: Path
) -> None:
    """Also in a process of its own: Keras keeps state in the process that trained the first model."""
    command = [sys.executable, "-m", "forecast_cli", *train_arguments(airline_model.source, tmp_path / "again")]

    trained = subprocess.run(command, capture_output=True, timeout=300, check=True)

    assert predict(tmp_path / "again") == before
    assert b"MASE" in trained.stdout


def test_the_weights_in_the_bundle_are_the_network_in_the_bundle(airline_model: TrainedModel) -> None:
    saved = bundle.load(airline_model.directory)
    spec = ModelCard.of(saved).description.network
    keras_network = build(spec)
    load_weights(keras_network, saved.read(WEIGHTS_FILE))
    inputs = np.random.default_rng(0).normal(size=(64, spec.input_size, spec.channels)).astype(np.float32)

    expected = np.asarray(keras_network({"window": inputs}))

    ours = load_network(saved.read(ONNX_FILE), spec)({"window": inputs})

    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_a_second_training_in_the_same_directory_is_refused(airline_model: TrainedModel, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    arguments = train_arguments(airline_model.source, directory)
    with subprocess.Popen([sys.executable, "-m", "forecast_cli", *arguments], stderr=subprocess.DEVNULL) as first:
        while not (directory / LOCK).exists():
            assert first.poll() is None
            time.sleep(0.02)
        second = run_here(*arguments)
        first.kill()

    assert first.returncode == -signal.SIGKILL, "the first training was still running"
    assert second.returncode == 6
    assert second.stdout == ""
    assert "Another run" in second.stderr


def test_a_training_that_is_killed_while_it_saves_leaves_a_model_that_predicts(
    airline_model: TrainedModel, before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves the directory as it is at that moment: here, before each change of a name in it."""
    directory = shutil.copytree(airline_model.directory, tmp_path / "model")
    copies: list[Path] = []

    def copying(change: Callable[..., None]) -> Callable[..., None]:
        def copy_and_change(path: Path, *args: Any, **options: Any) -> None:
            if Path(path).parent == directory:
                copies.append(shutil.copytree(directory, tmp_path / f"copy{len(copies)}"))
            change(path, *args, **options)

        return copy_and_change

    for name in ("replace", "unlink"):
        monkeypatch.setattr(os, name, copying(getattr(os, name)))
    assert run_here(*train_arguments(airline_model.source, directory, seed=1)).returncode == 0
    monkeypatch.undo()

    after = predict(directory)
    forecasts = [predict(copy) for copy in copies]
    assert before != after
    assert forecasts == [before] * forecasts.count(before) + [after] * forecasts.count(after)
    assert min(forecasts.count(before), forecasts.count(after)) > 3


def test_the_topology_that_is_asked_for_is_trained_saved_reported_and_forecast(tmp_path: Path) -> None:
    """One topology. The tests in tests/models/test_contract.py have all of them."""
    topology = "seq2seq"
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
