"""Forecasts that a bundle keeps: equal to those of a fit, and used only for the data that they belong to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.features.scaling import Scaling
from forecast_cli.model_names import default_model, default_models
from forecast_cli.models.description import Description
from forecast_cli.models.files import FORECASTS_FILE
from forecast_cli.models.statistical.kept import pack_forecasts
from forecast_cli.models.statistical.methods import METHODS
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal

HORIZON = 12
PANEL = panel_of(seasonal(60), random_walk(50), [1.0, 2.0])
"""No method but the simplest can forecast the last series."""

TAILS = PANEL.tail(30)


def files(name: str, panel: Panel = PANEL, horizon: int = HORIZON) -> dict[str, bytes]:
    point = StatisticalForecaster(name).predict(panel, horizon).point
    return {FORECASTS_FILE: pack_forecasts({name: point}, panel, panel.tail(30))}


def loaded(name: str, kept: dict[str, bytes], scaling: Scaling | None = None) -> StatisticalForecaster:
    return StatisticalForecaster.load(Description(name, 100), kept, scaling)


def point(forecaster: StatisticalForecaster, panel: Panel, horizon: int = HORIZON) -> Floats:
    return forecaster.predict(panel, horizon).point


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_a_kept_forecast_is_that_of_a_fit_to_the_last_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forecaster = loaded(name, files(name))
    of_a_fit = {horizon: point(StatisticalForecaster(name), PANEL, horizon) for horizon in (1, 7, HORIZON)}
    monkeypatch.setattr(StatisticalForecaster, "_fitted_to", None)

    for horizon, expected in of_a_fit.items():
        np.testing.assert_array_equal(point(forecaster, PANEL, horizon), expected)


def test_the_tails_have_the_forecast_of_the_whole_series() -> None:
    forecaster = loaded("theta", files("theta"), Scaling.of(PANEL))

    np.testing.assert_array_equal(point(forecaster, TAILS), point(StatisticalForecaster("theta"), PANEL))
    np.testing.assert_array_equal(forecaster.predict(TAILS, 3).cutoff, PANEL.ends)


@pytest.mark.parametrize(
    "other",
    [
        PANEL.drop_last(1),
        PANEL.select(np.array([1, 0, 2])),
        PANEL.select(np.array([0, 1])),
        TAILS,
        replace(PANEL, season_length=4),
        replace(PANEL, values=PANEL.values + 1),
        replace(PANEL, times=PANEL.times + np.timedelta64(365, "D")),
    ],
)
def test_other_data_are_fitted(other: Panel) -> None:
    """Also a file that happens to have the points that the bundle keeps."""
    np.testing.assert_array_equal(point(loaded("ces", files("ces")), other), point(StatisticalForecaster("ces"), other))


def test_a_longer_horizon_is_fitted() -> None:
    longer = HORIZON + 1

    np.testing.assert_array_equal(
        point(loaded("ces", files("ces")), PANEL, longer), point(StatisticalForecaster("ces"), PANEL, longer)
    )


def test_an_old_bundle_has_no_forecasts() -> None:
    assert loaded("theta", {}).kept is None
    assert loaded("ets", files("theta")).kept is None


@pytest.mark.parametrize(
    "changed",
    [
        {"points": np.zeros((3, HORIZON))},
        {"points": np.zeros((2, 3, HORIZON))},
        {"points": np.zeros((1, 3, HORIZON), dtype=np.float32)},
        {"points": np.where(np.arange(HORIZON) == 0, np.nan, np.zeros((1, 3, HORIZON)))},
        {"points": np.full((1, 3, HORIZON), np.inf)},
        {"data": np.array(["one"])},
    ],
)
def test_forecasts_that_do_not_fit_are_refused(changed: dict[str, np.ndarray]) -> None:
    arrays = {**unpack_arrays(files("theta")[FORECASTS_FILE]), **changed}

    with pytest.raises(ValueError, match="forecast"):
        loaded("theta", {FORECASTS_FILE: pack_arrays(arrays)})


# Which model is the default


def test_small_panels_have_the_blend_as_default() -> None:
    assert [default_model(series) for series in (1, 50, 51, 5000)] == ["blend", "blend", *["lstm+smoothing"] * 2]
    assert default_models(50) == ("blend", "lstm+smoothing", "theta", "ets", "arima")
    assert default_models(51) == ("lstm+smoothing", "theta", "ets", "arima")
