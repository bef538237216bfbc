"""Intervals around forecasts: their coverage, their width, their bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conformalforecast import CallableAdapter, SplitConformal
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_cli.features.scaling import Scaling
from forecast_cli.models.intervals import calibrate
from forecast_cli.models.intervals.around import interval_levels_of, quantile_levels, with_quantiles
from forecast_cli.models.intervals.quantiles import ErrorDistribution, weighted_quantiles
from forecast_cli.models.statistical.fixed import FixedMethod
from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from tests.models.interval_samples import LEVELS, calibration_of, white_noise
from tests.sample_panels import Floats, panel_of, seasonal, undated


def covered(panel: Panel, horizon: int, model: str, levels: Floats) -> Floats:
    """(levels,) the share of the last `horizon` values in intervals computed without them."""
    past = panel.drop_last(horizon)
    forecast = StatisticalForecaster(model).predict(past, horizon)
    half = calibration_of(past, model, horizon).half_widths(past, horizon, levels)
    actual = np.stack([values[-horizon:] for values in panel.series()])
    return np.asarray((np.abs(actual - forecast.point)[..., None] <= half).mean(axis=(0, 1)))


@pytest.mark.slow
def test_intervals_of_a_panel_hold_as_often_as_they_promise() -> None:
    levels = np.array([0.5, 0.8, 0.95])

    shares = covered(undated(*white_noise(200, 60)), 4, "window-average", levels)

    np.testing.assert_allclose(shares, levels, atol=0.04)


@pytest.mark.slow
def test_intervals_of_single_series_hold_as_often_as_they_promise() -> None:
    levels = np.array([0.8, 0.95])

    shares = [covered(undated(values), 4, "naive", levels) for values in white_noise(60, 60, seed=1)]

    np.testing.assert_allclose(np.mean(shares, axis=0), levels, atol=0.06)


@pytest.mark.slow
def test_intervals_of_a_random_walk_widen_with_the_root_of_the_step() -> None:
    walks = 1000 + np.random.default_rng(0).normal(0, 1, (100, 120)).cumsum(axis=1)
    panel = undated(*walks)

    half = calibration_of(panel, horizon=9).half_widths(panel, 9, np.array([0.8]))[..., 0].mean(axis=0)

    assert half[8] / half[0] == pytest.approx(3, rel=0.1)
    assert half[3] / half[0] == pytest.approx(2, rel=0.1)


def test_after_the_last_known_step_they_widen_with_the_root_of_the_step() -> None:
    panel = undated(*white_noise(5, 60))

    half = calibration_of(panel, horizon=4).half_widths(panel, 16, LEVELS)

    np.testing.assert_allclose(half[:, 15], 2 * half[:, 3], rtol=1e-12)


def test_intervals_of_a_noisy_series_are_wider() -> None:
    calm, wild = white_noise(2, 80)
    panel = undated(calm, 100 + 5 * (wild - 100))

    half = calibration_of(panel).half_widths(panel, 4, LEVELS)

    np.testing.assert_allclose(half[1] / half[0], 5, rtol=0.4)


def test_the_place_in_the_season_matters_in_hourly_values() -> None:
    """Values at night are always 0, as those of solar power are; at noon they vary."""
    hour, chance = np.arange(24 * 30) % 24, np.random.default_rng(0)
    panel = panel_of(np.where(hour == 12, chance.uniform(50, 150, len(hour)), 0.0), freq="h", season_length=24)

    half = calibration_of(panel, "seasonal-naive", 24).half_widths(panel, 24, np.array([0.8]))[0, :, 0]

    assert half[12] > 3 * half[0]


@pytest.mark.slow
@given(st.lists(st.floats(0.1, 1e6), min_size=30, max_size=60), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_they_contain_the_forecast_never_cross_and_keep_to_the_bound(values: list[float], decimals: int) -> None:
    panel = undated(np.round(values, decimals))
    calibration = calibrate(StatisticalForecaster("theta"), panel, 3)
    forecast = StatisticalForecaster("theta").predict(panel, 7)
    if calibration is None or np.isnan(forecast.point).any():
        return
    wanted = quantile_levels([50, 80, 95], [0.3, 0.5])
    half = calibration.half_widths(panel, 7, interval_levels_of(wanted))

    found = with_quantiles(forecast, half, wanted, Scaling.of(panel).lowest).every_quantile

    assert (np.diff(found, axis=2) >= 0).all()
    assert (found[..., wanted < 0.5] <= forecast.point[..., None]).all()
    assert (found[..., wanted > 0.5] >= forecast.point[..., None]).all()
    assert (found[..., wanted == 0.5] == forecast.point[..., None]).all()
    assert (found >= np.minimum(forecast.point[..., None], 0)).all()


def test_they_do_not_depend_on_the_unit_of_the_values() -> None:
    series = [seasonal(60), seasonal(60, seed=1)]
    panel, cents = panel_of(*series), panel_of(*(100 * values for values in series))

    half, in_cents = (calibration_of(each, "ets").half_widths(each, 6, LEVELS) for each in (panel, cents))

    np.testing.assert_allclose(in_cents, 100 * half, rtol=1e-6)


@pytest.mark.slow
def test_of_sums_of_independent_errors_grow_with_the_root_and_of_equal_errors_with_the_count() -> None:
    noise = undated(*white_noise(200, 100))
    calibration = calibration_of(noise, "window-average", 4)
    steps = [np.arange(4)]
    single = calibration.half_widths(noise, 4, LEVELS).mean(axis=(0, 1))

    sums = calibration.half_widths_of_sums(noise, steps, 4, LEVELS).mean(axis=(0, 1))
    equal = replace(calibration, scaled=np.repeat(calibration.scaled[:, :, :1], 4, axis=2))

    assert (sums < 3 * single).all()  # the mean of the window is part of each error
    assert (sums > 1.9 * single).all()
    np.testing.assert_allclose(
        equal.half_widths_of_sums(noise, steps, 4, LEVELS[:2])[:, 0],
        equal.half_widths(noise, 4, LEVELS[:2]).sum(axis=1),
        rtol=1e-9,
    )


def test_a_series_without_errors_has_intervals_of_the_usual_relative_width() -> None:
    panel = undated(*white_noise(10, 60))
    calibration = calibration_of(panel)
    unknown = replace(panel.select(np.array([0])), ids=np.array(["new"]))

    half = calibration.half_widths(unknown, 4, LEVELS)

    np.testing.assert_allclose(half[0], np.median(calibration.half_widths(panel, 4, LEVELS), axis=0), rtol=0.3)


def test_later_values_change_nothing() -> None:
    values = seasonal(80)
    panel, longer = panel_of(values[:70]), panel_of(np.r_[values[:70], 1e6 * np.ones(10)])

    once, again = (calibration_of(each, "ets").half_widths(each, 4, LEVELS) for each in (panel, longer.drop_last(10)))

    assert (once == again).all()


def test_too_short_series_have_none() -> None:
    assert calibrate(StatisticalForecaster("naive"), undated([1.0, 2.0, 4.0]), 2) is None


@pytest.mark.parametrize("model", ["constant", "zeros", "gaps"])
def test_odd_series_have_finite_intervals(model: str) -> None:
    values = {"constant": np.full(60, 7.0), "zeros": np.zeros(60), "gaps": seasonal(60)}[model]
    if model == "gaps":
        values = np.where(np.arange(60) % 7 == 3, np.nan, values)

    panel = panel_of(values)

    half = calibration_of(panel).half_widths(panel, 6, LEVELS)

    assert np.isfinite(half).all()
    assert (half >= 0).all()


def test_of_a_constant_series_have_no_width() -> None:
    panel = undated(np.full(60, 7.0))

    assert calibration_of(panel).half_widths(panel, 4, LEVELS).max() == 0


def test_a_quantile_is_that_of_split_conformal_prediction() -> None:
    chance = np.random.default_rng(0)
    errors = chance.normal(0, 1, 37)
    histories = [np.zeros((1, 5))] * len(errors)
    adapter = CallableAdapter(predict_fn=lambda history: np.zeros((len(history), 1)), horizon=1, n_series=1)
    oracle = SplitConformal(alpha=0.2).calibrate(adapter, histories, errors[None, :, None])
    interval = np.asarray(oracle.predict(np.zeros((1, 5))).interval)
    upper = interval.ravel().max()

    spread = ErrorDistribution.of(np.abs(errors)[:, None, None], np.ones(37), np.zeros((37, 1, 1), dtype=np.int64), 1)
    half = spread.half_widths(np.array([0.8]))[0, 0] * spread.step[0]

    assert half == pytest.approx(upper, rel=1e-9)
    assert half == pytest.approx(np.sort(np.abs(errors))[int(np.ceil(38 * 0.8)) - 1])


def test_weights_count_like_repetitions() -> None:
    values, weights = np.array([[4.0, 1.0, 3.0, 2.0]]), np.array([[1.0, 1.0, 2.0, 1.0]])

    weighted = weighted_quantiles(values, weights, np.array([0.2, 0.5]))

    assert weighted.tolist() == [[2.0, 3.0]]


def test_a_method_is_fitted_once_and_its_parameters_stay() -> None:
    from statsforecast.models import AutoETS

    values = seasonal(80)
    fixed = FixedMethod.fit("ets", panel_of(values[:60]))
    assert fixed is not None
    expected = AutoETS(season_length=12).fit(values[:60]).forward(values[:72], 6)["mean"]

    np.testing.assert_allclose(fixed.predict(panel_of(values[:72]), 6).point[0], expected)
    assert FixedMethod.fit("window-average", panel_of(values)) is None
