"""Theta against statsmodels and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sample_panels import random_walk
from statsmodels.tsa.forecasting.theta import ThetaModel

from forecast_cli.models.smoothing import RATES, theta_path


def path(*series: np.ndarray, horizon: int = 6, theta: float = 3.0) -> np.ndarray:
    """Each series padded at its start to the length of the longest."""
    longest = max(len(y) for y in series)
    values = np.stack([np.r_[np.full(longest - len(y), y[0]), y] for y in series])
    inside = np.stack([np.arange(longest) >= longest - len(y) for y in series])
    return theta_path(values, inside, horizon, theta)


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


def test_noise_around_a_level_is_averaged() -> None:
    values = 50 + np.random.default_rng(0).normal(size=400)

    np.testing.assert_allclose(path(values), 50, atol=0.7)


def test_series_of_different_length_do_not_touch_one_another() -> None:
    long, short, single = random_walk(50), random_walk(9, seed=1), np.array([4.0])

    together = path(long, short, single)

    for row, alone in enumerate((long, short, single)):
        np.testing.assert_allclose(together[row], path(alone)[0])
    np.testing.assert_array_equal(together[2], 4.0)
