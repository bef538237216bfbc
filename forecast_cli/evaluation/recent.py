"""A new model and the one it would replace, at the same recent cutoffs."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.folds import Fold, rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.forecasting import Forecaster
from forecast_cli.panel.panel import Panel

MOST_CUTOFFS = 3


def recent_folds(panel: Panel, held_out: Fold) -> list[Fold]:
    """Up to three folds within the steps that were held out of `panel`, each of half as many steps.

    held out   x x x x x x x x y y y y y y y y
    fold 0     x x x x x x x x y y y y
    fold 1     x x x x x x x x x x y y y y
    fold 2     x x x x x x x x x x x x y y y y

    None where nothing was held out.
    """
    if len(held_out.rows) == 0:
        return []
    series = panel.select(np.flatnonzero(np.isin(panel.ids, held_out.known.ids)))
    steps = max(1, held_out.horizon // 2)
    spare = held_out.horizon - steps
    apart = max(1, spare // (MOST_CUTOFFS - 1))
    return rolling_folds(series, steps, min(MOST_CUTOFFS, spare // apart + 1), apart)


def recent_errors(new: Forecaster, old: Forecaster, folds: list[Fold]) -> tuple[float, float] | None:
    """The mean MASE of each, over the series and cutoffs that both forecast; None where there are none."""
    if not folds:
        return None
    names = ["the new model", "the old model"]
    models = {name: already_fitted(model) for name, model in zip(names, (new, old), strict=True)}
    pairs = Pairs.of(list(rolling(folds, models, refit=False)))
    both = pairs.only(pairs.done(names[0]) & pairs.done(names[1]), names)
    errors = both.means(names[0])["mase"], both.means(names[1])["mase"]
    return errors if np.isfinite(errors).all() else None
