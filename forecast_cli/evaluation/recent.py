"""Compare a newly trained model with the earlier model in the model directory, at the same recent cutoffs."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.backtest import already_fitted, rolling
from forecast_cli.evaluation.folds import Fold, rolling_folds
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.forecasting import Forecaster
from forecast_cli.panel.panel import Panel

MAX_CUTOFFS = 3


def recent_folds(panel: Panel, held_out: Fold) -> list[Fold]:
    """Folds for the comparison with an earlier model. All their forecast steps are in the holdout of the panel.

    There are at most MAX_CUTOFFS folds, and their horizon is half of the holdout. `held_out` is the fold whose actual
    values are the holdout; series that it does not score are left out. In each row, x is known and y is forecast:

    held out   x x x x x x x x y y y y y y y y
    fold 0     x x x x x x x x y y y y
    fold 1     x x x x x x x x x x y y y y
    fold 2     x x x x x x x x x x x x y y y y

    The list is empty if there is no holdout.
    """
    if len(held_out.rows) == 0:
        return []
    series = panel.select(np.flatnonzero(np.isin(panel.ids, held_out.known.ids)))
    horizon = max(1, held_out.horizon // 2)
    spare = held_out.horizon - horizon
    step_size = max(1, spare // (MAX_CUTOFFS - 1))
    return rolling_folds(series, horizon, min(MAX_CUTOFFS, spare // step_size + 1), step_size)


def recent_errors(new: Forecaster, old: Forecaster, folds: list[Fold]) -> tuple[float, float] | None:
    """Return (MASE of the new model, MASE of the old model), for pairs of a series and a cutoff that both forecast.

    The models are not fitted again. Returns None if there are no folds, or if one of the two models has no MASE.
    """
    if not folds:
        return None
    new_name, old_name = "the new model", "the earlier model"
    fits = {new_name: already_fitted(new), old_name: already_fitted(old)}
    pairs = Pairs.of(list(rolling(folds, fits, refit=False)))
    both = pairs.only(pairs.complete(new_name) & pairs.complete(old_name), [new_name, old_name])
    errors = both.figure("mase", new_name), both.figure("mase", old_name)
    return errors if np.isfinite(errors).all() else None
