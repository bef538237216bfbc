"""The honest table: a trained network beside the statistical methods, on steps that none of them has seen."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import Floats, mase, mean_known, naive_scale, rmse, smape
from forecast_cli.models.baselines import StatisticalForecaster, affordable_rows
from forecast_cli.models.protocol import Forecaster
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

SHARE = 4
"""A series gives up at most its last quarter."""


@dataclass(frozen=True)
class Holdout:
    """The last `steps` of every series that is long enough, set apart.

        past      x x x x x x x
        actual                  y y y

    past:    the panel without them; series that are too short to give any up keep all their points
    rows:    (k,) the series that did
    actual:  (k, steps)
    """

    steps: int
    past: Panel
    rows: NDArray[np.intp]
    actual: Floats

    @classmethod
    def of(cls, panel: Panel, horizon: int) -> Holdout:
        """Hold out `horizon` steps, or fewer where even the longest series could not spare so many."""
        steps = int(min(horizon, panel.lengths.max() // SHARE))
        long_enough = panel.lengths >= SHARE * steps if steps else np.zeros(len(panel), dtype=bool)
        rows = np.flatnonzero(long_enough)
        ends = panel.indptr[1:][rows]
        actual = panel.values[ends[:, None] - steps + np.arange(steps)]
        return cls(steps, panel.drop_last(np.where(long_enough, steps, 0)), rows, actual)


@dataclass(frozen=True)
class Score:
    """Mean accuracy over series; NaN where no series has one.

    smape:         percent
    series:        series it was tried on
    network_mase:  the network's MASE on those same series
    """

    model: str
    mase: float
    smape: float
    rmse: float
    series: int
    network_mase: float


def compare(holdout: Holdout, network: Forecaster, name: str, baselines: Iterable[str]) -> list[Score]:
    """Score the network, and each baseline on all series or on those it can afford; best MASE first."""
    past = holdout.past.select(holdout.rows)
    scale = naive_scale(past)
    errors = mase(holdout.actual, forecast := network.predict(past, holdout.steps).point, scale)
    scores = [_score(name, holdout.actual, forecast, scale, errors)]
    for baseline in baselines:
        rows = affordable_rows(baseline, past)
        if len(rows) == 0:
            log.info("Leaving out %s, which would take minutes here; predict --against %s runs it.", baseline, baseline)
            continue
        point = StatisticalForecaster(baseline).predict(past.select(rows), holdout.steps).point
        fitted = ~np.isnan(point).any(axis=1)
        chosen = rows[fitted]
        scores.append(_score(baseline, holdout.actual[chosen], point[fitted], scale[chosen], errors[chosen]))
    return sorted(scores, key=lambda score: (np.isnan(score.mase), score.mase))


def _score(model: str, actual: Floats, forecast: Floats, scale: Floats, network_mase: Floats) -> Score:
    return Score(
        model=model,
        mase=float(mean_known(mase(actual, forecast, scale))),
        smape=float(mean_known(smape(actual, forecast))),
        rmse=float(mean_known(rmse(actual, forecast))),
        series=len(forecast),
        network_mase=float(mean_known(network_mase)),
    )


def verdict(scores: list[Score], network: str) -> str | None:
    """One plain sentence if a baseline did better than the network on the series both were tried on."""
    better = [s for s in scores if s.model != network and s.mase < s.network_mase]
    if not better:
        return None
    best = min(better, key=lambda score: score.mase / score.network_mase)
    share = 100 * (1 - best.mase / best.network_mase)
    return (
        f"The network does not win here: {best.model} had a {share:.0f}% lower error (MASE {best.mase:.3f} against "
        f"{best.network_mase:.3f}) on the steps held out."
    )


def sampling_notes(scores: list[Score], network: str, series: int) -> list[str]:
    """A line for each baseline that has no score on some of the `series`, and how the network did on the others."""
    return [_sampling_note(score, series) for score in scores if score.model != network and score.series < series]


def _sampling_note(score: Score, series: int) -> str:
    if score.series == 0:
        return f"{score.model} could not be fitted to these series."
    beside = "" if np.isnan(score.network_mase) else f", where the network's MASE is {score.network_mase:.3f}"
    return f"{score.model} was tried on {score.series} of {series} series{beside}."
