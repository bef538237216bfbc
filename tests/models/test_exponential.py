"""Theta and the damped trend against statsmodels and by hand; the last season again by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import Holt

from forecast_cli.models.statistical.exponential import (
    DAMPING,
    LEVEL_RATES,
    PRIOR_SQUARED_ERROR,
    RATES,
    SLOPE_RATES,
    damped_path,
    last_season_path,
    theta_path,
)
from tests.sample_panels import random_walk


def padded(*series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and where they are inside, each series padded at its start to the length of the longest."""
    longest = max(len(y) for y in series)
    values = np.stack([np.r_[np.full(longest - len(y), y[0]), y] for y in series])
    return values, np.stack([np.arange(longest) >= longest - len(y) for y in series])


def path(*series: np.ndarray, horizon: int = 6, theta: float = 3.0) -> np.ndarray:
    return theta_path(*padded(*series), horizon, theta)


def damped(*series: np.ndarray, horizon: int = 6) -> np.ndarray:
    return damped_path(*padded(*series), horizon)


@pytest.mark.parametrize("theta", [2.0, 3.0])
@pytest.mark.parametrize("seed", range(4))
def test_against_statsmodels_at_the_same_rate(seed: int, theta: float) -> None:
    # A random walk, whose best rate is 1 or near it, with a slope. statsmodels fits a rate between those of the grid.
    values = 100 + random_walk(80, seed) + 0.8 * np.arange(80)
    fitted = ThetaModel(values, deseasonalize=False).fit(use_mle=False)

    ours = path(values, theta=theta)[0]

    assert abs(fitted.params["alpha"] - RATES).min() < 0.03
    np.testing.assert_allclose(ours, fitted.forecast(6, theta=theta), rtol=0.005)


def test_a_straight_line_goes_on_with_two_thirds_of_its_slope() -> None:
    np.testing.assert_allclose(path(3 * np.arange(20.0), horizon=3)[0], [57 + 2, 57 + 4, 57 + 6])


@pytest.mark.parametrize("at", [20, 100, 140, 190])
def test_one_jump_is_no_trend(at: int) -> None:
    values = np.where(np.arange(200) < at, 10.0, 100.0) + np.random.default_rng(at).normal(size=200)

    forecast = path(values, horizon=20)[0]

    assert abs(forecast[-1] - forecast[0]) < 1


def test_noise_around_a_level_is_averaged() -> None:
    values = 50 + np.random.default_rng(0).normal(size=400)

    np.testing.assert_allclose(path(values), 50, atol=0.7)


@pytest.mark.parametrize("method", [path, damped])
def test_series_of_different_length_do_not_touch_one_another(method: Callable[..., np.ndarray]) -> None:
    long, short, single = random_walk(50), random_walk(9, seed=1), np.array([4.0])

    together = method(long, short, single)

    for row, alone in enumerate((long, short, single)):
        np.testing.assert_allclose(together[row], method(alone)[0])
    np.testing.assert_allclose(together[2], 4.0)


@pytest.mark.parametrize("seed", range(3))
def test_the_damped_trend_is_the_mean_of_statsmodels_models_by_their_likelihood(seed: int) -> None:
    values = random_walk(25, seed) + 0.5 * np.arange(25)
    likelihoods, forecasts = [], []
    for level, slope, left in product(LEVEL_RATES, SLOPE_RATES, DAMPING):
        fitted = Holt(
            values, damped_trend=True, initialization_method="known", initial_level=values[0], initial_trend=0.0
        ).fit(smoothing_level=level, smoothing_trend=slope, damping_trend=left, optimized=False)
        squares = (fitted.resid**2).sum() + PRIOR_SQUARED_ERROR * (np.diff(values) ** 2).sum() / 25
        likelihoods.append(squares**-12.5)
        forecasts.append(fitted.forecast(6))

    np.testing.assert_allclose(damped(values)[0], np.average(forecasts, axis=0, weights=likelihoods))


def test_a_trend_flattens_out() -> None:
    steps = np.diff(np.r_[57, damped(3 * np.arange(20.0), horizon=12)[0]])

    assert 2 < steps[0] < 3
    assert (np.diff(steps) < 0).all()
    assert (steps > 0).all()


def test_a_constant_series_has_a_constant_forecast() -> None:
    np.testing.assert_allclose(damped(np.full(10, 5.0), np.zeros(3)), [[5] * 6, [0] * 6])


def test_the_last_season_is_repeated_with_half_of_its_change() -> None:
    pattern = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    first, second = pattern, pattern + np.array([0, 0, 0, 0, 0, 0, 10, 12])

    again = last_season_path(*padded(np.r_[first, second]), 8, 11)[0]

    np.testing.assert_allclose(again, np.resize(second + 11 / 2, 11))


def test_the_change_of_a_season_uses_the_points_that_exist() -> None:
    long, short = np.r_[np.full(8, 2.0), np.full(8, 5.0)], np.r_[np.full(8, 1.0), 7.0]

    again = last_season_path(*padded(long, short), 8, 3)

    np.testing.assert_allclose(again, [[6.5, 6.5, 6.5], [4, 4, 4]])
    np.testing.assert_allclose(last_season_path(*padded(short), 8, 3), [[4, 4, 4]])


def test_a_single_season_is_not_repeated() -> None:
    long, short = np.arange(16.0), np.arange(8.0)

    assert np.isnan(last_season_path(*padded(long, short), 8, 3)[1]).all()
    assert np.isnan(last_season_path(*padded(short), 8, 3)).all()
