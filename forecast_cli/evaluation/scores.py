"""The accuracy of one model: one row in the table of `train`, or in the leaderboard of a backtest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import ERROR_METRICS, METRICS, Best
from forecast_cli.evaluation.pairs import Pairs

MIN_SUCCESS_RATE = 0.5
"""A model is ranked, and has figures, only if at least this fraction of its attempts succeeded."""


@dataclass(frozen=True)
class Score:
    """The accuracy of one model.

    model:            its name
    attempts:         how many forecasts the model tried to make, one for each pair of a series and a cutoff
    failures:         how many of these forecasts lack a value at some step
    fit_seconds, predict_seconds:  how long fitting and predicting took, at all cutoffs together
    figures:          name of a metric -> its value; NaN if it is undefined or if the model is not ranked
    trained_figures:  the figures of the model that `train` has trained, only for the series that the model of this
                      score forecast, so that the two can be compared; empty in a backtest
    """

    model: str
    attempts: int
    failures: int
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    figures: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(METRICS, math.nan))
    trained_figures: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def without_figures(cls, pairs: Pairs, model: str, runs: Sequence[Run]) -> Score:
        """The score of a model with attempts, failures and times only. Its figures are NaN; they are computed later.

        pairs: all pairs that the model tried to forecast
        runs:  the runs of this model
        """
        return cls(
            model,
            attempts=len(pairs),
            failures=int((~pairs.complete(model)).sum()),
            fit_seconds=sum(run.fit_seconds for run in runs),
            predict_seconds=sum(run.predict_seconds for run in runs),
        )

    @property
    def successes(self) -> int:
        """How many attempts gave a forecast of every step."""
        return self.attempts - self.failures

    @property
    def ranked(self) -> bool:
        """Whether at least the fraction MIN_SUCCESS_RATE of the attempts succeeded. If not, all figures are NaN."""
        return self.successes >= MIN_SUCCESS_RATE * self.attempts


def figures_of(pairs: Pairs, model: str) -> dict[str, float]:
    """The figures of one model, as {name of a metric: figure}, for all metrics in ERROR_METRICS."""
    return {metric: pairs.figure(metric, model) for metric in ERROR_METRICS}


def best_first(scores: Sequence[Score], metric: str) -> list[Score]:
    """The scores, sorted by a metric, the best first. Scores in which this metric is NaN come last."""
    best = METRICS[metric].best

    def rank(score: Score) -> tuple[bool, float]:
        figure = score.figures[metric]
        if math.isnan(figure):
            return True, 0.0
        return False, {Best.LOWEST: figure, Best.HIGHEST: -figure, Best.NEAREST_TO_ZERO: abs(figure)}[best]

    return sorted(scores, key=rank)


def unscaled_notes(measured: NDArray[np.bool_], scaled: NDArray[np.bool_], missing: str) -> list[str]:
    """Sentences that say how many series have no scaled errors, such as MASE, and why.

    measured:  (s,) whether each series has a scale: two known values one season apart
    scaled:    (s,) whether this scale is above 0
    missing:   the names of the metrics that these series do not have, as text
    """
    reasons = {
        "the seasonal naive forecast makes no error before the cutoff": int((measured & ~scaled).sum()),
        "no two known values before the cutoff are one season apart": int((~measured).sum()),
    }
    return [
        f"{count:,} of {len(scaled):,} series {'has' if count == 1 else 'have'} no {missing}: {reason}."
        for reason, count in reasons.items()
        if count
    ]
