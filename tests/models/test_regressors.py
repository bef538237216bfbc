"""Regressors of ARIMA: columns computed by hand, and a forecast that least squares give too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.statistical.regressors import regressors_of
from forecast_cli.panel.covariates import FUTURE, PAST, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats, undated

NAN = np.nan
PRICE, PROMO = Covariate("price", FUTURE), Covariate("promo", FUTURE, ("none", "tv", "web"))


def with_ahead(values: list[Floats], columns: tuple[Covariate, ...], ahead: list[list[Floats]]) -> Panel:
    """Series with covariates that are known ahead: for each series, one array for each column."""
    panel = undated(*values)
    ends = np.cumsum([len(columns_of_one[0]) for columns_of_one in ahead])
    numbers = np.concatenate([np.stack(columns_of_one, axis=1) for columns_of_one in ahead]).astype(float)
    known = Covariates(columns, np.empty((len(panel.values), 0)), numbers, np.r_[0, ends[:-1]], ends)
    return replace(panel, covariates=known)


def test_numbers_are_scaled_by_their_values_at_the_points() -> None:
    panel = with_ahead([np.arange(4.0)], (PRICE,), [[np.array([1.0, 2, 3, 4, 9, 5])]])

    ((past, ahead),) = regressors_of(panel, 2) or []

    deviation = np.sqrt(1.25)
    np.testing.assert_allclose(past, (np.array([[1.0], [2], [3], [4]]) - 2.5) / deviation, rtol=1e-6)
    np.testing.assert_allclose(ahead, (np.array([[9.0], [5]]) - 2.5) / deviation, rtol=1e-6)


def test_an_unknown_number_is_the_mean_and_is_marked() -> None:
    panel = with_ahead([np.arange(4.0)], (PRICE,), [[np.array([1.0, 2, NAN, 3, 2])]])

    ((past, ahead),) = regressors_of(panel, 1) or []

    np.testing.assert_allclose(past * [np.sqrt(2 / 3), 1], [[-1, 1], [0, 1], [0, 0], [1, 1]], atol=1e-6)
    np.testing.assert_allclose(ahead, [[0, 1]], atol=1e-6)


def test_categories_have_a_column_each_without_one_that_follows_from_the_others() -> None:
    panel = with_ahead([np.arange(6.0)], (PROMO,), [[np.array([0, 1, 2, 0, 1, 0, 2])]])

    ((past, ahead),) = regressors_of(panel, 1) or []

    assert past.shape == (6, 2)
    assert np.linalg.matrix_rank(np.c_[past, np.ones(6)]) == 3
    np.testing.assert_array_equal(ahead[0], past[2])


def test_each_series_has_its_own_columns() -> None:
    """In the first one the price never changes; in the second one, the cost is twice the price."""
    cost = replace(PRICE, name="cost")
    changing, same = np.array([1.0, 3, 2, 5, 4]), np.full(5, 2.0)
    panel = with_ahead([np.arange(4.0)] * 2, (PRICE, cost), [[same, changing], [changing, 2 * changing]])

    (first, second) = regressors_of(panel, 1) or []

    assert (first[0].shape, first[1].shape) == ((4, 1), (1, 1))
    assert (second[0].shape, second[1].shape) == ((4, 1), (1, 1))


def test_without_future_values_there_are_no_regressors() -> None:
    known = Covariates((Covariate("load", PAST),), np.ones((4, 1)), np.empty((4, 0)), np.array([0]), np.array([4]))
    panel = undated(np.arange(4.0))

    assert regressors_of(panel, 2) is None
    assert regressors_of(replace(panel, covariates=known), 2) is None


@pytest.mark.slow
def test_arima_forecasts_what_least_squares_forecast() -> None:
    """The values are a straight line through prices and promotions, and white noise."""
    chance, horizon = np.random.default_rng(0), 3
    price, promo = chance.normal(4, 1, 80), chance.integers(0, 3, 80).astype(float)
    values = 20 - 3 * price + 5 * (promo == 1) - 2 * (promo == 2) + 0.1 * chance.normal(size=80)
    panel = with_ahead([values[:-horizon]], (PRICE, PROMO), [[price, promo]])

    forecast = StatisticalForecaster("arima").predict(panel, horizon).point[0]

    columns = np.stack([np.ones(80), price, promo == 1, promo == 2], axis=1)
    weights = np.linalg.lstsq(columns[:-horizon], values[:-horizon], rcond=None)[0]
    np.testing.assert_allclose(forecast, columns[-horizon:] @ weights, rtol=0.005)
    assert np.abs(StatisticalForecaster("ets").predict(panel, horizon).point[0] - forecast).max() > 1
