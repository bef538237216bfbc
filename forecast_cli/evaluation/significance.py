"""Which differences on a leaderboard are more than noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs

LEVEL = 0.95
MANY_SERIES = 10
"""From here on series are resampled; below, there are too few of them, and the steps of time are compared."""

RESAMPLES, BATCH = 2000, 50


@dataclass(frozen=True)
class Comparison:
    """The models that are not told apart from the best by MASE.

    basis:  what the comparison rests on, in words
    """

    best: str
    alike: tuple[str, ...]
    basis: str

    def sentence(self) -> str:
        if not self.alike:
            return f"{self.best} has the lowest MASE, by more than chance against every other ({self.basis})."
        which = " and ".join(filter(None, [", ".join(self.alike[:-1]), self.alike[-1]]))
        verb = "is" if len(self.alike) == 1 else "are"
        return f"{self.best} has the lowest MASE; {which} {verb} within chance of it ({self.basis})."


def compare_with_best(pairs: Pairs, step_size: int) -> Comparison | None:
    """Hold the MASE of each model against the lowest, at the level of 95 percent, pair by pair.

    Over many series: a paired bootstrap of their mean differences, each series' cutoffs averaged first, since they
    are not independent. Over few: the test of Diebold and Mariano on the steps of all cutoffs, series averaged.
    None where there is nothing to compare.
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
        alike = [name for name in others if not _series_differ(errors[name] - errors[best])]
        return Comparison(best, tuple(alike), f"95%, paired bootstrap over {counted:,} series")
    horizon = pairs.actual.shape[1]
    reach = horizon * math.ceil(horizon / step_size)
    differences = {name: _over_time(pairs, name) - _over_time(pairs, best) for name in others}
    alike = [name for name in others if not diebold_mariano(differences[name], reach) < 1 - LEVEL]
    return Comparison(best, tuple(alike), f"95%, Diebold-Mariano test over {len(differences[others[0]])} steps")


def _series_differ(differences: Floats) -> bool:
    """Whether the mean of differences (s,) is not 0, by a bootstrap with a fixed seed."""
    from scipy.stats import bootstrap

    differences = differences[np.isfinite(differences)]
    if not differences.any():
        return False
    interval = bootstrap(
        (differences,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=BATCH,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return bool(interval.low > 0 or interval.high < 0)


def _over_time(pairs: Pairs, model: str) -> Floats:
    """(cutoffs * h,) absolute scaled errors of each step, mean over series, in the order of time."""
    scale = np.where(pairs.scale > 0, pairs.scale, np.nan)[:, None]
    errors = np.abs(pairs.points[model] - pairs.actual) / scale
    steps = [mean_known(errors[pairs.windows == window].T) for window in np.unique(pairs.windows)]
    return np.concatenate(steps)


def diebold_mariano(differences: Floats, reach: int) -> float:
    """The p-value of "both are equally good" for differences of loss (T,) that depend on each other within `reach`.

    Diebold and Mariano, Journal of Business and Economic Statistics 13, 1995, with Bartlett's weights for the
    long-run variance (so that it is never negative) and the correction and Student's t of Harvey, Leybourne and
    Newbold, International Journal of Forecasting 13, 1997. 1 where there are no more steps than `reach`: then
    nothing can be told. Steps that are NaN are left out.
    """
    from scipy.stats import t
    from statsmodels.regression.linear_model import OLS

    known = differences[np.isfinite(differences)]
    steps = len(known)
    correction = (steps + 1 - 2 * reach + reach * (reach - 1) / max(steps, 1)) / max(steps, 1)
    if steps <= reach or correction <= 0 or not known.any():
        return 1.0
    if np.ptp(known) == 0:
        return 0.0
    mean = OLS(known, np.ones(steps)).fit(cov_type="HAC", cov_kwds={"maxlags": reach - 1, "use_correction": False})
    statistic = float(mean.tvalues[0]) * math.sqrt(correction)
    return float(2 * t.sf(abs(statistic), steps - 1))
