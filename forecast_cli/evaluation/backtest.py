"""The rolling-origin loop: at each cutoff, every model is fitted to the data up to it and forecasts the steps after it.

The program has only this one loop. Backtests, the holdout of `train`, the weights of a blend, the selection of `auto`
and the comparison with an earlier model all use it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.activity import doing
from forecast_cli.errors import UsageError
from forecast_cli.evaluation.folds import Fold
from forecast_cli.forecasting import Forecast, Forecaster, Model, Progress, all_members, no_progress
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

OnProgress = Callable[[float, str], None]
"""A function that is called during a backtest, with two arguments: the finished fraction (0 to 1), and what is being
done, as text."""

Fit = Callable[[Panel, Progress], Forecaster]
"""A function that fits a model to the past of a fold, reports progress, and returns the forecaster."""


@dataclass(frozen=True)
class Run:
    """The forecast of one model on one fold.

    model:            the name of the model
    number:           the number of the fold; the earliest fold has 0
    fold:             the fold itself
    forecast:         the forecasts of the k scored series; NaN where the model failed
    fit_seconds:      how long fitting took; about 0 if the model was not fitted on this fold, or is fitted while it
                      predicts
    predict_seconds:  how long predicting took
    """

    model: str
    number: int
    fold: Fold
    forecast: Forecast
    fit_seconds: float
    predict_seconds: float

    @property
    def done(self) -> NDArray[np.bool_]:
        """(k,) whether the model gave a forecast for every step of each series."""
        return np.asarray(np.isfinite(self.forecast.point).all(axis=1))


def fit_completely(model: Model) -> Fit:
    """A function that fits a model to all points up to the cutoff, and returns the forecaster.

    `model.fit` alone does not train a network on the last steps: it needs them to choose the best epoch. `update` then
    trains it on these steps too.
    """

    def fit(past: Panel, progress: Progress) -> Forecaster:
        forecaster = model.fit(past, progress)
        forecaster.update(past)
        return forecaster

    return fit


def with_member(fit: Fit, name: str) -> tuple[Fit, Fit]:
    """Return two `Fit` functions for `rolling`: one for a model, and one for a member of it, such as its network.

    The second function fits nothing: it returns the member of the forecaster that the first function has just fitted.
    So the first must be called before the second on each fold.

    fit:   fits the model
    name:  the name of the member
    """
    latest: list[Forecaster] = []

    def fit_whole(past: Panel, progress: Progress) -> Forecaster:
        latest.clear()
        latest.append(fit(past, progress))
        return latest[0]

    def part(_past: Panel, _progress: Progress) -> Forecaster:
        if not latest:
            raise ValueError("it is a part of a model that could not be fitted")
        return all_members(latest[0])[name]

    return fit_whole, part


def already_fitted(forecaster: Forecaster) -> Fit:
    """A `Fit` function for `rolling` that fits nothing and returns this forecaster."""
    return lambda _past, _progress: forecaster


def rolling(
    folds: Sequence[Fold],
    fits: Mapping[str, Fit],
    *,
    refit: bool = True,
    report: OnProgress | None = None,
) -> Iterator[Run]:
    """Fit every model on every fold and forecast from its cutoff. Yields each run as soon as it is finished.

               fold 0          fold 1          fold 2
        lstm   fit, predict    fit, predict    fit, predict
        ets    fit, predict    fit, predict    fit, predict

    If a model raises an exception, its forecast of all series of the fold is NaN. The reason is logged, and the other
    models continue. Only a UsageError is raised: an option is wrong, so no fold can succeed.

    folds:  the earliest first
    fits:   name of a model -> function that fits it
    refit:  False fits each model once, on the earliest fold; this forecaster then predicts from all cutoffs
    report: is called as the runs proceed; None logs the start of each run instead
    """
    forecasters: dict[str, Forecaster] = {}
    total = len(folds) * len(fits)
    for number, fold in enumerate(folds):
        for position, (name, fit) in enumerate(fits.items()):
            what = f"cutoff {number + 1} of {len(folds)}, {name}"
            progress = _progress_within(number * len(fits) + position, total, what, report)
            started = between = time.monotonic()
            try:
                if refit or number == 0:
                    forecasters[name] = fit(fold.past, progress)
                between = time.monotonic()
                if name not in forecasters:
                    raise ValueError("it could not be fitted at the first cutoff")
                forecast = forecasters[name].predict(fold.known, fold.horizon)
            except UsageError:
                raise
            except Exception as error:  # one model's failure does not stop the others
                log.warning("%s failed at cutoff %d of %d: %s", name, number + 1, len(folds), error)
                log.debug("%s failed here:", name, exc_info=error)
                forecast = _no_forecast(fold)
            ended = time.monotonic()
            log.debug("%s took %.1f s at cutoff %d of %d.", name, ended - started, number + 1, len(folds))
            if report is not None:
                report((number * len(fits) + position + 1) / total, what)
            yield Run(name, number, fold, forecast, between - started, ended - between)


def _progress_within(done: int, total: int, what: str, report: OnProgress | None) -> Progress:
    """Report that a run begins, and return a function that reports the progress of its training.

    done:  the number of runs before this one
    total: the number of all runs
    what:  the run as text, such as "cutoff 1 of 3, lstm"
    """
    if report is None:
        doing(f"Scoring forecasts: {what}")
        return no_progress
    report(done / total, what)
    return lambda steps, all_steps, _loss: report((done + steps / max(all_steps, 1)) / total, what)


def _no_forecast(fold: Fold) -> Forecast:
    times = future_times(fold.past.freq, fold.cutoffs, fold.horizon)
    return Forecast(fold.known.ids, fold.cutoffs, times, np.full(fold.actual.shape, np.nan))
