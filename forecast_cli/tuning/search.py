"""Run the trials of one tuning within its time budget, and score the best trial on the outer fold.

The outer fold, `Split.outer`, has the last steps of each series, which are not used to choose the best trial.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from forecast_cli.tuning.clock import Clock
from forecast_cli.tuning.scoring import Scorer, Split, errors_on
from forecast_cli.tuning.trials import Given, Outcome, Trial, best_of, expected_error, is_poor

log = logging.getLogger(__name__)

MARGIN = 1.5
"""The time reserved for scoring the best trial on the outer fold, as a multiple of its longest training so far."""

OnProgress = Callable[[float, float, str], None]
"""A function that is called with the seconds spent, the budget in seconds, and the current activity as text."""


class Search:
    """Runs the trials of a tuning and collects them in `trials`. A finished trial is not run a second time.

    split:   the folds on which trials are scored
    scorer:  trains the model with the options of a trial
    clock:   measures the time budget
    trials:  the finished trials, in the order of their numbers; new trials are appended
    keep:    a function that saves a trial; it is called with each new trial and with each changed one
    report:  is called as the trials proceed
    """

    def __init__(
        self,
        split: Split,
        scorer: Scorer,
        clock: Clock,
        trials: list[Trial],
        keep: Callable[[Trial], None],
        report: OnProgress,
    ) -> None:
        self.split, self.scorer, self.clock, self.trials = split, scorer, clock, trials
        self._keep, self._report = keep, report
        self._trainings = 0.0

    @property
    def best(self) -> Trial:
        return best_of(self.trials)

    def known(self, number: int) -> Trial | None:
        """The trial with this number; None if it is not finished."""
        return self.trials[number] if number < len(self.trials) else None

    @property
    def has_time(self) -> bool:
        """Whether the time that is left is enough for `seconds_needed`."""
        return self.clock.left >= self.seconds_needed

    @property
    def seconds_needed(self) -> float:
        """Estimated seconds for one more trial and for scoring the best trial on the outer fold afterwards.

        The estimate for the trial is the time of the fastest complete trial so far.
        """
        fastest = min(sum(trial.seconds[: len(trial.errors)]) for trial in self.trials if trial.error is not None)
        return fastest + self._seconds_reserved()

    @property
    def seconds_expected(self) -> float | None:
        """Estimated seconds for a whole tuning: the defaults, one more trial, and the best trial on the outer fold.

        None before the first training has ended, because the estimate is computed from the trainings so far.
        """
        trainings = 2 * len(self.split.folds) + 1 + MARGIN
        return self.clock.elapsed * trainings / self._trainings if self._trainings >= 1 else None

    def run(self, number: int, options: Mapping[str, Given]) -> float:
        """Run a trial, unless its result is saved already. Trial 0, the defaults, is also scored on the outer fold.

        Returns the mean error of the trial over all folds of `split.folds`; NaN if the trial failed. If the trial was
        ended early, because it was poor, its mean error is estimated from the folds that were run.

        Raises OutOfTime if the time budget ends during the trial. The trial is then not saved.
        """
        trial = self.known(number)
        if trial is None:
            trial = self._scored(number, options)
            self._keep(trial)
            self.trials.append(trial)
            self._log(trial)
        expected = expected_error(trial, self.trials[0])
        return math.nan if expected is None else expected

    def score_best(self) -> None:
        """Score the best trial on the outer fold, and save it with this error, unless it has the error already."""
        best = self.best
        if best.outer is not None:
            return
        began = self.clock.now()
        fits = {self.scorer.name: self.scorer.fit(best.options, lambda *_: self._say("training with the best options"))}
        ((_, error),) = errors_on([self.split.outer], fits, self.split.metric)
        scored = replace(best, seconds=(*best.seconds, self.clock.now() - began), outer=_known(error))
        self._keep(scored)
        self.trials[best.number] = scored

    def _scored(self, number: int, options: Mapping[str, Given]) -> Trial:
        folds = (*self.split.folds, self.split.outer) if number == 0 else self.split.folds
        errors: list[float] = []
        seconds: list[float] = []
        outer = None
        outcome: Outcome = "complete"
        began = self.clock.now()

        def watch(share: float, needed: float) -> None:
            self._trainings = len(seconds) + share
            running = self.clock.now() - began
            self.clock.check(needed + self._seconds_reserved(max([*seconds, running])))
            self._say(f"trial {number}, cutoff {len(seconds) + 1} of {len(folds)}{self._best_text()}")

        fits = {self.scorer.name: self.scorer.fit(options, watch)}
        for fold, error in errors_on(folds, fits, self.split.metric):
            ended = self.clock.now()
            seconds.append(ended - began)
            began = ended
            if fold is self.split.outer:
                outer = _known(error)
                continue
            if math.isnan(error):
                outcome = "failed"
                break
            errors.append(error)
            if len(errors) < len(self.split.folds) and is_poor(errors, self.trials):
                outcome = "ended early"
                break
        return Trial(number, dict(options), tuple(errors), tuple(seconds), outcome, outer)

    def _seconds_reserved(self, seconds: float = 0.0) -> float:
        """Seconds to reserve for scoring the best trial on the outer fold: the steps that no trial has seen.

        seconds: the time of the longest training in the current trial, because this trial may become the best one; 0 if
                 no trial is running
        """
        return MARGIN * max(*self.best.seconds, seconds) if self.trials else 0.0

    def _best_text(self) -> str:
        return f"; best {self.best.error:.3f}" if self.trials else ""

    def _say(self, activity: str) -> None:
        self._report(self.clock.elapsed, self.clock.budget, activity)

    def _log(self, trial: Trial) -> None:
        if trial.number and self.best is trial:
            log.info(
                "Trial %d is the best so far: error %.3f (defaults %.3f).",
                trial.number,
                trial.error,
                self.trials[0].error,
            )


def _known(error: float) -> float | None:
    return None if math.isnan(error) else error
