"""Measure the intervals of a backtest: their coverage, their width, and the reliability of their quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.interval_metrics import coverage, crps, interval_score, pinball, width
from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs

GRID = np.round(np.arange(0.05, 0.96, 0.05), 2)
"""The quantile levels over which the CRPS is averaged. The picture of reliability has these and the interval ends."""


@dataclass(frozen=True)
class IntervalScore:
    """The interval metrics of one model at one level. Means are over the cutoffs of each series, then over the series.

    level:     the nominal coverage, in percent
    coverage:  the percentage of actual values in their intervals, over all points together
    width:     the mean width, divided by the scale of MASE
    msis:      the mean scaled interval score
    pinball:   the mean pinball loss of the lower and the upper end, divided by the scale of MASE
    crps:      the continuous ranked probability score, divided by the scale of MASE; the same at all levels
    """

    model: str
    level: float
    coverage: float
    width: float
    msis: float
    pinball: float
    crps: float


@dataclass(frozen=True)
class Reliability:
    """How often actual values were below or equal to each quantile of one model.

    levels:  (q,) the quantile levels, 0 to 1
    below:   (q,) the percentage of actual values that are below or equal to the quantile
    """

    model: str
    levels: Floats
    below: Floats


def interval_scores(runs: Sequence[Run], levels: Sequence[float], order: Sequence[str]) -> list[IntervalScore]:
    """The interval metrics of each model at each level. Models without intervals are left out.

    The metrics are computed from the pairs of a series and a cutoff that all models with intervals have forecast.

    runs:    the runs of a backtest; the quantile levels of their forecasts include GRID and the ends of each interval
    levels:  the levels of the intervals, in percent
    order:   the names of the models, in the order of the result
    """
    pairs = Pairs.of(runs)
    scale = pairs.scales["mase"]
    scale = np.where(scale > 0, scale, np.nan)
    found = []
    for model, quantiles, used in _quantiles(runs, pairs):
        actual = np.where(used[:, None], pairs.actual, np.nan)
        forecast = next(run.forecast for run in runs if run.model == model)
        at = {each: forecast.position(each) for each in GRID}
        grid = quantiles[..., [at[each] for each in GRID]]
        score = float(mean_known(pairs.by_series(crps(pinball(actual, grid, GRID)) / scale)))
        for level in levels:
            ends = np.array([0.5 - level / 200, 0.5 + level / 200])
            both = quantiles[..., [forecast.position(end) for end in ends]]
            lower, upper = both[..., 0], both[..., 1]
            found.append(
                IntervalScore(
                    model=model,
                    level=level,
                    coverage=float(coverage(actual.ravel(), lower.ravel(), upper.ravel())),
                    width=_mean(pairs, width(actual, lower, upper) / scale),
                    msis=_mean(pairs, interval_score(actual, lower, upper, level / 100) / scale),
                    pinball=_mean(pairs, pinball(actual, both, ends).mean(axis=-1) / scale),
                    crps=score,
                )
            )
    return sorted(found, key=lambda score: order.index(score.model))


def reliabilities(runs: Sequence[Run]) -> list[Reliability]:
    """How often actual values were below or equal to each quantile, for each model with intervals.

    It is measured on the pairs of a series and a cutoff that all these models have forecast.
    """
    pairs = Pairs.of(runs)
    found = []
    for model, quantiles, used in _quantiles(runs, pairs):
        known = np.isfinite(pairs.actual) & used[:, None]
        below = (pairs.actual[..., None] <= quantiles)[known]
        forecast = next(run.forecast for run in runs if run.model == model)
        found.append(Reliability(model, forecast.quantile_levels, 100 * below.mean(axis=0)))
    return found


def _quantiles(runs: Sequence[Run], pairs: Pairs) -> list[tuple[str, Floats, NDArray[np.bool_]]]:
    """For each model with intervals: its name, its quantiles (P, h, q), and a mask (P,), the same for all models.

    The mask is True for a pair of a series and a cutoff that all these models have forecast.
    """
    of_model = {
        model: np.concatenate([run.forecast.every_quantile for run in runs if run.model == model])
        for model in pairs.points
    }
    known = {model: np.isfinite(quantiles).all(axis=(1, 2)) for model, quantiles in of_model.items()}
    known = {model: has for model, has in known.items() if has.any() and of_model[model].shape[2]}
    used = np.logical_and.reduce([*known.values()]) if known else np.zeros(len(pairs), dtype=bool)
    return [(model, of_model[model], used) for model in known]


def _mean(pairs: Pairs, values: Floats) -> float:
    """The mean of `values` (P,), one for each pair, over the cutoffs of each series, and then over the series."""
    return float(mean_known(pairs.by_series(values)))
