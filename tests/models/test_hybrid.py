"""A network and trees that correct it: kept where the trees know more, left out where there is nothing to know."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.errors import ModelError
from forecast_cli.models.combined import tree_kinds
from forecast_cli.models.combined.hybrid import HybridForecaster, create
from forecast_cli.models.files import TREES_FILE
from forecast_cli.models.saved import SavedModel
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.run_here import run_here
from tests.sample_panels import AIRLINE, Floats, random_walk, undated
from tests.tried_models import trees_always_kept

SMALL, SHORT = ModelConfig(units=(2,)), TrainConfig(horizon=3, epochs=1, preset="fast")


def wave(length: int, seed: int) -> Floats:
    """Each value is the cosine of three times the third value before it, and noise: no line follows that."""
    noise = np.random.default_rng(seed).normal(0, 0.1, length)
    values = [1.0, -0.5, 0.3]
    while len(values) < length:
        values.append(np.cos(3 * values[-3]) + noise[len(values)])
    return np.array(values)


def panel_made_by(series: Callable[[int, int], Floats], length: int) -> Panel:
    return undated(*(series(length, seed) for seed in range(12)))


def fitted(panel: Panel, horizon: int = 3) -> HybridForecaster:
    return create("rnn+boosting", Training(SMALL, replace(SHORT, horizon=horizon))).fit(panel)


@pytest.fixture(scope="module")
def kept() -> HybridForecaster:
    return fitted(panel_made_by(wave, 120))


@pytest.mark.slow
def test_trees_that_know_more_are_kept_and_forecast_better(kept: HybridForecaster) -> None:
    longer = panel_made_by(wave, 123)
    past, actual = longer.drop_last(3), np.stack([values[-3:] for values in longer.series()])

    errors = [np.abs(model.predict(past, 3).point - actual).mean() for model in (kept, kept.network)]

    assert kept.trees is not None
    assert kept.part.share in (0.5, 1.0)
    assert kept.part.reason.startswith("With the trees the error was ")
    assert errors[0] < 0.95 * errors[1]
    parts = kept.save().description.parts
    assert parts["network (RNN) corrected by gradient boosting"] == kept.part.share
    assert sum(parts.values()) == 1


@pytest.mark.slow
def test_with_nothing_to_know_the_network_stands_alone(caplog: pytest.LogCaptureFixture) -> None:
    panel = panel_made_by(random_walk, 120)
    with caplog.at_level(logging.INFO, "forecast_cli.models.combined.hybrid"):
        alone = fitted(panel)

    (line,) = [record.message for record in caplog.records if record.name.endswith("hybrid")]
    assert line == f"rnn+boosting: {alone.part.reason}"
    assert alone.part.reason.startswith("The network stands alone: with trees the error was ")
    np.testing.assert_array_equal(alone.predict(panel, 5).point, alone.network.predict(panel, 5).point)
    saved = alone.save()
    assert TREES_FILE not in saved.files
    assert saved.description.parts == {"network (RNN)": 1.0}
    assert saved.description.reason == alone.part.reason


@pytest.mark.slow
def test_the_network_is_that_of_its_topology_alone(kept: HybridForecaster) -> None:
    from forecast_cli.models.network.model import NetworkModel

    panel = panel_made_by(wave, 120)
    network = NetworkModel("rnn", Training(SMALL, SHORT)).fit(panel)

    np.testing.assert_array_equal(kept.network.predict(panel, 3).point, network.predict(panel, 3).point)


@pytest.mark.slow
def test_beyond_the_trained_horizon_the_forecast_goes_on(kept: HybridForecaster) -> None:
    panel = panel_made_by(wave, 120)

    short, long = kept.predict(panel, 3).point, kept.predict(panel, 40).point

    np.testing.assert_allclose(long[:, :3], short, atol=1e-5)
    assert np.isfinite(long).all()
    assert not np.allclose(long[:, 3:], kept.network.predict(panel, 40).point[:, 3:])


@pytest.mark.slow
def test_a_forecast_of_many_steps_is_made_in_batches(kept: HybridForecaster, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = panel_made_by(wave, 120)
    at_once = kept.predict(panel, 7).point

    monkeypatch.setattr("forecast_cli.models.combined.trees.MAX_BATCH_ROWS", 20)

    np.testing.assert_allclose(kept.predict(panel, 7).point, at_once, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("length", "horizon"), [(16, 1), (90, 6)])
def test_series_that_are_too_short_are_said_to_be(length: int, horizon: int) -> None:
    model = fitted(undated(random_walk(length)), horizon=horizon)

    assert model.trees is None
    assert model.part.reason.startswith("The network stands alone: the series are too short to measure")


@pytest.mark.parametrize("command", [("train", "--model", "lstm+xgboost"), ("backtest", "--models", "ets,rnn+xgboost")])
def test_without_xgboost_its_hybrids_are_refused(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tree_kinds, "find_spec", lambda _name: None)
    name, *options = command

    done = run_here(name, AIRLINE, *options, home=tmp_path)

    assert done.returncode == 2
    assert "pip install 'forecast-cli[xgboost]'" in done.stderr


# The bundle


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with trees."""
    home = tmp_path_factory.mktemp("hybrid")
    settings = ["--units", "4", "--epochs", "1", "--preset", "fast", "--horizon", "6"]
    with trees_always_kept():
        done = run_here("train", AIRLINE, "-m", home / "model", "--model", "lstm+forest", *settings)
    assert done.returncode == 0, done.stderr
    return home / "model"


@pytest.mark.slow
def test_prediction_needs_neither_tensorflow_nor_a_library_of_trees(directory: Path) -> None:
    code = (
        "import sys; from forecast_cli.cli import run; "
        f"assert run(['predict', '-m', {str(directory)!r}, '-n', '9', '--format', 'csv']) == 0; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert len(done.stdout.splitlines()) == 10
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "onnxruntime" in loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "xgboost", "scipy", "onnx"}


@pytest.mark.slow
def test_info_names_the_parts_and_the_reason(directory: Path) -> None:
    text = " ".join(run_here("info", "-m", directory).stdout.split())
    model = json.loads(run_here("info", "-m", directory, "--format", "json").stdout)["model"]

    assert "lstm+forest, for 6 steps ahead: " in text
    assert model["trees"]["reason"] in text
    assert (model["trees"]["kind"], model["name"]) == ("forest", "lstm+forest")
    assert "network (LSTM) corrected by a random forest" in model["parts"]


@pytest.mark.slow
def test_a_bundle_without_its_trees_is_refused(directory: Path) -> None:
    loaded = bundle.load(directory)
    contents = {name: content for name, content in loaded.contents.items() if name != TREES_FILE}

    with pytest.raises(ModelError, match="trees are missing"):
        _ = SavedModel.of(bundle.Bundle(directory, loaded.metadata, contents)).forecaster


@pytest.mark.slow
def test_a_warm_start_keeps_the_trees_and_a_comparison_reads_them(directory: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    arguments = ["--model", "lstm+forest", "--warm-start", directory, "--preset", "fast", "--epochs", "1"]

    first = run_here("train", AIRLINE, "-m", new, *arguments)
    second = run_here("train", AIRLINE, "-m", new, *arguments, "--if-better")

    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert "recent cutoffs" in second.stderr
    before, after = (bundle.load(each, (TREES_FILE,)).contents for each in (directory, new))
    assert before == after
