"""Choose between models by their errors at earlier cutoffs, for the model `auto`."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.choice import Choice
from forecast_cli.evaluation.folds import Fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.panel.panel import Panel
from forecast_cli.words import and_joined, counted

MAX_CUTOFFS = 5

MIN_GAIN = 0.2
"""Only the preferred model is chosen, unless the error of another model is lower by more than this fraction."""

MAX_EXCESS = 0.3
"""If the preferred model is not chosen alone, all models are chosen whose error is at most this fraction above the
lowest error."""


def selection_folds(panel: Panel, horizon: int) -> list[Fold]:
    """The folds at which models are compared: at most MAX_CUTOFFS, half a horizon apart.

    All cutoffs are in the later half of the longest series. The list is empty if no series can be scored.

    horizon: the horizon of the folds, in steps; it is reduced to a quarter of the median length of the series if it is
             longer
    """
    usual = int(np.median(panel.lengths))
    horizon = min(horizon, max(1, max_holdout(usual)))
    step = -(-horizon // 2)
    longest = int(panel.lengths.max())
    first = max(points_needed(panel, horizon), longest // 2)
    possible = (longest - first - horizon) // step + 1
    return rolling_folds(panel, horizon, min(MAX_CUTOFFS, max(possible, 1)), step)


def select(pairs: Pairs, cutoffs: int, usual: str) -> Choice | None:
    """Choose one or several of the models that were compared, the candidates. Several get equal weights.

    Only the preferred candidate, `usual`, is chosen if no error is more than the fraction MIN_GAIN below its error.
    Otherwise all candidates are chosen whose error is at most the fraction MAX_EXCESS above the lowest. Reason: with so
    few cutoffs, it is mostly chance which model has the lowest error, and the mean of several models is more accurate
    than the one that seems best (Bates and Granger, Operational Research Quarterly 20, 1969).

    The error of a candidate is a mean over all pairs of a series and a cutoff. For each pair, the candidate's mean
    absolute error is divided by the mean of the candidates' errors, so that all series have the same weight. If the
    lowest error is 0, only one candidate is chosen: `usual` if its error is 0, otherwise the first whose error is 0.

    pairs:   the forecasts of the candidates; a candidate that failed on any pair is left out
    cutoffs: the number of cutoffs, for the sentence that gives the reason
    usual:   the name of the preferred candidate

    Returns None if no candidate has a forecast for all pairs, or if no error is defined.
    """
    names = [name for name in pairs.points if pairs.complete(name).all()]
    if not names:
        return None
    absolute = np.array([pairs.errors("mae", name) for name in names])
    mean = mean_known(absolute.T)
    relative = np.where(mean == 0, 1.0, absolute / np.where(mean == 0, 1.0, mean))
    errors = dict(zip(names, mean_known(relative).tolist(), strict=True))
    if not np.isfinite(list(errors.values())).any():
        return None
    ordered = sorted(names, key=errors.__getitem__)
    lowest = errors[ordered[0]]
    if usual in errors and lowest >= (1 - MIN_GAIN) * errors[usual]:
        kept, reason = [usual], _usual_reason(ordered, errors, usual, cutoffs)
    elif lowest == 0:
        kept, reason = ordered[:1], f"{ordered[0]} made no error at {counted(cutoffs, 'earlier cutoff')}."
    else:
        kept = [name for name in ordered if errors[name] <= (1 + MAX_EXCESS) * lowest]
        reason = _reason(kept, len(names), cutoffs)
    mase = {name: _or_none(pairs.figure("mase", name)) for name in ordered}
    return Choice({name: 1 / len(kept) for name in kept}, mase, cutoffs, reason)


def _or_none(figure: float) -> float | None:
    return round(figure, 4) if np.isfinite(figure) else None


def _usual_reason(ordered: list[str], errors: dict[str, float], usual: str, cutoffs: int) -> str:
    at = f"at {counted(cutoffs, 'earlier cutoff')}"
    if ordered == [usual]:
        return f"{usual} is the only model that could be measured {at}."
    if ordered[0] == usual:
        return f"{usual} had the lowest error {at}."
    gain = 1 - errors[ordered[0]] / errors[usual]
    return f"{usual} is kept: {ordered[0]} had the lowest error {at}, but only {gain:.0%} lower."


def _reason(kept: list[str], candidates: int, cutoffs: int) -> str:
    best, *others = kept
    at = f"at {counted(cutoffs, 'earlier cutoff')}"
    if candidates == 1:
        return f"{best} is the only model that could be measured {at}."
    if not others:
        return f"{best} had the lowest error {at}; all others were more than {MAX_EXCESS:.0%} higher."
    near = f"{and_joined(others)} came within {MAX_EXCESS:.0%} of it"
    return f"{best} had the lowest error {at}; {near}: their mean is kept."
