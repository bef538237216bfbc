"""The folds of a tuning: what the trials see, and what is hidden from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.errors import DataError
from forecast_cli.tuning.scoring import Split, errors_on, length_needed, longest_horizon
from tests.evaluation.simple_models import Raising, Repeat
from tests.sample_panels import panel_of, random_walk, seasonal, undated


def test_the_last_steps_are_hidden_from_every_fold() -> None:
    panel = panel_of(np.arange(60.0), np.arange(100.0, 148.0))
    split = Split.of(panel, 6)
    assert split.outer.actual[:, -1].tolist() == [59.0, 147.0]
    assert [fold.actual[0].tolist() for fold in split.folds] == [
        [*np.arange(36.0, 42)],
        [*np.arange(42.0, 48)],
        [*np.arange(48.0, 54)],
    ]
    assert all(fold.past.values.max() < 142 for fold in split.folds)


@given(st.integers(2, 80), st.integers(1, 12))
def test_the_longest_horizon_gives_two_folds_and_the_next_one_does_not(length: int, season: int) -> None:
    panel = undated(random_walk(length), season_length=season)
    longest = longest_horizon(panel)
    if longest:
        assert len(Split.of(panel, longest).folds) >= 2
    assert length_needed(panel, longest + 1) > length


def test_constant_series_are_scored_by_smape() -> None:
    assert Split.of(panel_of(np.full(60, 5.0)), 6).metric == "smape"
    assert Split.of(panel_of(seasonal(60)), 6).metric == "mase"


def test_too_few_known_values() -> None:
    values = seasonal(60)
    values[20:54] = np.nan
    with pytest.raises(DataError, match="Too few values are known"):
        Split.of(panel_of(values), 6)


def test_a_model_that_fails_on_a_series_has_no_error() -> None:
    panel = panel_of(seasonal(60), seasonal(60, seed=1))
    folds = Split.of(panel, 6).folds
    assert all(np.isfinite(error) for _, error in errors_on(folds, {"network": Repeat()}, "mase"))
    assert all(np.isnan(error) for _, error in errors_on(folds, {"network": Repeat(not_on=("b",))}, "mase"))
    assert [np.isnan(error) for _, error in errors_on(folds, {"network": Raising(1)}, "mase")] == [True, False, False]


def test_what_is_hidden_has_no_influence() -> None:
    panel = panel_of(seasonal(60))
    changed = replace(panel, values=np.r_[panel.values[:54], panel.values[54:] * 100])
    for one, other in zip(Split.of(panel, 6).folds, Split.of(changed, 6).folds, strict=True):
        assert np.array_equal(one.past.values, other.past.values)
        assert np.array_equal(one.actual, other.actual)
