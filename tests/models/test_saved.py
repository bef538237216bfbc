"""A model from a bundle: as it is, and as it was when it was scored."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.models.saved import COMPARED, FITTED, WEIGHTS, SavedModel, unpack, unpack_as_scored
from tests.trained_model import TrainedModel


@pytest.fixture(scope="module")
def loaded(airline_model: TrainedModel) -> bundle.Bundle:
    return bundle.load(airline_model.directory)


def forecast(model: SavedModel) -> np.ndarray:
    return model.forecaster.predict(model.tails, 24).point


def test_as_scored_it_has_not_learned_the_steps_that_were_held_out(loaded: bundle.Bundle) -> None:
    now, scored = unpack(loaded), unpack_as_scored(loaded)

    assert (scored.learned_to, now.learned_to) == ("1959-12-01", "1960-12-01")
    assert not np.allclose(forecast(scored), forecast(now), rtol=1e-4)


def test_with_the_weights_it_has_now_it_forecasts_as_it_does_now(loaded: bundle.Bundle) -> None:
    same = replace(loaded, contents={**loaded.contents, FITTED: loaded.read(WEIGHTS)})

    assert forecast(unpack_as_scored(same)) == pytest.approx(forecast(unpack(loaded)), rel=1e-5)


def test_a_model_that_does_not_keep_how_it_was_is_taken_as_it_is(
    loaded: bundle.Bundle, caplog: pytest.LogCaptureFixture
) -> None:
    kept = {name: loaded.read(name) for name in COMPARED if name in loaded.contents and name != FITTED}

    with caplog.at_level(logging.INFO):
        model = unpack_as_scored(replace(loaded, contents=kept))

    assert np.array_equal(forecast(model), forecast(unpack(loaded)))
    assert model.learned_to == "1960-12-01"
    assert "is taken as it is" in caplog.text
