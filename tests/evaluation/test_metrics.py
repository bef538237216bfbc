"""Metrics against scikit-learn, utilsforecast and numbers worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import utilsforecast.losses as reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from forecast_cli.evaluation.metrics import (
    ERROR_METRICS,
    METRICS,
    bias,
    mae,
    mase,
    mean_known,
    naive_scale,
    rms_naive_scale,
    rmse,
    rmsse,
    skill,
    smape,
    wape,
    won,
)
from forecast_cli.options import METRICS as OPTIONS
from forecast_cli.panel.arrays import mean_size
from tests.sample_panels import Floats, panel_of, seasonal, undated

NAN = np.nan
ACTUAL = np.array([[3.0, -0.5, 2.0, 7.0], [0.0, 0.0, 1.0, 100.0], [5.0, 5.0, 5.0, 5.0]])
FORECAST = np.array([[2.5, 0.0, 2.0, 8.0], [0.0, 2.0, 1.0, 90.0], [5.0, 4.0, 6.0, 5.0]])

numbers = arrays(np.float64, (2, 6), elements=st.floats(-1e6, 1e6))
multiples = arrays(np.float64, (2, 6), elements=st.integers(-(10**9), 10**9).map(lambda number: number / 1024))
"""Numbers whose differences are either zero or more than the rounding errors that count as zero."""


@given(multiples, multiples)
def test_errors_are_those_of_scikit_learn(actual: Floats, forecast: Floats) -> None:
    for row in range(2):
        assert mae(actual, forecast)[row] == pytest.approx(mean_absolute_error(actual[row], forecast[row]))
        assert rmse(actual, forecast)[row] == pytest.approx(root_mean_squared_error(actual[row], forecast[row]))


def as_table(values: Floats, **columns: Floats) -> pd.DataFrame:
    n, h = values.shape
    table = pd.DataFrame({"unique_id": np.repeat(np.arange(n), h), "ds": np.tile(np.arange(h), n), "y": values.ravel()})
    return table.assign(**{name: column.ravel() for name, column in columns.items()})


def test_smape_is_that_of_utilsforecast_but_in_percent_of_the_mean() -> None:
    expected = 200 * reference.smape(as_table(ACTUAL, model=FORECAST), ["model"])["model"]

    np.testing.assert_allclose(smape(ACTUAL, FORECAST), expected)


def test_mase_is_that_of_utilsforecast() -> None:
    past = np.stack([seasonal(30, seed=seed) for seed in range(3)])
    expected = reference.mase(as_table(ACTUAL, model=FORECAST), ["model"], 12, as_table(past))["model"]

    np.testing.assert_allclose(mase(ACTUAL, FORECAST, naive_scale(panel_of(*past))), expected)


def test_smape_by_hand() -> None:
    actual, forecast = np.array([[0.0, 0.0, 10.0, -4.0]]), np.array([[0.0, 3.0, -10.0, -6.0]])

    np.testing.assert_allclose(smape(actual, forecast), [(0 + 200 + 200 + 40) / 4])


@pytest.mark.parametrize(
    ("actual", "forecast", "size", "expected"),
    [
        (0.0, 6e-8, 0.5, 0),  # a network's zero, in a series of zeros and ones
        (1e-17, 0.0, 0.5, 0),
        (0.0, 6e-3, 1e5, 0),
        (0.0, 6e-8, 1e-7, 200),  # small values are no rounding errors where all values are small
        (0.0, 1e-3, 0.5, 200),
        (1e-7, 2e-7, 0.5, 200 / 3),  # only a value of 0 makes a small forecast a zero
        (1.0, 0.0, 0.5, 200),
    ],
)
def test_a_rounding_error_is_zero_to_smape(actual: float, forecast: float, size: float, expected: float) -> None:
    error = smape(np.array([[actual]]), np.array([[forecast]]), np.array([size]))

    np.testing.assert_allclose(error, [expected])


def test_a_rounding_error_in_a_series_of_unknown_size_is_zero_to_smape() -> None:
    np.testing.assert_array_equal(smape(np.zeros((1, 1)), np.full((1, 1), 1e-8), np.zeros(1)), [0])
    np.testing.assert_array_equal(mean_size(undated([1, -3, NAN], [0, 0], [NAN, NAN])), [2, 0, 0])


@pytest.mark.parametrize("error", [mae, rmse, smape, wape, bias])
def test_a_rounding_error_is_zero_to_every_error(error: Callable[[Floats, Floats], Floats]) -> None:
    actual = np.array([[100.1, 200.2, np.nan], [1e-9, 2e-9, 3e-9]])
    dust, small = np.array([[1.42e-14, -2.8e-14, 0], [0, 0, 0]]), np.array([[0, 1e-6, 0], [0, 0, 1e-12]])
    assert error(actual, actual + dust).tolist() == [0.0, 0.0]
    assert (error(actual, actual + small) > 0).all()


def test_scale_and_mase_by_hand() -> None:
    past = undated([1, 5, 2, 8], [1, 2, 1, 2], [7], [1, NAN, 4, 5], [NAN, NAN, NAN], season_length=2)

    scale = naive_scale(past)

    # |2-1| and |8-5|; a season that repeats itself; too short; |5-NaN| left out; nothing known
    np.testing.assert_array_equal(scale, [2, 0, NAN, 3, NAN])
    error = mase(np.full((5, 2), 6.0), np.full((5, 2), 9.0), scale)
    np.testing.assert_array_equal(error, [1.5, NAN, NAN, 1, NAN])


def test_a_season_that_repeats_but_for_rounding_has_no_scale() -> None:
    tenths = np.array([0.1 + 0.2, 0.7, 0.3, 0.7])
    assert tenths[0] != tenths[2]

    scale = naive_scale(undated(tenths, [1e9, 1, 1e9 + 0.01, 1], season_length=2))

    np.testing.assert_allclose(scale, [0, 0.005], rtol=1e-6)


def test_a_wave_that_repeats_but_for_rounding_has_no_scale() -> None:
    wave = np.sin(2 * np.pi * np.arange(8760) / 24)
    assert (wave[24:] != wave[:-24]).any()

    assert naive_scale(undated(wave, season_length=24)) == 0


def test_missing_values_are_left_out() -> None:
    actual = np.array([[1.0, NAN, 3.0], [NAN, NAN, NAN]])
    forecast = np.array([[2.0, 9.0, 6.0], [1.0, 1.0, 1.0]])

    np.testing.assert_array_equal(mae(actual, forecast), [2, NAN])
    np.testing.assert_allclose(rmse(actual, forecast), [np.sqrt(5), NAN])
    np.testing.assert_allclose(smape(actual, forecast), [(200 / 3 + 600 / 9) / 2, NAN])


@pytest.mark.parametrize("metric", [mae, rmse, smape])
def test_one_point_and_no_point(metric: object) -> None:
    assert callable(metric)
    assert metric(np.array([[4.0]]), np.array([[4.0]])).tolist() == [0]
    assert np.isnan(metric(np.empty((2, 0)), np.empty((2, 0)))).all()


def test_a_mean_over_nothing_is_nan() -> None:
    assert np.isnan(mean_known(np.array([])))
    assert mean_known(np.array([NAN, 4.0, 2.0])) == 3


def test_rmsse_is_that_of_utilsforecast() -> None:
    past = np.stack([seasonal(30, seed=seed) for seed in range(3)])
    expected = reference.rmsse(as_table(ACTUAL, model=FORECAST), ["model"], 12, as_table(past))["model"]

    np.testing.assert_allclose(rmsse(ACTUAL, FORECAST, rms_naive_scale(panel_of(*past))), expected)


def test_wape_is_that_of_utilsforecast_in_percent() -> None:
    expected = 100 * reference.nd(as_table(ACTUAL, model=FORECAST), ["model"])["model"]

    np.testing.assert_allclose(wape(ACTUAL, FORECAST), expected)


def test_bias_is_that_of_utilsforecast_in_percent_of_the_mean() -> None:
    plain = reference.bias(as_table(ACTUAL, model=FORECAST), ["model"])["model"]

    np.testing.assert_allclose(bias(ACTUAL, FORECAST), 100 * plain / np.abs(ACTUAL).mean(axis=1))


@given(numbers, numbers)
def test_bias_is_never_larger_than_wape(actual: Floats, forecast: Floats) -> None:
    known = ~np.isnan(wape(actual, forecast))
    assert (np.abs(bias(actual, forecast)) <= wape(actual, forecast) * (1 + 1e-9))[known].all()


def test_wape_and_bias_by_hand() -> None:
    actual = np.array([[10.0, -10.0, 0.0, NAN], [0.0, 0.0, 0.0, 0.0], [NAN] * 4])
    forecast = np.array([[13.0, -11.0, 1.0, 99.0], [1.0, 2.0, 3.0, 4.0], [1.0] * 4])

    np.testing.assert_allclose(wape(actual, forecast), [25, NAN, NAN])
    np.testing.assert_allclose(bias(actual, forecast), [15, NAN, NAN])


def test_squared_scale_and_rmsse_by_hand() -> None:
    past = undated([1, 5, 2, 8], [1, 2, 1, 2], [7], [1, NAN, 4, 5], season_length=2)

    scale = rms_naive_scale(past)

    np.testing.assert_allclose(scale, [np.sqrt((1 + 9) / 2), 0, NAN, 3])
    error = rmsse(np.full((4, 2), 6.0), np.array([[9.0, 7.0]] * 4), scale)
    np.testing.assert_allclose(error, [np.sqrt(5) / np.sqrt(5), NAN, NAN, np.sqrt(5) / 3])


# The table of metrics


def test_the_options_offer_every_metric() -> None:
    """The names are repeated in `options`, so that --help does not import NumPy."""
    assert tuple(METRICS) == OPTIONS


def test_every_metric_of_one_model_is_nan_where_nothing_is_known() -> None:
    for name, metric in ERROR_METRICS.items():
        scale = [np.ones(2)] if metric.scale else []
        assert np.isnan(metric.error(np.full((2, 3), NAN), np.ones((2, 3)), *scale)).all(), name


def test_skill_by_hand() -> None:
    errors = {"lstm": np.array([1.0, NAN, 2.0]), "seasonal-naive": np.array([2.0, NAN, 4.0])}

    assert skill(errors) == {"lstm": 50, "seasonal-naive": 0}
    assert np.isnan(skill({"lstm": errors["lstm"]})["lstm"])
    assert np.isnan(skill({"lstm": np.ones(2), "seasonal-naive": np.zeros(2)})["lstm"])


def test_wins_by_hand() -> None:
    """Of the three series with errors of both models, each wins one, and they share the third."""
    errors = {"one": np.array([1.0, 3.0, 5.0, NAN]), "two": np.array([2.0, 2.0, 5.0, 1.0])}

    assert won(errors) == {"one": 50, "two": 50}
    assert np.isnan([*won({"one": np.array([NAN])}).values()]).all()
    assert won({}) == {}
