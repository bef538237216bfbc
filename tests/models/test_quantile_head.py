"""A network that forecasts quantiles too: trained, saved, loaded, and used for intervals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli import bundle, workflows
from forecast_cli.errors import UsageError
from forecast_cli.forecasting import Forecaster, no_progress
from forecast_cli.models.saved import SavedModel
from forecast_cli.models.table import model_of, row_of
from forecast_cli.models.training import Training
from forecast_cli.options import ContinueConfig, PredictConfig, ReadConfig, TrainingRequest
from forecast_cli.panel.panel import Panel
from tests.models.saved_models import POSITIVE, SHORT, SMALL
from tests.sample_panels import panel_of

pytestmark = pytest.mark.slow

QUANTILES = replace(SMALL, head="quantiles")
NAMES = ("lstm", "lstm+smoothing")


def trained(name: str, panel: Panel = POSITIVE) -> Forecaster:
    forecaster = model_of(name, Training(QUANTILES, SHORT)).fit(panel, no_progress)
    forecaster.update(panel)
    return forecaster


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "positive.csv"
    ids = np.repeat(POSITIVE.ids, POSITIVE.lengths)
    pd.DataFrame({"id": ids, "month": POSITIVE.times, "value": POSITIVE.values}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(source: Path, tmp_path_factory: pytest.TempPathFactory) -> SavedModel:
    directory = tmp_path_factory.mktemp("model")
    request = TrainingRequest(directory, ReadConfig(), QUANTILES, SHORT, "lstm+smoothing")
    workflows.train(str(source), request, no_progress)
    return SavedModel.of(bundle.load(directory))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_training_gives_the_same_spread_in_keras_and_in_a_bundle(name: str) -> None:
    once, again = trained(name), trained(name)
    state = once.save()
    loaded = row_of(name).forecaster().load(state.description, state.files)

    in_keras, repeated, in_onnx = (each.predict(POSITIVE, 20) for each in (once, again, loaded))

    assert in_keras.spread is not None
    assert in_onnx.spread is not None
    assert (in_keras.spread > 0).all()
    np.testing.assert_array_equal(repeated.point, in_keras.point)
    np.testing.assert_array_equal(repeated.spread, in_keras.spread)
    np.testing.assert_allclose(in_onnx.point, in_keras.point, rtol=1e-5)
    np.testing.assert_allclose(in_onnx.spread, in_keras.spread, rtol=1e-4)


def test_a_spread_knows_nothing_of_what_follows_and_grows_with_the_series() -> None:
    forecaster = trained("lstm+smoothing")
    later = panel_of(*[np.r_[values[:-5], -1e6 * values[-5:]] for values in POSITIVE.series()])
    thousandfold = panel_of(*[1000 * values for values in POSITIVE.series()])

    usual, cut, large = (
        forecaster.predict(panel, 6).spread for panel in (POSITIVE.drop_last(5), later.drop_last(5), thousandfold)
    )
    whole = forecaster.predict(POSITIVE, 6).spread

    assert whole is not None
    assert large is not None
    np.testing.assert_array_equal(cut, usual)
    np.testing.assert_allclose(large, 1000 * whole, rtol=1e-4)


def test_a_bundle_has_the_head_and_its_intervals_follow_the_spread(model: SavedModel, source: Path) -> None:
    network, calibration = model.card.description.network, model.calibration
    assert network is not None
    assert network.head == "quantiles"
    assert calibration is not None
    assert calibration.usual is not None
    config = PredictConfig(horizon=12, level=(80.0,))

    found = workflows.predict(str(source), model.bundle.directory, config, ReadConfig())

    forecast = found.forecasts[model.name]
    quantiles = forecast.every_quantile
    assert (quantiles[..., 0] < forecast.point).all()
    assert (quantiles[..., 1] > forecast.point).all()
    half = calibration.half_widths(found.history, 12, np.array([0.8]), forecast.spread)[..., 0]
    np.testing.assert_allclose(quantiles[..., 1] - forecast.point, half)


def test_a_network_with_quantiles_is_not_continued_with_another_head(model: SavedModel, source: Path) -> None:
    request = TrainingRequest(
        model.bundle.directory,
        ReadConfig(),
        replace(SMALL, head="point"),
        SHORT,
        "lstm+smoothing",
        ContinueConfig(warm_start=model.bundle.directory),
    )

    with pytest.raises(UsageError, match=r"point: the network in .* has quantiles"):
        workflows.train(str(source), request, no_progress)


def test_a_method_without_a_network_has_no_head(source: Path, tmp_path: Path) -> None:
    request = TrainingRequest(tmp_path, ReadConfig(), replace(SMALL, units=None, head="quantiles"), SHORT, "naive")

    with pytest.raises(UsageError):
        workflows.train(str(source), request, no_progress)
