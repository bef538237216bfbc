"""Which models are kept by their errors at earlier cutoffs, and where these cutoffs lie."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.selection import select, selection_folds
from tests.sample_panels import panel_of, random_walk, undated


def pairs_with(**errors: list[float]) -> Pairs:
    """Pairs of one step, one series at as many cutoffs as there are errors; the actual values are 0."""
    count = len(next(iter(errors.values())))
    return Pairs(
        ids=np.array(["a"] * count),
        cutoffs=np.arange(count),
        folds=np.arange(count),
        actual=np.zeros((count, 1)),
        scales={"mase": np.full(count, 2.0), "rmsse": np.ones(count)},
        points={name: np.array(values, dtype=float)[:, None] for name, values in errors.items()},
    )


def test_the_usual_model_is_kept_unless_another_has_a_20_percent_lower_error() -> None:
    choice = select(pairs_with(usual=[1.2, 2.4], best=[1.0, 2.0], near=[1.1, 2.1]), 2, "usual")

    assert choice is not None
    assert choice.weights == {"usual": 1.0}
    assert choice.errors == {"best": 0.75, "near": 0.8, "usual": 0.9}
    assert choice.reason == "usual is kept: best had the lowest error at 2 earlier cutoffs, but only 17% lower."


def test_the_reason_where_the_usual_model_is_best() -> None:
    choice = select(pairs_with(other=[1.2], usual=[1.0]), 1, "usual")

    assert choice is not None
    assert choice.reason == "usual had the lowest error at 1 earlier cutoff."


def test_all_models_within_30_percent_of_the_lowest_error_are_kept_with_equal_weights() -> None:
    choice = select(pairs_with(usual=[1.4, 2.8], best=[1.0, 2.0], near=[1.2, 2.5]), 2, "usual")

    assert choice is not None
    assert choice.weights == {"best": 0.5, "near": 0.5}
    assert choice.errors == {"best": 0.75, "near": 0.925, "usual": 1.05}
    assert choice.cutoffs == 2
    assert choice.reason == (
        "best had the lowest error at 2 earlier cutoffs; near came within 30% of it: their mean is kept."
    )


def test_each_pair_counts_equally_however_large_its_errors_are() -> None:
    """The second model has half the errors of the first on two pairs, and one and a half times the large ones."""
    choice = select(pairs_with(first=[1.0, 1.0, 100.0], second=[0.5, 0.5, 150.0]), 3, "first")

    assert choice is not None
    assert list(choice.weights) == ["second"]
    assert choice.reason == "second had the lowest error at 3 earlier cutoffs; all others were more than 30% higher."


def test_a_model_that_failed_at_one_cutoff_is_not_kept() -> None:
    choice = select(pairs_with(failed=[0.1, np.nan], other=[1.0, 1.0]), 2, "failed")

    assert choice is not None
    assert choice.weights == {"other": 1.0}
    assert choice.reason == "other is the only model that could be measured at 2 earlier cutoffs."


def test_without_any_error_nothing_is_chosen() -> None:
    assert select(pairs_with(failed=[np.nan], other=[np.nan]), 1, "other") is None


def test_models_that_are_all_exact_are_all_kept() -> None:
    choice = select(pairs_with(exact=[0.0], other=[0.0]), 1, "usual")

    assert choice is not None
    assert choice.weights == {"exact": 0.5, "other": 0.5}


@pytest.mark.parametrize("points", [60, 22, 10])
def test_cutoffs_are_half_a_horizon_apart_in_the_later_half(points: int) -> None:
    folds = selection_folds(undated(random_walk(points)), 4)

    horizon = folds[-1].horizon
    assert horizon == min(4, points // 4)
    ends = [int(fold.past.lengths[0]) for fold in folds]
    assert ends[-1] == points - horizon
    assert np.diff(ends).tolist() == [-(-horizon // 2)] * (len(ends) - 1)
    assert ends[0] >= max(points // 2, 2 * horizon)
    assert 1 <= len(folds) <= 5


def test_too_short_a_series_has_no_cutoff() -> None:
    assert selection_folds(undated([1.0, 2.0]), 4) == []
    assert selection_folds(panel_of(random_walk(12), freq="MS", season_length=12), 6) == []
