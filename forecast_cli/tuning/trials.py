"""Finished trials, and the rule that ends poor ones early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

Given = int | float | str
"""The value of an option as it is saved with a trial: a number, or the text that a user would type."""

Outcome = Literal["complete", "ended early", "failed"]

MIN_COMPARED = 3
"""A trial can end early only if at least this many earlier trials were scored on the same folds."""


@dataclass(frozen=True)
class Trial:
    """A finished trial.

    number:   from 0; trial 0 has the defaults
    options:  name -> value of each option that is searched; {} for trial 0
    errors:   its error on each fold of `Split.folds` that it was scored on, the earliest first
    seconds:  how long the trial took on each fold that was run, in seconds; the outer fold is the last
    outcome:  "complete"; "ended early", because its errors on the first folds were poor; or "failed", because the model
              could not be trained or could not forecast every series
    outer:    the error on the outer fold, `Split.outer`; None except for the defaults and the best trial
    """

    number: int
    options: Mapping[str, Given]
    errors: tuple[float, ...]
    seconds: tuple[float, ...]
    outcome: Outcome
    outer: float | None = None

    @property
    def error(self) -> float | None:
        """The mean error over all of `Split.folds`; None if the trial was not scored on all of them."""
        return fmean(self.errors) if self.outcome == "complete" else None

    @property
    def total_seconds(self) -> float:
        return sum(self.seconds)


def best_of(trials: Sequence[Trial]) -> Trial:
    """The complete trial with the lowest error; if there are several, the first. Trial 0 must be among the trials."""
    return min((trial for trial in trials if trial.error is not None), key=lambda trial: trial.error or 0.0)


def is_poor(errors: Sequence[float], earlier: Sequence[Trial]) -> bool:
    """Whether a trial should end early: its mean error so far is above the median of those of earlier trials.

    The mean errors of earlier trials are computed on the same folds. The result is False if fewer than MIN_COMPARED
    earlier trials were scored on all of these. This is the median rule of Golovin et al., Google Vizier, KDD 2017.

    errors:   the errors of the trial on the first folds, the earliest first
    earlier:  the trials before it

    >>> earlier = [Trial(n, {}, (e, 1.0), (1.0, 1.0), "complete") for n, e in enumerate([1.0, 2.0, 3.0])]
    >>> is_poor([2.5], earlier), is_poor([2.0], earlier), is_poor([9.0], earlier[1:])
    (True, False, False)
    """
    compared = [fmean(trial.errors[: len(errors)]) for trial in earlier if len(trial.errors) >= len(errors)]
    return len(compared) >= MIN_COMPARED and fmean(errors) > median(compared)


def expected_error(trial: Trial, defaults: Trial) -> float | None:
    """The mean error of a trial over all folds; an estimate if it ended early, None if it failed.

    The estimate is the mean error over its folds, multiplied by a ratio of errors of the defaults: the mean over all
    folds divided by the mean over these folds.

    >>> defaults = Trial(0, {}, (1.0, 3.0), (1.0, 1.0), "complete")
    >>> expected_error(Trial(1, {}, (2.0,), (1.0,), "ended early"), defaults)
    4.0
    """
    if trial.outcome == "failed":
        return None
    of_defaults = fmean(defaults.errors[: len(trial.errors)])
    return fmean(trial.errors) * (fmean(defaults.errors) / of_defaults if of_defaults else 1.0)
