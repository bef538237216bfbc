"""The table of `train`: the accuracy of the new model and of statistical methods on the holdout.

No model was trained on the holdout before it is scored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecast_cli.activity import doing
from forecast_cli.errors import mention
from forecast_cli.evaluation.backtest import Run, already_fitted, fit_completely, rolling
from forecast_cli.evaluation.folds import Fold, Rows
from forecast_cli.evaluation.metrics import METRICS, naive_scale
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.evaluation.scores import Score, best_first, figures_of, unscaled_notes
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.panel.panel import Panel
from forecast_cli.words import article, counted

log = logging.getLogger(__name__)

HOLDOUT_METRICS = ("mase", "smape", "rmse")
"""The metrics in the table of `train`."""

MIN_PERCENT_LOWER = 1
"""`verdict` says that another model is better only if the error of that model is at least this many percent lower."""


def compare(
    fold: Fold,
    trained: Forecaster,
    members: Mapping[str, Forecaster],
    baselines: Mapping[str, Model],
    rows_to_try: Callable[[str, Panel], Rows],
) -> list[Score]:
    """The scores of a trained model, its members and the baselines on one fold, best first.

    They are sorted by MASE, or by sMAPE if no model has a MASE. Baselines that were tried on a sample of the series
    come last, because their figures cannot be compared with the others.

    fold:      the holdout
    trained:   the trained model
    members:   name -> member of the trained model
    baselines: name -> unfitted statistical method
    rows_to_try:  a function of the name of a baseline and of the panel of the scored series. It returns the indices of
                  the series that the baseline can forecast fast enough. If there are none, the baseline is left out.
    """
    name = trained.name
    doing(f"Scoring {name}")
    runs = list(rolling([fold], {name: already_fitted(trained)}))
    own = Pairs.of(runs)
    scores = [_score(runs, own, name)]
    for member, forecaster in members.items():
        runs = list(rolling([fold], {member: already_fitted(forecaster)}))
        scores.append(_score(runs, own.only(Pairs.of(runs).complete(member), [name]), name))
    for baseline, model in baselines.items():
        rows = rows_to_try(baseline, fold.known)
        if len(rows) == 0:
            wanted = mention("against", baseline)
            log.info("Leaving out %s: it may take minutes on these data. To run it, predict with %s.", baseline, wanted)
            continue
        doing(f"Scoring {baseline}")
        runs = list(rolling([fold.only(rows)], {baseline: fit_completely(model)}))
        complete = Pairs.of(runs).complete(baseline)
        on_the_same = own.only(np.isin(np.arange(len(own)), rows[complete]), [name])
        scores.append(_score(runs, on_the_same, name))
    return sorted(best_first(scores, _deciding_metric(scores)), key=lambda score: _on_a_sample(score, scores))


def _score(runs: Sequence[Run], network_pairs: Pairs, network: str) -> Score:
    """Compute the score of one model, the scored model.

    runs:          the runs of the scored model
    network_pairs: the forecasts of the trained model, only for the series that the scored model could forecast
    network:       the name of the trained model
    """
    pairs = Pairs.of(runs)
    (model,) = pairs.points
    score = replace(Score.without_figures(pairs, model, runs), trained_figures=figures_of(network_pairs, network))
    if not score.ranked:
        return score
    return replace(score, figures=figures_of(pairs.only(pairs.complete(model), [model]), model))


def record(score: Score) -> dict[str, str | float | int]:
    """One row of the table, as it is saved in the bundle: name of a field -> value."""
    return {
        "model": score.model,
        **{metric: score.figures[metric] for metric in HOLDOUT_METRICS},
        "tried": score.attempts,
        "series": score.successes,
        "network_mase": score.trained_figures["mase"],
        "network_smape": score.trained_figures["smape"],
    }


def verdict(scores: Sequence[Score], network: str) -> str | None:
    """A sentence that names a model that is clearly better than the trained one; None if there is none.

    Its error must be at least MIN_PERCENT_LOWER percent lower than that of the trained model on the same series. The
    error is the MASE; if no model has a MASE, the sMAPE. Models that were tried on a sample of the series count only if
    all other models were. Models that forecast all series are preferred to models that failed on some.

    network: the name of the trained model
    """
    metric = _deciding_metric(scores)
    others = [score for score in scores if score.model != network]
    deciding = [score for score in others if not _on_a_sample(score, scores)] or others
    better = [score for score in deciding if _percent_lower(score, metric) >= MIN_PERCENT_LOWER]
    if not better:
        return None
    best = min(better, key=lambda score: (score.failures > 0, score.figures[metric] / score.trained_figures[metric]))
    among = ""
    if best.successes < max(score.successes for score in scores):
        count = "the one" if best.successes == 1 else f"the {best.successes:,}"
        among = f" of {count} series that it forecast"
    percent = round(_percent_lower(best, metric))
    return (
        f"{network} does not win here: {best.model} had {article(percent)} {percent}% lower error "
        f"({METRICS[metric].heading} {METRICS[metric].text(best.figures[metric])} against "
        f"{METRICS[metric].text(best.trained_figures[metric])}) on the steps held out{among}."
    )


def _deciding_metric(scores: Sequence[Score]) -> str:
    return "mase" if any(np.isfinite(score.figures["mase"]) for score in scores) else "smape"


def _on_a_sample(score: Score, scores: Sequence[Score]) -> bool:
    """Whether a model was tried on fewer series than some other model."""
    return score.attempts < max(other.attempts for other in scores)


def _percent_lower(score: Score, metric: str) -> float:
    """By how many percent the error of a model is lower than that of the trained model on the same series.

    It is 0 if the error is not lower, if it is unknown, or if both errors look the same in the table.
    """
    error, network_error = score.figures[metric], score.trained_figures[metric]
    decimals = METRICS[metric].decimals
    lower = round(error, decimals) < round(network_error, decimals)
    return 100 * (1 - error / network_error) if lower else 0.0


def holdout_notes(fold: Fold, horizon: int) -> list[str]:
    """Sentences to print below the table of `train`; empty if there is nothing to say.

    They say that fewer steps than `horizon` are held out, that some series are too short for the holdout, or that some
    series have no MASE.

    fold:    the holdout
    horizon: the horizon of the model, in steps
    """
    notes = []
    if fold.horizon not in (0, horizon):
        notes.append(f"Only {fold.horizon} of {horizon} steps are held out: a quarter of the longest series.")
    too_short = len(fold.past) - len(fold.rows)
    if too_short and fold.horizon:
        notes.append(
            f"{too_short:,} of {len(fold.past):,} series {'is' if too_short == 1 else 'are'} too short to hold out "
            f"{counted(fold.horizon, 'step')}: all values are used for training, and none for this table."
        )
    scale = naive_scale(fold.known)
    return [*notes, *unscaled_notes(np.isfinite(scale), scale > 0, "MASE")]


def baseline_notes(scores: Sequence[Score], network: str, series: int) -> list[str]:
    """Sentences on baselines that were tried on a sample of the series, and on models that failed on some series.

    network: the name of the trained model
    series:  the number of scored series
    """
    metric = _deciding_metric(scores)
    notes = []
    for score in scores:
        if score.model != network and score.attempts < series:
            notes.append(
                f"{score.model} was tried on {score.attempts} of {series} series{_there(score, network, metric)}."
            )
        if score.failures:
            unranked = "" if score.ranked else " and has no figures"
            notes.append(f"{score.model} failed on {score.failures} of {score.attempts} series{unranked}.")
    return notes


def _there(score: Score, network: str, metric: str) -> str:
    """The end of a sentence on a baseline that was tried on a sample: the trained model's error on the same series.

    It is "" if the error is unknown.
    """
    error = score.trained_figures[metric]
    return (
        "" if np.isnan(error) else f", where {network} has the {METRICS[metric].heading} {METRICS[metric].text(error)}"
    )
