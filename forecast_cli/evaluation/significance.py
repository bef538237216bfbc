"""Test which models of a leaderboard are significantly less accurate than the best one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.words import and_joined

CONFIDENCE = 0.95

MIN_CUTOFFS = 3
"""The sample of the t-test has one number for each cutoff if there are at least this many cutoffs whose forecast steps
do not overlap."""

MIN_SERIES = 10
"""If there are fewer cutoffs, the sample has one number for each series, if there are at least this many series."""

SAME_DIFFERENCE = 1e-9
"""Differences count as equal if their range is at most this fraction of the largest absolute difference. Then the test
is not computed: a mean above 0 is significant."""


@dataclass(frozen=True)
class Comparison:
    """The result of the test: the best model, and the models that are not significantly worse.

    best:   the model with the lowest MASE
    alike:  the models whose MASE is not significantly higher; None if there are too few data for a test
    basis:  the kind and size of the test, or why there are too few data, as text
    """

    best: str
    alike: tuple[str, ...] | None
    basis: str

    def sentence(self) -> str:
        """The result of the test as a sentence below the leaderboard."""
        if self.alike is None:
            return f"{self.best} has the lowest MASE; {self.basis} cannot show whether the difference is significant."
        if not self.alike:
            return f"{self.best} has the lowest MASE, significantly lower than all others ({self.basis})."
        models = and_joined(self.alike)
        do_not = "does not" if len(self.alike) == 1 else "do not"
        return f"{self.best} has the lowest MASE; {models} {do_not} differ significantly from it ({self.basis})."


def compare_with_best(pairs: Pairs, step_size: int) -> Comparison | None:
    """Test for each model whether its MASE is significantly higher than the lowest.

    The test is a paired t-test with 95 percent confidence. Its sample has one difference in MASE for each cutoff: the
    mean over all series. The steps after one cutoff are not independent of each other, and neither are the series, so
    they are averaged first (Ibragimov and Mueller, Journal of Business and Economic Statistics 28, 2010). Only cutoffs
    whose forecast steps do not overlap are used. If there are too few of them, the sample has one difference for each
    series: the mean over its cutoffs. The result of that test may not hold at other times.

    step_size:  number of steps from one cutoff to the next

    Returns None if fewer than two models have a MASE.
    """
    by_series = {name: pairs.errors_by_series("mase", name) for name in pairs.points}
    mean = {name: float(mean_known(errors)) for name, errors in by_series.items()}
    known = sorted((name for name in mean if np.isfinite(mean[name])), key=mean.__getitem__)
    if len(known) < 2:
        return None
    best, *others = known
    stride = math.ceil(pairs.actual.shape[1] / step_size)
    by_cutoff = {name: _by_cutoff(pairs, name, stride) for name in known}
    cutoffs, series = (int(np.isfinite(errors[best]).sum()) for errors in (by_cutoff, by_series))
    what = "cutoffs" if stride == 1 else "cutoffs that do not overlap"
    if cutoffs >= MIN_CUTOFFS:
        errors, basis = by_cutoff, f"{CONFIDENCE:.0%}, t-test over {cutoffs} {what}"
    elif series >= MIN_SERIES:
        errors, basis = by_series, f"{CONFIDENCE:.0%}, t-test over {series:,} series; other times may differ"
    else:
        return Comparison(best, None, f"fewer than {MIN_CUTOFFS} {what} and fewer than {MIN_SERIES} series")
    return Comparison(best, tuple(name for name in others if not worse(errors[name] - errors[best])), basis)


def _by_cutoff(pairs: Pairs, model: str, stride: int) -> Floats:
    """(c,) the MASE of a model at every `stride`-th cutoff, counted back from the latest one; the earliest is first.

    The MASE is the mean over the series; NaN if it is known for no series.
    """
    errors = pairs.errors("mase", model)
    latest = pairs.folds.max()
    folds = range(latest % stride, latest + 1, stride)
    return np.array([mean_known(errors[pairs.folds == fold]) for fold in folds])


def worse(differences: Floats) -> bool:
    """Whether the mean of differences (c,) is significantly above 0, by Student's two-sided t-test.

    Equal differences above 0 are significant (see SAME_DIFFERENCE). Differences that are not finite are left out; at
    least two must be finite.
    """
    from scipy.stats import ttest_1samp

    known = differences[np.isfinite(differences)]
    if known.mean() <= 0:
        return False
    equal = np.ptp(known) <= SAME_DIFFERENCE * np.abs(known).max()
    return bool(equal or ttest_1samp(known, 0.0).pvalue < 1 - CONFIDENCE)
