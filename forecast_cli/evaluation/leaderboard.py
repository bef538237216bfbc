"""The leaderboard of a backtest: the accuracy of all models on the same series and cutoffs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import COMPARISON_METRICS
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.scores import Score, best_first, figures_of, unscaled_notes
from forecast_cli.evaluation.significance import Comparison, compare_with_best

MAX_USUAL_BIAS = 20.0
"""If the absolute bias of the best model is more than this many percent, a note below the table says so.

If many values are 0, forecasts that are too low on average can have the lowest absolute error.
"""


@dataclass(frozen=True)
class Leaderboard:
    """The accuracy of all models of a backtest.

    scores:      one for each model, lowest MASE first; models without a MASE come last
    pairs:       all pairs of a series and a cutoff for which every ranked model has a forecast; all figures are
                 computed from these pairs. A model is ranked if it made at least half of its forecasts
    attempts:    the number of all pairs in the backtest
    comparison:  which models differ significantly from the best one; None if fewer than two models have a MASE
    """

    scores: list[Score]
    pairs: Pairs
    attempts: int
    comparison: Comparison | None

    def notes(self) -> list[str]:
        """Sentences below the table: failures, series without a MASE, a large bias, and significant differences."""
        notes = []
        for score in self.scores:
            if score.failures:
                unranked = "" if score.model in self.pairs.points else " and is not ranked"
                notes.append(f"{score.model} failed on {score.failures} of {self.attempts} forecasts{unranked}.")
        if len(self.pairs) < self.attempts:
            notes.append(f"All ranked models are compared on the {len(self.pairs)} forecasts that each of them made.")
        notes += self._unscaled_notes()
        best, bias = self.scores[0].model, self.scores[0].figures["bias"]
        if abs(bias) > MAX_USUAL_BIAS and not (self.pairs.actual < 0).any():  # with negative values, totals may cancel
            more_less = "more" if bias > 0 else "less"
            notes.append(f"The forecasts of {best} add up to {abs(bias):.0f}% {more_less} than the actual values.")
        if self.comparison is not None:
            notes.append(self.comparison.sentence())
        return notes

    def _unscaled_notes(self) -> list[str]:
        scale = self.pairs.scales["mase"]
        measured, scaled = (
            np.isfinite(self.pairs.by_series(np.where(known, 1.0, np.nan))) for known in (np.isfinite(scale), scale > 0)
        )
        return unscaled_notes(measured, scaled, "MASE, RMSSE, skill or wins")


def leaderboard(runs: Sequence[Run], step_size: int) -> Leaderboard:
    """The leaderboard of a backtest in which every model ran on every fold.

    runs:       from `rolling`
    step_size:  number of steps from one cutoff to the next
    """
    every = Pairs.of(runs)
    scores = [Score.without_figures(every, name, [run for run in runs if run.model == name]) for name in every.points]
    ranked = [score.model for score in scores if score.ranked]
    in_all = np.ones(len(every), dtype=bool)
    for name in ranked:
        in_all &= every.complete(name)
    pairs = every.only(in_all, ranked)
    mase_of = {name: pairs.errors_by_series("mase", name) for name in ranked}
    figures = {name: figures_of(pairs, name) for name in ranked}
    for metric, row in COMPARISON_METRICS.items():
        for name, figure in row.figures(mase_of).items():
            figures[name][metric] = figure
    scores = [replace(score, figures=figures[score.model]) if score.ranked else score for score in scores]
    return Leaderboard(best_first(scores, "mase"), pairs, len(every), compare_with_best(pairs, step_size))
