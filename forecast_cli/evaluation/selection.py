"""Choose between models by their errors at earlier cutoffs."""

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
"""The usual model is kept unless another model's error is lower by more than this fraction."""

MAX_EXCESS = 0.3
"""Otherwise a model is kept if its error is higher than the lowest by at most this fraction."""


def selection_folds(panel: Panel, horizon: int) -> list[Fold]:
    """At most MAX_CUTOFFS folds, half a horizon apart, within the later half of the longest series.

    The horizon is shorter if the usual series is too short for it. The list is empty if no series can be scored.
    """
    usual = int(np.median(panel.lengths))
    horizon = min(horizon, max(1, max_holdout(usual)))
    step = -(-horizon // 2)
    longest = int(panel.lengths.max())
    first = max(points_needed(panel, horizon), longest // 2)
    possible = (longest - first - horizon) // step + 1
    return rolling_folds(panel, horizon, min(MAX_CUTOFFS, max(possible, 1)), step)


def select(pairs: Pairs, cutoffs: int, usual: str) -> Choice | None:
    """Keep the usual model, or all models whose errors are near a much lower one; all that are kept have equal weights.

    pairs:  of the candidates, at all cutoffs; a candidate that failed anywhere is left out
    usual:  the candidate that is kept unless the lowest error is lower than its own by more than MIN_GAIN

    Errors are mean absolute errors, relative to the mean error of all candidates on the same pair, so that all series
    count equally; where all candidates are exact, they are equal. At so few cutoffs, which model is best is mostly
    chance: a small difference decides nothing, and the mean of several models does better than the best one (Bates and
    Granger, Operational Research Quarterly 20, 1969). None if no candidate could be measured.
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
