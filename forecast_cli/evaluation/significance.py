"""Which differences on a leaderboard are more than noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs

LEVEL = 0.95
LEAST_CUTOFFS = 3
"""With fewer that do not overlap, how they differ among each other says too little of chance."""

MANY_SERIES = 10
"""So many series are compared where there are too few cutoffs."""

ALIKE = 1e-9
"""Differences that vary by no more than this share of them are the same at every cutoff."""


@dataclass(frozen=True)
class Comparison:
    """The models that are not told apart from the best by MASE.

    alike:  None where there is too little to tell them apart by
    basis:  what the comparison rests on, in words
    """

    best: str
    alike: tuple[str, ...] | None
    basis: str

    def sentence(self) -> str:
        if self.alike is None:
            return f"{self.best} has the lowest MASE; {self.basis} cannot tell whether by more than chance."
        if not self.alike:
            return f"{self.best} has the lowest MASE, by more than chance against every other ({self.basis})."
        which = " and ".join(filter(None, [", ".join(self.alike[:-1]), self.alike[-1]]))
        verb = "is" if len(self.alike) == 1 else "are"
        return f"{self.best} has the lowest MASE; {which} {verb} within chance of it ({self.basis})."


def compare_with_best(pairs: Pairs, step_size: int) -> Comparison | None:
    """Hold the MASE of each model against the lowest, at the level of 95 percent, by a paired t-test.

    It is of the mean difference over series at each cutoff, since neither the steps after one cutoff nor the series
    there are independent: they share what happened then (Ibragimov and Mueller, Journal of Business and Economic
    Statistics 28, 2010). Where the steps of several cutoffs overlap, the latest counts, and of those before the next
    whose steps do not overlap its own. With too few cutoffs it is of the mean difference of each of many series, which
    tells nothing of other times. None where there is nothing to compare.
    """
    by_series = {name: pairs.by_series(pairs.errors(name)["mase"]) for name in pairs.points}
    scores = {name: float(mean_known(errors)) for name, errors in by_series.items()}
    known = sorted((name for name in scores if np.isfinite(scores[name])), key=scores.__getitem__)
    if len(known) < 2:
        return None
    best, *others = known
    overlapping = math.ceil(pairs.actual.shape[1] / step_size)
    by_cutoff = {name: _by_cutoff(pairs, name, overlapping) for name in known}
    cutoffs, series = (int(np.isfinite(errors[best]).sum()) for errors in (by_cutoff, by_series))
    what = "cutoffs" if overlapping == 1 else "cutoffs that do not overlap"
    if cutoffs >= LEAST_CUTOFFS:
        errors, basis = by_cutoff, f"95%, t-test over {cutoffs} {what}"
    elif series >= MANY_SERIES:
        errors, basis = by_series, f"95%, t-test over {series:,} series; other times may differ"
    else:
        return Comparison(best, None, f"fewer than {LEAST_CUTOFFS} {what} of so few series")
    return Comparison(best, tuple(name for name in others if not worse(errors[name] - errors[best])), basis)


def _by_cutoff(pairs: Pairs, model: str, overlapping: int) -> Floats:
    """(c,) mean absolute scaled error after the last cutoff and each of `overlapping` before it, NaN if unknown."""
    errors = pairs.errors(model)["mase"]
    latest = pairs.windows.max()
    counted = range(latest % overlapping, latest + 1, overlapping)
    return np.array([mean_known(errors[pairs.windows == window]) for window in counted])


def worse(differences: Floats) -> bool:
    """Whether the mean of differences (c,), at least two of them known, is above 0, by Student's two-sided t-test."""
    from scipy.stats import ttest_1samp

    known = differences[np.isfinite(differences)]
    if known.mean() <= 0:
        return False
    alike = np.ptp(known) <= ALIKE * np.abs(known).max()
    return bool(alike or ttest_1samp(known, 0.0).pvalue < 1 - LEVEL)
