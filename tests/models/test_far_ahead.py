"""The blend beyond the horizon at which its members were compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.models.combined.blend import BlendModel
from forecast_cli.models.combined.far_ahead import FarAhead
from forecast_cli.models.combined.mean import MeanForecaster
from forecast_cli.models.combined.smoothed import SmoothedModel
from forecast_cli.models.combined.weights import Weights
from forecast_cli.models.files import BLEND_FILE
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from tests.models.test_blending import Always
from tests.sample_panels import panel_of, seasonal, undated


def test_beyond_the_horizon_methods_count_less_in_a_series_longer_than_the_long_season() -> None:
    panel = undated(np.ones(6), np.ones(5))
    weights = Weights(("lstm", "theta"), panel.ids, np.full((2, 2), 0.5))
    members = {"lstm": Always(0), "theta": Always(8)}

    forecast = MeanForecaster("blend", members, weights, far_ahead=FarAhead(2, 5.0)).predict(panel, 6).point

    left = np.exp(-np.array([0, 0, 1, 2, 3, 4]) / 2)
    np.testing.assert_allclose(forecast, [8 * left / (1 + left), np.full(6, 4.0)])


def test_beyond_the_horizon_a_method_that_repeats_the_long_season_counts_as_before() -> None:
    panel = undated(np.ones(6))
    weights = Weights(("lstm", "long-naive", "theta"), panel.ids, np.full((1, 3), 1 / 3))
    members = {"lstm": Always(0), "long-naive": Always(6), "theta": Always(0)}

    forecast = MeanForecaster("blend", members, weights, far_ahead=FarAhead(2, 5.0)).predict(panel, 100).point[0]

    np.testing.assert_allclose(forecast[[0, -1]], [2, 3], rtol=1e-6)


def test_a_method_that_is_alone_on_a_series_forecasts_it_however_far_ahead() -> None:
    panel = undated(np.ones(6))
    weights = Weights(("lstm", "theta"), panel.ids, np.full((1, 2), 0.5))
    members = {"lstm": Always(0, ("a",)), "theta": Always(8)}

    forecast = MeanForecaster("blend", members, weights, far_ahead=FarAhead(2, 5.0)).predict(panel, 5000).point

    np.testing.assert_allclose(forecast, np.full((1, 5000), 8.0))


def test_a_bundle_keeps_how_far_ahead_methods_count() -> None:
    weights = Weights(("theta",), np.array(["a"]), np.ones((1, 1)))
    blend = MeanForecaster("blend", {"theta": StatisticalForecaster("theta")}, weights, far_ahead=FarAhead(14, 365.25))
    saved = blend.save()

    assert MeanForecaster.load(saved.description, saved.files).far_ahead == FarAhead(14, 365.25)
    assert MeanForecaster.load_as_scored(saved.description, saved.files).far_ahead == FarAhead(14, 365.25)


@pytest.mark.parametrize("wrong", [[0.0, 365.0], [14.0, np.nan], [14.0], ["14", "365"]])
def test_a_damaged_bundle_is_refused(wrong: list[Any]) -> None:
    weights = Weights(("theta",), np.array(["a"]), np.ones((1, 1)))
    saved = MeanForecaster("blend", {"theta": StatisticalForecaster("theta")}, weights).save()
    arrays = unpack_arrays(saved.files[BLEND_FILE]) | {"far_ahead": np.array(wrong)}

    with pytest.raises(ValueError, match="far_ahead"):
        MeanForecaster.load(saved.description, {**saved.files, BLEND_FILE: pack_arrays(arrays)})


@pytest.mark.slow
def test_with_a_long_season_the_blend_is_in_the_end_what_knows_that_season() -> None:
    panel = replace(panel_of(seasonal(84, season_length=7), freq="D", season_length=7), long_seasons=(28.0,))
    small, short = ModelConfig(units=(3,), input_size=7), TrainConfig(horizon=3, epochs=1, preset="fast")

    blend = BlendModel(SmoothedModel(NetworkModel("lstm", Training(small, short)))).fit(panel)

    knowing = [blend.weights.members.index(name) for name in ("lstm+smoothing", "long-naive")]
    points = np.stack([blend.members[blend.weights.members[at]].predict(panel, 60).point[0] for at in knowing])
    expected = np.average(points, axis=0, weights=blend.weights.each[0, knowing])
    difference = np.abs(blend.predict(panel, 60).point[0] - expected) / panel.values.max()
    assert difference[:7].max() > 0.01
    assert difference[-7:].max() < 0.0001
