"""New data get the covariates of a model: its columns, their order, and the numbers of its categories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.trained_covariates import as_trained, check_future_values
from tests.sample_panels import panel_of

NAN = np.nan
PRICE = Covariate("price", FUTURE)
PROMO = Covariate("promo", PAST, ("none", "tv"))
REGION = Covariate("region", STATIC, ("north", "south"))


def panel(price: tuple[float, ...] = (5, 6, 7, 8, 9), columns: tuple[Covariate, ...] = (REGION, PROMO, PRICE)) -> Panel:
    """Series of 1 and 2 points, with prices known one step ahead."""
    known = Covariates(
        columns=columns,
        past=np.array([[0.0], [1], [NAN]]),
        ahead=np.stack([np.array([0, 0, 1, 1, 1]), np.array(price)], axis=1),
        start=np.array([0, 2]),
        end=np.array([2, 5]),
    )
    return replace(panel_of([1], [2, 3]), covariates=known)


def test_columns_get_the_order_and_the_categories_of_the_model(caplog: pytest.LogCaptureFixture) -> None:
    trained = (PRICE, replace(REGION, categories=("east", "south")), replace(PROMO, categories=("flyer", "none", "tv")))
    known = as_trained(panel(), trained, "new.csv").covariates

    assert known is not None
    assert known.columns == trained
    np.testing.assert_array_equal(known.past, [[1], [2], [NAN]])
    np.testing.assert_array_equal(known.ahead, [[5, NAN], [6, NAN], [7, 1], [8, 1], [9, 1]])
    assert caplog.messages == [
        "new.csv: column 'region' has 'north', which the model was not trained on: taken as unknown"
    ]


def test_other_covariates_are_left_out() -> None:
    assert as_trained(panel(), (), "new.csv").covariates is None
    known = as_trained(panel(), (PRICE,), "new.csv").covariates
    assert known is not None
    assert (known.past.shape, known.ahead.tolist()) == ((3, 0), [[5], [6], [7], [8], [9]])


@pytest.mark.parametrize(
    ("trained", "message"),
    [
        ((PRICE, Covariate("load", PAST)), "no covariate 'load'"),
        ((replace(PRICE, categories=("low", "high")),), "'price' has numbers, and the model was trained on words"),
        ((replace(PROMO, categories=None),), "'promo' has words, and the model was trained on numbers"),
        ((replace(PRICE, kind=STATIC),), "'price' is not static"),
    ],
)
def test_other_content_is_refused(trained: tuple[Covariate, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        as_trained(panel(), trained, "new.csv")


@pytest.mark.parametrize(
    ("price", "horizon", "message"),
    [
        (
            (5, 6, 7, 8, 9),
            2,
            r"'price' are missing in series 'a' from 2000-03-01 on \(1 of 2 rows; likewise 1 more series\)",
        ),
        ((5, 6, 7, 8, NAN), 1, r"'price' are missing in series 'b' from 2000-03-01 on \(1 of 1 row\)"),
        ((5, NAN, 7, 8, 9), 1, r"'price' are missing in series 'a' from 2000-02-01 on \(1 of 1 row\)"),
    ],
)
def test_missing_future_values_are_refused(price: tuple[float, ...], horizon: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_future_values(panel(price), (PRICE,), horizon, "new.csv")


def test_values_that_are_only_known_in_the_past_have_no_future_values() -> None:
    with pytest.raises(DataError, match="future values of 'promo' are missing"):
        check_future_values(panel(), (replace(PROMO, kind=FUTURE),), 1, "new.csv")


def test_complete_future_values_are_accepted() -> None:
    check_future_values(panel(), (PRICE, PROMO, REGION), 1, "new.csv")
    check_future_values(panel((NAN, 6, NAN, NAN, 9)), (PRICE,), 1, "new.csv")
