"""Compute the errors of a model with the options of a trial on each fold, by the rolling-origin loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.errors import DataError
from forecast_cli.evaluation.backtest import Fit, Run, rolling
from forecast_cli.evaluation.folds import Fold, points_needed, rolling_folds
from forecast_cli.evaluation.metrics import ERROR_METRICS
from forecast_cli.evaluation.pairs import Pairs
from forecast_cli.forecasting import Forecaster, Progress
from forecast_cli.models.network.training import UPDATE_STEPS
from forecast_cli.models.table import model_of
from forecast_cli.models.training import Training
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.season_search import with_season_before
from forecast_cli.tuning.clock import Clock
from forecast_cli.tuning.space import applied
from forecast_cli.tuning.trials import Given

MAX_FOLDS, MIN_FOLDS = 3, 2

Watch = Callable[[float, float], None]
"""A function that is called during a training with two arguments: the finished fraction (0 to 1), and the estimated
seconds until the next call or the end of the training; 0 if they are few. It may raise an exception to end the
training."""


@dataclass(frozen=True)
class Split:
    """The folds of a tuning: `folds` to compare the trials, and `outer` to test the best trial at the end.

    outer   x x x x x x x x x x x x o o o      the steps o are used in no fold that compares trials
    fold 0  x x x x x x y y y
    fold 1  x x x x x x x x x y y y

    folds:   MIN_FOLDS to MAX_FOLDS folds, the earliest first; every trial is scored on these
    outer:   the actual values are the last steps of each series; only the best trial and the defaults are scored on it
    metric:  the name of the metric of all errors: "mase", or "smape" if MASE is defined on fewer than MIN_FOLDS folds
    """

    folds: tuple[Fold, ...]
    outer: Fold
    metric: str

    @property
    def horizon(self) -> int:
        return self.outer.horizon

    @classmethod
    def of(cls, panel: Panel, horizon: int) -> Split:
        """Split a panel. The horizon may be at most `longest_horizon(panel)`.

        Raises DataError if so many values are missing that forecasts can be scored on fewer than `MIN_FOLDS` folds.
        """
        panel = with_season_before(panel, (MAX_FOLDS + 1) * horizon)
        outer = rolling_folds(panel, horizon, 1, horizon)[0]
        inner = rolling_folds(outer.past, horizon, MAX_FOLDS, horizon)
        for metric in ("mase", "smape"):
            folds = tuple(fold for fold in inner if _is_defined(metric, fold))
            if len(folds) >= MIN_FOLDS:
                return cls(folds, outer, metric)
        raise DataError(
            f"Too few values are known after the last {MAX_FOLDS} cutoffs to score forecasts.",
            "Give data with fewer gaps.",
        )


def longest_horizon(panel: Panel) -> int:
    """The longest horizon for which the longest series has enough points; 0 if there is none."""
    longest = int(panel.lengths.max(initial=0))
    return next((horizon for horizon in range(longest, 0, -1) if length_needed(panel, horizon) <= longest), 0)


def length_needed(panel: Panel, horizon: int) -> int:
    """The number of points that a series needs to be scored on `MIN_FOLDS` folds and on the outer fold."""
    return points_needed(panel, horizon) + (MIN_FOLDS + 1) * horizon


def _is_defined(metric: str, fold: Fold) -> bool:
    """Whether the metric is defined for at least one series of the fold."""
    scale = ERROR_METRICS[metric].scale
    scales = [scale(fold.known)] if scale else []
    return bool(np.isfinite(ERROR_METRICS[metric].error(fold.actual, np.zeros_like(fold.actual), *scales)).any())


@dataclass(frozen=True)
class Scorer:
    """Trains one model with the options of a trial.

    name:             the name of the model
    model, training:  the user's own options, with the horizon
    clock:            measures the time of the trainings
    """

    name: str
    model: ModelConfig
    training: TrainConfig
    clock: Clock

    def fit(self, options: Mapping[str, Given], watch: Watch) -> Fit:
        """A function that fits the model with these options to all points up to a cutoff, like `fit_completely`.

        options:  name -> value of each option of the trial; all others are those of the user
        watch:    is called during each training
        """
        model = model_of(self.name, Training(*applied(options, self.model, self.training)))

        def fit(past: Panel, progress: Progress) -> Forecaster:
            started = self.clock.now()

            def watched(done: int, total: int, loss: float) -> None:
                watch(done / total, 0.0)
                progress(done, total, loss)

            forecaster = model.fit(past, watched)
            watch(1.0, UPDATE_STEPS * (self.clock.now() - started))
            forecaster.update(past)
            return forecaster

        return fit


def errors_on(folds: Sequence[Fold], fits: Mapping[str, Fit], metric: str) -> Iterator[tuple[Fold, float]]:
    """Yield each fold and the error of a model on it; NaN if the model did not forecast every series.

    fits:    name of the model -> function that fits it; exactly one
    metric:  the name of the error, such as "mase"
    """
    for run in rolling(folds, fits, report=lambda *_: None):
        yield run.fold, _error(run, metric)


def _error(run: Run, metric: str) -> float:
    pairs = Pairs.of([run])
    return pairs.figure(metric, run.model) if pairs.complete(run.model).all() else math.nan
