"""A network combined with exponential smoothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.evaluation.metrics import mae
from forecast_cli.features.features import Features
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.smoothed import SmoothedForecaster, SmoothedModel
from forecast_cli.models.combined.smoothing import combine, trust_in_smoothing
from forecast_cli.models.description import Smoothing
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.models.network.regimes import Traits
from forecast_cli.models.statistical.exponential import damped_path, last_season_path, theta_path
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, panel_of, random_walk, seasonal, undated

SHAPE = WindowShape(input_size=4, output_size=3, level_size=1, deseasonalise=True)

SHARES = st.floats(0.01, 0.99)


def mixed(network: Floats, panel: Panel, smoothing: Smoothing, shape: WindowShape = SHAPE) -> Floats:
    """The forecast of the only series, for which the network predicts these adjusted values."""
    features = Features.fit(panel, shape)
    return combine(network[None], features, features.last_origins(), smoothing, 1000)[0]


def smoothed(values: Floats, horizon: int) -> Floats:
    whole = np.ones((1, len(values)), dtype=bool), horizon
    return (theta_path(values[None], *whole)[0] + damped_path(values[None], *whole)[0]) / 2


def test_without_a_season_a_share_is_theta_and_the_damped_trend_of_the_values() -> None:
    growth = 50 * np.exp(0.05 * np.arange(30) + 0.02 * random_walk(30))
    below = growth[-1] / [1, 2, 3]

    forecast = mixed(np.log(below), undated(growth), Smoothing(0.25))

    np.testing.assert_allclose(forecast, 0.75 * below + 0.25 * smoothed(growth, 3))


def test_with_a_season_a_share_is_theta_of_what_the_network_sees() -> None:
    panel = panel_of(50 + seasonal(40) + random_walk(40) / 5, freq="QS-JAN", season_length=4)
    features, end = Features.fit(panel, SHAPE), np.array([39])
    adjusted = np.log(panel.values) - features.season.at(end, np.arange(-39, 1))[0]

    forecast = mixed(np.full(5, adjusted[-1] + 9), panel, Smoothing(0.25, trust=3.0))

    theta = theta_path(adjusted[None], np.ones((1, 40), dtype=bool), 5)[0]
    season = features.season.at(end, np.arange(1, 6))[0]
    np.testing.assert_allclose(forecast, np.exp(0.75 * (adjusted[-1] + 9) + 0.25 * theta + season))


@pytest.mark.parametrize("length", [40, 4])
def test_with_the_last_season_the_forecast_is_the_median(length: int) -> None:
    panel = panel_of(50 + seasonal(length), freq="QS-JAN", season_length=4)
    values, whole = np.log(panel.values)[None], np.ones((1, length), dtype=bool)
    features, end = Features.fit(panel, SHAPE), np.array([length - 1])
    before, after = (features.season.at(end, steps) for steps in (np.arange(1 - length, 1), np.arange(1, 6)))

    forecast = mixed(np.zeros(5), panel, Smoothing(1.0, repeated=(4,)))

    network, theta = after, theta_path(values - before, whole, 5) + after
    expected = np.median([network, theta, last_season_path(values, whole, 4, 5)], axis=0)
    np.testing.assert_allclose(forecast, np.exp(expected if length > 4 else (network + theta) / 2)[0])


def test_without_seasonal_adjustment_the_last_day_and_week_are_repeated() -> None:
    panel = panel_of(50 + random_walk(80), freq="h", season_length=8)
    shape = replace(SHAPE, deseasonalise=False)
    values, whole = np.log(panel.values)[None], np.ones((1, 80), dtype=bool)
    network = values[0, -10:] + np.linspace(-1, 1, 10)

    forecast = mixed(network, panel, Smoothing(0.25, repeated=(8, 56)), shape)

    day, week = (last_season_path(values, whole, length, 10)[0] for length in (8, 56))
    np.testing.assert_allclose(forecast, np.exp(0.75 * network + 0.25 * np.median([network, day, week], axis=0)))


@pytest.mark.parametrize(
    ("freq", "season_length", "repeated"),
    [
        ("h", 24, (24, 168)),
        ("30min", 48, (48, 336)),
        ("min", 60, ()),
        ("W-SUN", 52, (52,)),
        ("step", 52, (52,)),
        ("h", 52, ()),
        ("D", 7, ()),
        ("D", 365, ()),
        ("2W-SUN", 26, ()),
        ("MS", 12, ()),
    ],
)
def test_which_seasons_are_repeated(freq: str, season_length: int, repeated: tuple[int, ...]) -> None:
    panel = panel_of(np.arange(400.0), freq=freq, season_length=season_length)

    assert Traits.of(panel).repeated == repeated


def test_smoothing_of_a_few_points_is_limited() -> None:
    panel = panel_of([5.0, 80.0, 300.0, 900.0])
    shape = WindowShape(4, 1, 4, deseasonalise=True)

    forecast = mixed(np.full(12, np.log(900.0)), panel, Smoothing(1.0), shape)

    assert forecast.max() == pytest.approx(900 + 5 * 895)


@given(SHARES, st.floats(0.1, 10))
def test_trust_multiplies_the_odds_of_smoothing(share: float, trust: float) -> None:
    values = 60 + random_walk(30)
    odds = trust * share / (1 - share)

    forecast = mixed(np.log(np.full(3, 20.0)), undated(values), Smoothing(share, trust))

    np.testing.assert_allclose(forecast, (20 + odds * smoothed(values, 3)) / (1 + odds))


@pytest.mark.slow
@given(SHARES, st.floats(1.01, 1e6))
def test_a_network_c_mean_changes_a_step_above_smoothing_has_odds_of_c_against_it(share: float, climb: float) -> None:
    values = 60 + random_walk(30)
    steps = np.abs(np.diff(values)).mean() * np.arange(1, 4)
    network = smoothed(values, 3) + climb * steps
    odds = max(climb, share / (1 - share))

    forecast = mixed(np.log(network), undated(values), Smoothing(share))

    np.testing.assert_allclose(forecast, smoothed(values, 3) + climb / (1 + odds) * steps)


def test_a_series_in_free_fall_stays_above_zero() -> None:
    forecast = mixed(np.zeros(40), undated(np.linspace(100, 1, 25)), Smoothing(0.3))

    assert ((forecast > 0) & (forecast < 1)).all()


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0, 5.0]])
def test_a_constant_series_has_no_climb(values: list[float]) -> None:
    np.testing.assert_allclose(mixed(np.log([6.0, 7.0]), undated(values), Smoothing(0.3)), [5, 5])


def test_trust_is_the_squared_ratio_of_relative_errors_shrunk_by_ten_series() -> None:
    network, smoothing = np.array([3.0, 300.0, 1.0]), np.array([1.0, 100.0, 3.0])

    trust = trust_in_smoothing(network, smoothing)

    assert trust == pytest.approx(((10 + 1.5 + 1.5 + 0.5) / (10 + 0.5 + 0.5 + 1.5)) ** 2)


@pytest.mark.parametrize("known", [[], [np.nan], [0.0]])
def test_without_errors_trust_is_even(known: list[float]) -> None:
    assert trust_in_smoothing(np.array(known), np.array(known)) == 1


@pytest.mark.slow
def test_trust_is_measured_on_the_validation_block() -> None:
    panel = undated(*(random_walk(20, seed=row).cumsum() for row in range(6)))
    options = Training(ModelConfig(units=(2,), output_size=3), TrainConfig(epochs=1, preset="fast"))
    model = SmoothedModel(NetworkModel("lstm", options))

    fitted = model.fit(panel)

    past, actual = panel.drop_last(3), np.stack([values[-3:] for values in panel.series()])
    network, smoothing = (
        SmoothedForecaster(fitted.network, Smoothing(share)).predict(past, 3).point for share in (0.0, 1.0)
    )
    assert fitted.smoothing.share == 0.5
    assert fitted.smoothing.trust == pytest.approx(trust_in_smoothing(mae(actual, network), mae(actual, smoothing)))
    assert fitted.smoothing.trust != 1


@pytest.mark.slow
def test_a_yearly_season_of_weeks_is_found() -> None:
    """Two years and a quarter of weeks, each year with the same surprises; Theta alone cannot know them."""
    rng = np.random.default_rng(0)
    years = rng.normal(0, 0.4, size=(12, 52))
    series = [100 * np.exp(np.resize(year, 130) + 0.002 * np.arange(130) + rng.normal(0, 0.05, 130)) for year in years]
    known = panel_of(*(values[:-13] for values in series), freq="W-SUN", season_length=52)
    options = Training(ModelConfig(units=(4,)), TrainConfig(epochs=1, horizon=13, preset="fast"))
    model = SmoothedModel(NetworkModel("lstm", options))

    forecaster = model.fit(known)

    actual = np.stack([values[-13:] for values in series])
    alone, by_default = (
        mae(actual, forecast.predict(known, 13).point).mean()
        for forecast in (replace(forecaster, smoothing=Smoothing(1.0)), forecaster)
    )
    assert by_default < 0.75 * alone
