"""A model loaded from a bundle, with its final weights and with the weights that were scored."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.files import COMPARISON_FILES, FITTED_FILE, WEIGHTS_FILE, load
from forecast_cli.models.saved import SavedModel
from tests.trained_model import TrainedModel


@pytest.fixture(scope="module")
def loaded(airline_model: TrainedModel) -> bundle.Bundle:
    return bundle.load(airline_model.directory)


def forecast(model: SavedModel, forecaster: Forecaster | None = None) -> np.ndarray:
    return (forecaster or model.forecaster).predict(model.tails, 24).point


def test_the_scored_weights_have_not_seen_the_holdout(loaded: bundle.Bundle) -> None:
    model = SavedModel.of(loaded)

    scored, learned_to = model.as_scored()

    assert (learned_to, model.card.data.last) == ("1959-12-01", "1960-12-01")
    assert not np.allclose(forecast(model, scored), forecast(model), rtol=1e-4)


def test_the_final_weights_give_the_final_forecast(loaded: bundle.Bundle) -> None:
    model = SavedModel.of(replace(loaded, contents={**loaded.contents, FITTED_FILE: loaded.read(WEIGHTS_FILE)}))

    assert forecast(model, model.as_scored()[0]) == pytest.approx(forecast(model), rel=1e-5)


def test_without_the_scored_weights_the_final_ones_are_used(
    loaded: bundle.Bundle, caplog: pytest.LogCaptureFixture
) -> None:
    kept = {name: loaded.read(name) for name in COMPARISON_FILES if name in loaded.contents and name != FITTED_FILE}
    model = SavedModel.of(replace(loaded, contents=kept))

    with caplog.at_level(logging.INFO):
        scored, learned_to = model.as_scored()

    assert np.array_equal(forecast(model, scored), forecast(model))
    assert learned_to == "1960-12-01"
    assert "the bundle lacks the weights with which the model was scored" in caplog.text


def test_weights_of_an_earlier_version_are_found() -> None:
    loaded = load(Path(__file__).parents[1] / "fixtures" / "lstm", (FITTED_FILE, WEIGHTS_FILE))

    assert loaded.read(FITTED_FILE).startswith(b"\x89HDF")
    assert loaded.contents.keys() == {FITTED_FILE, WEIGHTS_FILE}
