"""Choose between models by their errors at earlier cutoffs."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.choice import Choice
from forecast_cli.evaluation.folds import Fold, max_holdout, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import Floats, mean_known
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.panel.panel import Panel
from forecast_cli.words import and_joined, counted

MAX_CUTOFFS = 5

MAX_EXCESS = 0.3
"""A model whose error is higher than the lowest by more than this fraction is not kept."""

CHANCE = 2.0
"""A model is not kept if its error is higher than the lowest by more than this many standard errors."""

ERROR_POWER = 4.0
"""Of two kept models, one with half the error has 2 ** ERROR_POWER times the weight."""

MIN_SERIES = 10
"""With at least this many series, the standard error is over series; otherwise over cutoffs."""

MIN_RELATIVE_ERROR = 1e-3
"""Relative errors below this count as this, so that no weight becomes infinite."""


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


def select(pairs: Pairs, cutoffs: int) -> Choice | None:
    """Keep each model whose error does not differ from the lowest beyond chance, weighted by its error.

    pairs:  of the candidates, at all cutoffs; a candidate that failed anywhere is left out

    Errors are mean absolute errors, relative to the mean error of all candidates on the same pair, so that all series
    count equally. A difference is beyond chance if it is more than CHANCE standard errors of the paired differences, or
    more than MAX_EXCESS of the lowest error. The weights are inverse powers of the errors, as in Bates and Granger
    (Operational Research Quarterly 20, 1969). None if no candidate could be measured.
    """
    names = [name for name in pairs.points if pairs.complete(name).all()]
    absolute = np.array([pairs.errors("mae", name) for name in names])
    mean = mean_known(absolute.T)
    relative = absolute / np.where(mean > 0, mean, np.nan)
    errors = mean_known(relative)
    if not np.isfinite(errors).any():
        return None
    best = int(np.nanargmin(errors))
    limit = (1 + MAX_EXCESS) * errors[best]
    kept = [
        row for row in range(len(names)) if errors[row] <= limit and not _beyond_chance(pairs, relative[[row, best]])
    ]
    powers = np.maximum(errors[kept], MIN_RELATIVE_ERROR) ** -ERROR_POWER
    weights = {names[row]: float(weight) for row, weight in zip(kept, powers / powers.sum(), strict=True)}
    mase = {name: pairs.figure("mase", name) for name in names}
    ordered = {name: _or_none(mase[name]) for name in sorted(names, key=lambda name: errors[names.index(name)])}
    return Choice(weights, ordered, cutoffs, _reason(names[best], list(weights), len(names), cutoffs))


def _beyond_chance(pairs: Pairs, errors: Floats) -> bool:
    """Whether the first of two rows of errors (2, P) is higher than the second beyond chance."""
    differences = errors[0] - errors[1]
    series = pairs.by_series(differences)
    sample = series if len(series) >= MIN_SERIES else _by_cutoff(pairs, differences)
    sample = sample[np.isfinite(sample)]
    if len(sample) < 2:
        return False
    return bool(sample.mean() > CHANCE * sample.std(ddof=1) / np.sqrt(len(sample)))


def _by_cutoff(pairs: Pairs, values: Floats) -> Floats:
    return np.array([mean_known(values[pairs.windows == window]) for window in np.unique(pairs.windows)])


def _or_none(figure: float) -> float | None:
    return round(figure, 4) if np.isfinite(figure) else None


def _reason(best: str, kept: list[str], candidates: int, cutoffs: int) -> str:
    at = f"at {counted(cutoffs, 'earlier cutoff')}"
    if candidates == 1:
        return f"{best} is the only model that could be measured {at}."
    if len(kept) == 1:
        return f"{best} had the lowest error {at}, and every other model was worse beyond chance."
    others = and_joined([name for name in kept if name != best])
    verb = "was" if len(kept) == 2 else "were"
    return f"{best} had the lowest error {at}, and {others} {verb} not worse beyond chance: the mean of them is kept."
