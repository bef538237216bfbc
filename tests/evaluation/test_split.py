"""A test set in a file of its own: actual values matched with the data."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.errors import DataError
from forecast_cli.evaluation.split import given_fold
from forecast_cli.panel import covariates
from forecast_cli.panel.covariates import FUTURE, STATIC, Covariate, Covariates
from forecast_cli.panel.panel import Panel
from tests.sample_panels import panel_of, seasonal, undated

WHOLE = panel_of(seasonal(60), seasonal(48, seed=1))
PAST = WHOLE.drop_last(6)
AFTER = WHOLE.tail(6)


def test_actual_values_follow_the_data() -> None:
    fold = given_fold(PAST, AFTER, "test.csv")

    assert fold.past is PAST
    assert fold.rows.tolist() == [0, 1]
    np.testing.assert_array_equal(fold.actual, [values[-6:] for values in WHOLE.series()])


def test_the_order_of_series_does_not_matter_and_not_all_need_be_there() -> None:
    fold = given_fold(PAST, AFTER.select(np.array([1])), "test.csv")

    assert fold.known.ids.tolist() == ["b"]
    np.testing.assert_array_equal(fold.actual, [WHOLE.values[-6:]])
    turned = given_fold(PAST, AFTER.select(np.array([1, 0])), "test.csv")
    np.testing.assert_array_equal(turned.actual[::-1], given_fold(PAST, AFTER, "test.csv").actual)
    assert turned.known.ids.tolist() == ["b", "a"]


def test_steps_without_an_actual_value_are_missing() -> None:
    later = AFTER.select(np.array([0]))
    kept = np.array([1, 4])
    sparse = Panel(later.ids, "MS", 12, np.array([0, 2]), later.times[kept], later.values[kept])

    fold = given_fold(PAST.select(np.array([0])), sparse, "test.csv")

    np.testing.assert_array_equal(np.isnan(fold.actual), [[True, False, True, True, False]])


def test_a_warning_counts_series_whose_actual_values_begin_late(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        given_fold(PAST, AFTER, "test.csv")
        assert caplog.messages == []

        given_fold(PAST, WHOLE.tail(4), "test.csv")

    assert "of 2 of 2 series begin after step 1, the latest at step 3" in caplog.text


def test_a_warning_counts_series_whose_actual_values_end_early(caplog: pytest.LogCaptureFixture) -> None:
    kept = np.array([0, 1, 6, 7, 8, 9, 10, 11])
    uneven = Panel(AFTER.ids, "MS", 12, np.array([0, 2, 8]), AFTER.times[kept], AFTER.values[kept])

    with caplog.at_level(logging.WARNING):
        given_fold(PAST, uneven, "test.csv")

    assert "of 1 of 2 series end before step 6, the earliest at step 2" in caplog.text


def test_a_single_series_may_have_another_name() -> None:
    one = np.array([0])
    renamed = replace(AFTER.select(one), ids=np.array(["outcome"]))

    assert given_fold(PAST.select(one), renamed, "test.csv").known.ids.tolist() == ["a"]


def test_step_numbers_may_continue_or_start_over() -> None:
    past = undated([1, 2, 3, 4, 5])
    starting_over = undated([6, 7])
    continued = replace(starting_over, times=np.array([6, 7]))

    for actuals in (starting_over, continued):
        assert given_fold(past, actuals, "test.csv").actual.tolist() == [[6, 7]]
    from_zero = [replace(panel, times=panel.times - 1) for panel in (past, starting_over)]
    assert given_fold(*from_zero, "test.csv").actual.tolist() == [[6, 7]]


def test_an_unknown_series_is_named() -> None:
    unknown = replace(AFTER, ids=np.array(["a", "x"]))

    with pytest.raises(DataError, match=r"test\.csv: the series 'x'"):
        given_fold(PAST, unknown, "test.csv")


def test_the_hint_for_a_mistyped_series_names_the_nearest_one() -> None:
    past, after = (
        replace(panel, ids=np.array(names)) for panel, names in ((PAST, ["north", "s"]), (AFTER, ["s", "nort"]))
    )

    with pytest.raises(DataError) as raised:
        given_fold(past, after, "test.csv")
    assert raised.value.hint is not None
    assert "Did you mean 'north'?" in raised.value.hint


def test_actual_values_too_far_ahead_are_refused() -> None:
    past = undated([1, 2, 3])
    far = replace(undated([4, 5]), times=np.array([4, 20_004]))

    with pytest.raises(DataError, match="reach 20,001 steps beyond the data; at most 10,000"):
        given_fold(past, far, "test.csv")


@pytest.mark.parametrize("actuals", [WHOLE, PAST, WHOLE.tail(7)])
def test_values_that_do_not_follow_the_data_are_refused(actuals: Panel) -> None:
    with pytest.raises(DataError, match=r"series 'a' has a value at 20\d\d-\d\d-01, which does not follow the data"):
        given_fold(PAST, actuals, "test.csv")


def test_undated_values_that_are_the_data_themselves_are_refused() -> None:
    past = undated([1, 2, 3, 4, 5])

    with pytest.raises(
        DataError, match="value at step 1, which does not follow the data: they end at step 5"
    ) as raised:
        given_fold(past, past, "test.csv")
    assert raised.value.hint is not None
    assert "from 1, if they are fewer" in raised.value.hint


# --- future values of covariates

PROMO = Covariate("promo", FUTURE, ("none", "tv"))
COLUMNS = (Covariate("load", covariates.PAST), Covariate("price", FUTURE), Covariate("region", STATIC), PROMO)


def with_covariates(panel: Panel, coming: int = 0, columns: tuple[Covariate, ...] = COLUMNS) -> Panel:
    """The panel with prices 100, 101, ... for January 2000 and later, known for `coming` steps after the end."""
    lengths = panel.lengths + coming
    ends, first = np.cumsum(lengths), panel.times[panel.indptr[:-1]].astype("datetime64[M]").astype(int) - 360
    months = np.concatenate([start + np.arange(length) for start, length in zip(first, lengths, strict=True)])
    region = np.repeat(np.arange(len(panel)), lengths)
    ahead = np.stack([100.0 + months, region, months % 2], axis=1)
    return replace(
        panel,
        covariates=Covariates(columns, panel.values[:, None], ahead, ends - lengths, ends),
    )


def coming_of(panel: Panel, row: int) -> list[list[float]]:
    """What is known of prices, regions and promotions after the end of one series."""
    known = panel.covariates
    assert known is not None
    return known.ahead[known.start[row] + panel.lengths[row] : known.end[row]].tolist()


@pytest.mark.parametrize("coming", [0, 2, 9])
def test_future_values_are_taken_from_the_data_and_then_from_the_test_set(coming: int) -> None:
    past, after = with_covariates(PAST, coming), with_covariates(AFTER)

    fold = given_fold(past, after.select(np.array([1, 0])), "test.csv")

    expected = [[[100.0 + month, row, month % 2] for month in range(54 - 12 * row, 60 - 12 * row)] for row in (0, 1)]
    assert [coming_of(fold.past, row)[:6] for row in (0, 1)] == expected
    assert fold.past.covariates is not None
    assert fold.past.covariates.past.shape == (len(PAST.values), 1)


def test_a_coming_value_of_the_data_has_precedence() -> None:
    past, after = with_covariates(PAST, coming=1), with_covariates(AFTER)
    known = after.covariates
    assert known is not None

    fold = given_fold(past, replace(after, covariates=replace(known, ahead=known.ahead + 0.5)), "test.csv")

    assert [price for price, _, _ in coming_of(fold.past, 0)][:3] == [154, 155.5, 156.5]


def test_categories_are_compared_by_their_words() -> None:
    known = (Covariate("promo", FUTURE, ("radio", "tv")), Covariate("price", covariates.PAST))
    after = with_covariates(AFTER)
    numbers = np.tile([[1.0]], (12, 1))
    other = Covariates(known, AFTER.values[:, None], numbers, np.array([0, 6]), np.array([6, 12]))

    fold = given_fold(with_covariates(PAST), replace(after, covariates=other), "test.csv")

    assert [promo for _, _, promo in coming_of(fold.past, 1)] == [1] * 6
    assert [price for price, _, _ in coming_of(fold.past, 1)] == AFTER.values[6:].tolist()


def test_a_missing_coming_value_is_refused() -> None:
    with pytest.raises(DataError, match=r"test.csv: the future values of 'price' are missing in series 'a' from 2004"):
        given_fold(with_covariates(PAST), AFTER, "test.csv")
    with pytest.raises(DataError, match=r"'price' are missing in series 'a' from 2004-12-01 on \(1 of 6 rows; likew"):
        given_fold(with_covariates(PAST, coming=5), AFTER, "test.csv")


def test_where_no_actual_value_is_known_no_coming_value_is_needed() -> None:
    values = AFTER.values.copy()
    values[[5, 11]] = np.nan

    fold = given_fold(with_covariates(PAST, coming=5), replace(AFTER, values=values), "test.csv")

    assert np.isnan(fold.actual[:, 5]).all()
