"""Which differences on a leaderboard are more than noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs

LEVEL = 0.95
MANY_SERIES = 10
"""From here on series are compared; below, there are too few of them, and cutoffs are."""

LEAST_CUTOFFS = 3
"""With fewer that do not overlap, chance is not to be told from anything else."""

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

    Over many series it is of the mean difference of each, its cutoffs averaged first, since they are not independent.
    Over few, of the mean difference at each cutoff, since the steps after one cutoff are not independent either
    (Ibragimov and Mueller, Journal of Business and Economic Statistics 28, 2010). Where the steps of several cutoffs
    overlap, the latest counts, and of those before the next whose steps do not overlap its own. None where there is
    nothing to compare.
    """
    errors = {name: pairs.by_series(pairs.errors(name)["mase"]) for name in pairs.points}
    scores = {name: float(mean_known(error)) for name, error in errors.items()}
    known = [name for name in scores if np.isfinite(scores[name])]
    if len(known) < 2:
        return None
    known.sort(key=scores.__getitem__)
    best, *others = known
    counted = int(np.isfinite(errors[best]).sum())
    if counted >= MANY_SERIES:
        alike = [name for name in others if not differ(errors[name] - errors[best])]
        return Comparison(best, tuple(alike), f"95%, t-test over {counted:,} series")
    overlapping = math.ceil(pairs.actual.shape[1] / step_size)
    over_time = {name: _over_time(pairs, name, overlapping) for name in known}
    what, count = "cutoffs" if overlapping == 1 else "cutoffs that do not overlap", len(over_time[best])
    if count < LEAST_CUTOFFS:
        return Comparison(best, None, f"fewer than {LEAST_CUTOFFS} {what} of so few series")
    alike = [name for name in others if not differ(over_time[name] - over_time[best])]
    return Comparison(best, tuple(alike), f"95%, t-test over {count} {what}")


def _over_time(pairs: Pairs, model: str, overlapping: int) -> Floats:
    """(c,) mean absolute scaled error after the last cutoff and every one of `overlapping` before it, where known."""
    errors = pairs.errors(model)["mase"]
    latest = pairs.windows.max()
    means = np.array(
        [mean_known(errors[pairs.windows == window]) for window in range(latest % overlapping, latest + 1, overlapping)]
    )
    return np.asarray(means[np.isfinite(means)])


def differ(differences: Floats) -> bool:
    """Whether the mean of differences (c,), at least two of them known, is not 0, by Student's t-test."""
    from scipy.stats import ttest_1samp

    known = differences[np.isfinite(differences)]
    if np.ptp(known) <= ALIKE * np.abs(known).max():
        return bool(known.any())
    return bool(ttest_1samp(known, 0.0).pvalue < 1 - LEVEL)
