"""The honest table: a trained network beside the statistical methods, on steps that none of them has seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecast_cli.evaluation.backtest import already_fitted, fit_completely, rolling
from forecast_cli.evaluation.folds import Fold, Rows
from forecast_cli.evaluation.leaderboard import ENOUGH, unscaled_notes
from forecast_cli.evaluation.metrics import naive_scale
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Score:
    """Mean accuracy over series; NaN where no series has one, and of a model that failed on most of them.

    smape:          percent
    tried:          series it was tried on
    series:         those of them that it forecast
    network_mase:   the network's MASE on the latter
    network_smape:  its sMAPE there
    """

    model: str
    mase: float
    smape: float
    rmse: float
    tried: int
    series: int
    network_mase: float
    network_smape: float


def compare(
    fold: Fold, network: Forecaster, name: str, baselines: Mapping[str, Model], tried_on: Callable[[str, Panel], Rows]
) -> list[Score]:
    """Score the network, and each baseline on the series that `tried_on` gives it; best MASE first."""
    own = Pairs.of(list(rolling([fold], {name: already_fitted(network)})))
    scores = [_score(name, own, own, name)]
    for baseline, model in baselines.items():
        rows = tried_on(baseline, fold.known)
        if len(rows) == 0:
            log.info("Leaving out %s, which may take minutes here; predict --against %s runs it.", baseline, baseline)
            continue
        tried = Pairs.of(list(rolling([fold.only(rows)], {baseline: fit_completely(model)})))
        done = tried.done(baseline)
        beside = own.only(np.isin(np.arange(len(own)), rows[done]), [name])
        scores.append(_score(baseline, tried, beside, name))
    return sorted(scores, key=lambda score: (np.isnan(score.mase), score.mase))


def _score(model: str, tried: Pairs, beside: Pairs, network: str) -> Score:
    """The score of a model on the pairs it forecast of those it was tried on; `beside` are the network's there."""
    done = tried.done(model)
    own = tried.only(done if done.mean() >= ENOUGH else np.zeros_like(done), [model])
    means, reference = own.means(model), beside.means(network)
    return Score(
        model,
        mase=means["mase"],
        smape=means["smape"],
        rmse=means["rmse"],
        tried=len(tried),
        series=int(done.sum()),
        network_mase=reference["mase"],
        network_smape=reference["smape"],
    )


def verdict(scores: list[Score], network: str) -> str | None:
    """One plain sentence if a baseline did better than the network on the series that both forecast.

    By sMAPE where no series has a MASE.
    """
    scaled = any(np.isfinite(score.mase) for score in scores)
    name, unit, digits = ("MASE", "", 3) if scaled else ("sMAPE", " %", 2)
    errors = [
        (s, s.mase, s.network_mase) if scaled else (s, s.smape, s.network_smape) for s in scores if s.model != network
    ]
    shown = [(score, error, ours) for score, error, ours in errors if round(error, digits) < round(ours, digits)]
    better = [(error / ours, error, ours, score) for score, error, ours in shown]
    if not better:
        return None
    ratio, error, ours, best = min(better, key=lambda one: one[0])
    share = 100 * (1 - ratio)
    count = "the one" if best.series == 1 else f"the {best.series}"
    among = f" of {count} series that it forecast" if best.series < max(s.series for s in scores) else ""
    return (
        f"{network} does not win here: {best.model} had a {share:.0f}% lower error ({name} {error:.{digits}f}{unit} "
        f"against {ours:.{digits}f}{unit}) on the steps held out{among}."
    )


def holdout_notes(fold: Fold, horizon: int) -> list[str]:
    """A line where fewer steps are held out than `horizon`, one where some series have no part in the table, and those
    on series that have one without a MASE."""
    scale = naive_scale(fold.known)
    return [
        *_shortened_notes(fold, horizon),
        *_short_series_notes(fold),
        *unscaled_notes(np.isfinite(scale), scale > 0, "MASE"),
    ]


def _shortened_notes(fold: Fold, horizon: int) -> list[str]:
    if fold.horizon in (0, horizon):
        return []
    return [f"Only {fold.horizon} of {horizon} steps are held out: a quarter of the longest series."]


def _short_series_notes(fold: Fold) -> list[str]:
    out = len(fold.past) - len(fold.rows)
    if out == 0 or fold.horizon == 0:
        return []
    steps = "1 step" if fold.horizon == 1 else f"{fold.horizon} steps"
    what = "is too short to hold out" if out == 1 else "are too short to hold out"
    return [f"{out:,} of {len(fold.past):,} series {what} {steps}: learned to the end, and not in the table."]


def baseline_notes(scores: list[Score], network: str, series: int) -> list[str]:
    """A line for each baseline that was tried on fewer than all `series`, and one for each that failed on some."""
    notes = []
    for score in scores:
        beside = "" if np.isnan(score.network_mase) else f", where the network's MASE is {score.network_mase:.3f}"
        if score.model != network and score.tried < series:
            notes.append(f"{score.model} was tried on {score.tried} of {series} series{beside}.")
        if score.series < score.tried:
            unranked = "" if score.series >= ENOUGH * score.tried else " and has no figures"
            notes.append(f"{score.model} failed on {score.tried - score.series} of {score.tried} series{unranked}.")
    return notes
