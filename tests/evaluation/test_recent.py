"""A new model compared with the one that it may replace."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.evaluation.folds import last_fold
from forecast_cli.evaluation.recent import recent_errors, recent_folds
from tests.evaluation.simple_models import Repeat
from tests.sample_panels import undated


@pytest.mark.parametrize(
    ("horizon", "steps", "cutoffs"),
    [(1, 1, [39]), (2, 1, [38, 39]), (3, 1, [37, 38, 39]), (8, 4, [32, 34, 36]), (9, 4, [32, 34, 36])],
)
def test_cutoffs_lie_within_the_steps_held_out(horizon: int, steps: int, cutoffs: list[int]) -> None:
    panel = undated(np.arange(40.0) ** 2)

    folds = recent_folds(panel, last_fold(panel, horizon))

    assert [int(fold.cutoffs[0]) for fold in folds] == cutoffs
    assert {fold.horizon for fold in folds} == {steps}


def test_a_series_without_held_out_steps_is_not_scored() -> None:
    """The short one has been learned to its end."""
    panel = undated(np.arange(40.0) ** 2, np.arange(20.0) ** 2)

    folds = recent_folds(panel, last_fold(panel, 8))

    assert all(fold.past.ids.tolist() == ["a"] for fold in folds)


def test_without_held_out_steps_nothing_is_compared() -> None:
    panel = undated(np.arange(3.0))

    folds = recent_folds(panel, last_fold(panel, 8))

    assert folds == []
    assert recent_errors(Repeat(), Repeat(), folds) is None


def test_errors_are_mean_mase_over_series_and_cutoffs() -> None:
    """Steps of 1, and of 2 in the other series: repeating the last value errs by 1 at the first step, 2 at the next.

    MASE divides by the step itself, so one more is a step less in one series and half a step less in the other.
    """
    panel = undated(np.arange(20.0), 2 * np.arange(20.0))
    folds = recent_folds(panel, last_fold(panel, 4))

    errors = recent_errors(Repeat(plus=1.0), Repeat(), folds)

    assert errors == pytest.approx((((0 + 1) / 2 + (0.5 + 1.5) / 2) / 2, 1.5))


def test_errors_are_on_the_series_that_both_models_forecast() -> None:
    panel = undated(np.arange(20.0), 2 * np.arange(20.0))
    folds = recent_folds(panel, last_fold(panel, 4))

    assert recent_errors(Repeat(plus=1.0, not_on=("b",)), Repeat(), folds) == pytest.approx((0.5, 1.5))
    assert recent_errors(Repeat(not_on=("a", "b")), Repeat(), folds) is None
