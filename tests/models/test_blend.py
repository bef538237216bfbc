"""The blend: weights computed by hand, members that fail, and the cutoff of the weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast_cli.models.combined.weights import weigh as weigh_from
from tests.sample_panels import Floats

NAN = np.nan


def weigh(errors: Floats) -> Floats:
    """The weights of members that begin alike."""
    return weigh_from(errors, np.ones(errors.shape[1]))


# From errors to weights


def test_weights_by_hand() -> None:
    """Errors 1 and 3 are half and one and a half times their mean."""
    weights = weigh(np.array([[1.0, 3.0]]))

    panel = np.array([(0.5 + 0.5) / 1.5, (1.5 + 0.5) / 1.5])  # one series beside half a draw
    drawn = 0.05 * np.array([0.5, 1.5]) + 0.95 * panel
    np.testing.assert_allclose(weights[0], drawn**-5 / (drawn**-5).sum(), rtol=1e-12)
    np.testing.assert_allclose(weights[0], [0.972, 0.028], atol=0.001)


def test_the_size_of_the_values_does_not_matter() -> None:
    errors = np.array([[1.0, 3.0, 2.0], [5.0, 4.0, 4.0]])

    np.testing.assert_allclose(weigh(errors * [[1e6], [1e-6]]), weigh(errors), rtol=1e-9)


def test_the_prior_weight_counts_until_errors_outweigh_it() -> None:
    before = np.array([3.0, 1.0])

    same, worse, unknown = (weigh_from(np.array([errors]), before)[0, 0] for errors in ([2, 2], [3, 1], [NAN, NAN]))

    assert same == unknown == pytest.approx(0.75)
    assert worse < 0.3


def test_errors_of_the_panel_count_more_than_those_of_one_series() -> None:
    errors = np.vstack([[[3.0, 1.0]], np.tile([[1.0, 3.0]], (50, 1))])

    weights = weigh(errors)

    assert weights[0, 0] > 0.5
    assert weights[0, 0] < weights[1, 0]


def test_a_far_better_member_gets_nearly_all_weight() -> None:
    weights = weigh(np.tile([[0.01, 1.0, 1.0]], (100, 1)))

    assert weights[:, 0].min() > 0.95


def test_unknown_errors_are_replaced_by_the_mean_of_the_panel() -> None:
    weights = weigh(np.array([[1.0, 3.0], [1.0, 3.0], [NAN, NAN], [0.0, 0.0]]))

    np.testing.assert_allclose(weights[2], weights[3])
    assert weights[0, 0] > weights[2, 0] > 0.5


def test_a_member_that_always_failed_has_weight_zero() -> None:
    weights = weigh(np.array([[1.0, NAN, 1.0], [2.0, NAN, 2.0]]))

    np.testing.assert_allclose(weights, [[0.5, 0, 0.5]] * 2)


def test_without_errors_all_members_have_their_prior_weight() -> None:
    np.testing.assert_allclose(weigh(np.full((2, 4), NAN)), np.full((2, 4), 0.25))


@given(arrays(np.float64, (4, 3), elements=st.one_of(st.floats(0, 1e9), st.just(NAN))))
def test_weights_are_shares_and_follow_the_errors(errors: Floats) -> None:
    weights = weigh(errors)

    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    alone = weigh(errors[:1])[0]
    for better in range(3):
        for worse in range(3):
            if errors[0, better] < errors[0, worse]:
                assert alone[better] >= alone[worse]


# From weights to a forecast
