"""Forecasts of statistical methods do not leave the values of their series by far."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.statistical.model import StatisticalForecaster
from forecast_cli.models.statistical.reach import MAX_WIDTHS, limit_to_range
from tests.sample_panels import undated


@pytest.mark.parametrize("method", ["ets", "theta", "naive", "drift"])
def test_one_wild_value_does_not_become_a_wilder_forecast(method: str) -> None:
    point = StatisticalForecaster(method).predict(undated([1.0] * 59 + [1e95]), 24).point
    assert (np.abs(point) <= (1 + MAX_WIDTHS) * 1e95).all()


def test_a_forecast_far_out_is_limited_and_others_stay() -> None:
    values, indptr = np.array([1.0, 1.0, 1e95, 2.0, 4.0]), np.array([0, 3, 5])
    point = np.array([[4e178, -np.inf, 5.0], [8.0, 16.0, np.nan]])
    limited = limit_to_range(point, values, indptr)
    assert limited[0].tolist() == pytest.approx([1.01e97, -1e97, 5.0])
    assert np.array_equal(limited[1], point[1], equal_nan=True)


def test_doubling_values_may_double_again() -> None:
    panel = undated([2.0**step for step in range(12)])
    point = StatisticalForecaster("drift").predict(panel, 6).point
    growing = limit_to_range(np.array([[2.0 ** (12 + step) for step in range(6)]]), panel.values, panel.indptr)
    assert growing.tolist() == [[2.0 ** (12 + step) for step in range(6)]]
    assert np.isfinite(point).all()
