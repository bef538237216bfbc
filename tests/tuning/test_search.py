"""The trials of a search: which are scored, which end early, and what the budget leaves time for."""

from __future__ import annotations

import math

import pytest

from forecast_cli.tuning.clock import OutOfTime
from forecast_cli.tuning.search import MARGIN
from forecast_cli.tuning.trials import Trial, best_of
from tests.tuning.searches import FOLDS, Tried


def test_the_defaults_are_scored_on_the_last_steps_too() -> None:
    tried = Tried()
    error = tried.search.run(0, {})
    (trial,) = tried.kept
    assert trial.outcome == "complete"
    assert trial.error == error
    assert trial.outer is not None
    assert (len(trial.errors), len(trial.seconds)) == (FOLDS, FOLDS + 1)


def test_a_trial_is_scored_at_every_cutoff_and_kept() -> None:
    tried = Tried()
    tried.search.run(0, {})
    assert tried.search.run(1, {"error": 1.0}) < tried.kept[0].error
    assert tried.kept[1].options == {"error": 1.0}
    assert (len(tried.kept[1].errors), tried.kept[1].outer) == (FOLDS, None)
    assert tried.search.best.number == 1


def test_the_best_trial_is_never_worse_than_the_defaults() -> None:
    tried = Tried()
    tried.search.run(0, {})
    tried.search.run(1, {"error": 5.0})
    assert tried.search.best.number == 0
    tried.search.score_best()
    assert len(tried.kept) == 2


def test_of_equal_trials_the_first_is_the_best() -> None:
    assert best_of([Trial(number, {}, (1.0,), (1.0,), "complete") for number in range(3)]).number == 0


def test_a_poor_trial_ends_early_and_does_not_count() -> None:
    tried = Tried()
    for number, error in enumerate([2.0, 1.0, 1.5]):
        tried.search.run(number, {"error": error})
    expected = tried.search.run(3, {"error": 9.0})
    assert tried.kept[3].outcome == "ended early"
    assert len(tried.kept[3].errors) == 1
    assert tried.kept[3].error is None
    assert expected > max(trial.error or 0.0 for trial in tried.kept[:3])


def test_the_first_trials_do_not_end_early() -> None:
    tried = Tried()
    for number, error in enumerate([2.0, 9.0, 99.0]):
        tried.search.run(number, {"error": error})
    assert [trial.outcome for trial in tried.kept] == ["complete"] * 3


def test_a_trial_that_fails_is_kept_without_an_error() -> None:
    tried = Tried()
    tried.search.run(0, {})
    assert math.isnan(tried.search.run(1, {"fails": 1}))
    assert tried.kept[1].outcome == "failed"
    assert tried.search.best.number == 0


def test_a_trial_stops_at_the_end_of_the_budget() -> None:
    tried = Tried(budget=20.0)
    tried.search.run(0, {})
    with pytest.raises(OutOfTime):
        tried.search.run(1, {"seconds": 50.0})
    assert tried.time.seconds < 20.0
    assert [trial.number for trial in tried.kept] == [0]


def test_time_is_left_for_the_best_trial_on_the_last_steps() -> None:
    """A slow trial could become the best one: then a training as long as its longest follows."""
    tried = Tried(budget=FOLDS + 1 + 10 * (FOLDS + 1))
    tried.search.run(0, {})
    with pytest.raises(OutOfTime):
        tried.search.run(1, {"seconds": 10.0, "error": 1.0})
    assert tried.clock.left >= MARGIN * 10 - 1

    tried = Tried(budget=FOLDS + 1 + 10 * (FOLDS + MARGIN) + 1)
    tried.search.run(0, {})
    tried.search.run(1, {"seconds": 10.0, "error": 1.0})
    tried.search.score_best()
    assert tried.search.best.outer is not None
    assert tried.clock.left > 0


def test_no_trial_begins_that_cannot_end_in_time() -> None:
    tried = Tried(budget=FOLDS + 1 + FOLDS + 1 + MARGIN)
    tried.search.run(0, {})
    assert tried.search.has_time
    tried.search.run(1, {})
    assert not tried.search.has_time


def test_the_defaults_may_take_the_whole_budget_and_the_time_they_need_is_expected() -> None:
    tried = Tried(budget=FOLDS - 0.5)
    with pytest.raises(OutOfTime):
        tried.search.run(0, {})
    assert tried.kept == []
    assert tried.search.seconds_expected == pytest.approx(2 * FOLDS + 1 + MARGIN, abs=0.5)


def test_nothing_is_expected_before_a_training_has_ended() -> None:
    tried = Tried(budget=0.5)
    with pytest.raises(OutOfTime):
        tried.search.run(0, {})
    assert tried.search.seconds_expected is None


def test_finished_trials_are_not_run_again() -> None:
    first = Tried()
    errors = [first.search.run(number, {"error": error}) for number, error in enumerate([2.0, 1.0, 1.5, 9.0])]
    again = Tried(trials=first.kept)
    assert [again.search.run(number, {}) for number in range(4)] == errors
    assert (again.kept, again.trainings.done, again.time.seconds) == ([], [], 0.0)


def test_a_search_that_goes_on_ends_trials_as_one_without_interruption() -> None:
    errors = [2.0, 1.0, 1.5, 9.0, 1.2, 1.4]
    whole = Tried()
    for number, error in enumerate(errors):
        whole.search.run(number, {"error": error})
    rest = Tried(trials=whole.kept[:3])
    for number, error in enumerate(errors):
        rest.search.run(number, {"error": error})
    outcomes = [(trial.number, trial.errors, trial.outcome) for trial in rest.kept]
    assert outcomes == [(trial.number, trial.errors, trial.outcome) for trial in whole.kept[3:]]


def test_the_time_of_finished_trials_counts() -> None:
    first = Tried(budget=100.0)
    first.search.run(0, {})
    again = Tried(budget=100.0, trials=first.kept)
    assert again.clock.left == pytest.approx(first.clock.left)


def test_the_best_trial_is_scored_on_the_last_steps_once() -> None:
    tried = Tried()
    tried.search.run(0, {})
    tried.search.run(1, {"error": 1.0})
    tried.search.score_best()
    assert tried.kept[-1].number == 1
    assert tried.kept[-1].outer is not None
    again = Tried(trials=[tried.kept[0], tried.kept[-1]])
    again.search.score_best()
    assert again.trainings.done == []


def test_progress_names_the_trial_and_the_best_so_far() -> None:
    tried = Tried(budget=500.0)
    tried.search.run(0, {})
    tried.search.run(1, {"error": 1.0})
    spent, budget, said = tried.reports[-1]
    assert (0 < spent < budget, budget) == (True, 500.0)
    assert said == f"trial 1, cutoff {FOLDS} of {FOLDS}; best {tried.kept[0].error:.3f}"
