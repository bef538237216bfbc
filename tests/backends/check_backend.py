"""Networks are trained, saved and exported by the Keras backend that KERAS_BACKEND names, without TensorFlow.

Run by `make test-backends`, in an environment for each backend: these are too large for every run of the tests.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle, workflows
from forecast_cli.models.saved import SavedModel
from forecast_cli.models.table import model_of, row_of
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig, TrainingRequest
from tests.sample_panels import AIRLINE, panel_of, seasonal

TOPOLOGIES = ["lstm", "gru", "seq2seq", "peephole-lstm", "slstm", "dilated-lstm", "attention-lstm", "cnn-lstm"]
TINY = Training(ModelConfig(units=(4,), input_size=8), TrainConfig(horizon=4, epochs=1, preset="fast"))
PANEL = panel_of(seasonal(40), seasonal(36, seed=1))


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_network_is_exported_as_it_was_trained(topology: str) -> None:
    fitted = model_of(topology, TINY).fit(PANEL)
    state = fitted.save()

    loaded = row_of(topology).forecaster().load(state.description, state.files)

    np.testing.assert_allclose(loaded.predict(PANEL, 6).point, fitted.predict(PANEL, 6).point, rtol=1e-5)


def test_the_same_seed_gives_the_same_forecast_and_an_update_changes_it() -> None:
    one, other = (model_of("lstm", TINY).fit(PANEL.drop_last(4)) for _ in range(2))
    before = one.predict(PANEL, 4).point
    np.testing.assert_array_equal(before, other.predict(PANEL, 4).point)

    one.update(PANEL)

    assert not np.allclose(one.predict(PANEL, 4).point, before, rtol=1e-6)


def test_the_default_topology_is_as_accurate_as_with_another_backend(tmp_path: Path) -> None:
    """With TensorFlow, MASE on the holdout is 0.6 with three seeds; seasonal naive has 2.4."""
    request = TrainingRequest(tmp_path / "model", ReadConfig(), ModelConfig(), TrainConfig(preset="fast"), "lstm")
    summary = workflows.train(str(AIRLINE), request, lambda *_: None)

    scores = {score.model: score.figures["mase"] for score in summary.scores}
    assert scores["lstm"] < 0.5 * scores["seasonal-naive"]
    assert SavedModel.of(bundle.load(request.directory)).name == "lstm"


def test_the_backend_is_the_one_that_was_asked_for_and_tensorflow_is_not_imported() -> None:
    import keras

    assert keras.backend.backend() == os.environ["KERAS_BACKEND"]
    assert "tensorflow" not in sys.modules
