"""Folds: the known points up to each cutoff, and the series that are scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.evaluation.folds import Fold, last_fold, points_needed, rolling_folds
from tests.sample_panels import panel_of, seasonal, undated


def pasts(fold: Fold) -> list[list[float]]:
    return [values.tolist() for values in fold.past.series()]


def test_folds_are_as_they_are_drawn() -> None:
    folds = rolling_folds(undated(np.arange(1, 14)), horizon=3, n_folds=3, step_size=2)

    assert [pasts(fold) for fold in folds] == [[[*range(1, 7)]], [[*range(1, 9)]], [[*range(1, 11)]]]
    assert [fold.actual.tolist() for fold in folds] == [[[7, 8, 9]], [[9, 10, 11]], [[11, 12, 13]]]
    assert [fold.cutoffs.tolist() for fold in folds] == [[6], [8], [10]]
    assert [fold.horizon for fold in folds] == [3, 3, 3]


def test_what_follows_the_cutoff_is_hidden_in_series_that_are_too_short_too() -> None:
    panel = undated(np.arange(20), np.arange(100, 107), [1, 2, 3])

    first, second = rolling_folds(panel, horizon=2, n_folds=2, step_size=3)

    assert pasts(first) == [[*range(15)], [100, 101]]
    assert first.rows.tolist() == [0]
    assert pasts(second) == [[*range(18)], [*range(100, 105)], [1]]
    assert second.rows.tolist() == [0, 1]
    assert second.known.ids.tolist() == ["a", "b"]
    assert second.actual.tolist() == [[18, 19], [105, 106]]


def test_each_series_is_cut_before_its_own_end() -> None:
    panel = panel_of(seasonal(60), seasonal(48))

    (fold,) = rolling_folds(panel, horizon=12, n_folds=1, step_size=12)

    assert fold.cutoffs.astype("datetime64[M]").astype(str).tolist() == ["2003-12", "2002-12"]


def test_a_season_and_twice_the_horizon_must_be_known() -> None:
    assert points_needed(panel_of(seasonal(60)), 3) == 13
    assert points_needed(panel_of(seasonal(60)), 18) == 36
    assert len(rolling_folds(panel_of(seasonal(16)), 3, 5, 3)) == 1
    assert rolling_folds(panel_of(seasonal(15)), 3, 5, 3) == []


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(1, 9),
)
def test_folds_hold_together(lengths: list[int], horizon: int, n_folds: int, step_size: int) -> None:
    panel = undated(*[np.arange(length) + 1000 * row for row, length in enumerate(lengths)])

    folds = rolling_folds(panel, horizon, n_folds, step_size)

    assert len(folds) <= n_folds
    for back, fold in enumerate(reversed(folds)):
        assert len(fold.rows) > 0
        assert (fold.past.lengths > 0).all()
        hidden = horizon + back * step_size
        for values, id_ in zip(fold.past.series(), fold.past.ids, strict=True):
            length = lengths[ord(str(id_)) - ord("a")]
            assert len(values) == length - hidden
        ends = fold.known.values[fold.known.indptr[1:] - 1]
        np.testing.assert_array_equal(fold.actual, ends[:, None] + np.arange(1, horizon + 1))
    if len(folds) < n_folds:
        assert max(lengths) - horizon - len(folds) * step_size < points_needed(panel, horizon)


# The fold that a training holds out


def test_the_last_steps_of_long_series_are_held_out() -> None:
    fold = last_fold(undated(np.arange(12), np.arange(8), np.arange(7), [1]), 2)

    assert fold.horizon == 2
    assert fold.rows.tolist() == [0, 1]
    assert fold.actual.tolist() == [[10, 11], [6, 7]]
    assert fold.past.lengths.tolist() == [10, 6, 7, 1]


def test_a_fold_ends_where_the_series_that_are_scored_do() -> None:
    """A series that is too short to be scored is known for longer."""
    panel = panel_of(seasonal(40), seasonal(12))
    panel = replace(panel, times=np.r_[panel.times[:40], panel.times[28:40]])
    late = last_fold(panel, 8)

    assert late.rows.tolist() == [0]
    assert late.end == str(panel.times[31])[:10]
    assert late.past.span[1] > late.end
    assert last_fold(panel_of(seasonal(3)), 8).end == str(panel.times[2])[:10]


def test_at_most_a_quarter_of_a_series_is_held_out() -> None:
    fold = last_fold(undated(np.arange(12), np.arange(9)), 100)

    assert fold.horizon == 3
    assert fold.rows.tolist() == [0]
    assert fold.past.lengths.tolist() == [9, 9]


def test_nothing_is_held_out_of_series_that_are_all_too_short() -> None:
    fold = last_fold(undated([1, 2, 3], [4]), 5)

    assert fold.horizon == 0
    assert len(fold.rows) == 0
    assert fold.past.lengths.tolist() == [3, 1]
