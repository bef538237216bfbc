"""The rolling-origin loop: every model fitted on what precedes each cutoff, and asked for what follows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.folds import Fold
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.forecaster import Forecaster, Model, Progress
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

Tell = Callable[[float, str], None]
"""Called with the share of the whole run that is done, and with what is being done."""


@dataclass(frozen=True)
class Run:
    """What one model made of one fold.

    window:           the number of the fold, from 0, the earliest
    forecast:         of the k series that are scored, NaN where the model failed
    fit_seconds:      0 where the model was not fitted anew, or is fitted while it predicts
    """

    model: str
    window: int
    fold: Fold
    forecast: Forecast
    fit_seconds: float
    predict_seconds: float

    @property
    def done(self) -> NDArray[np.bool_]:
        """(k,) the series that the model forecast."""
        return np.asarray(np.isfinite(self.forecast.point).all(axis=1))


@dataclass(frozen=True)
class Fitted:
    """A model that has nothing left to learn."""

    forecaster: Forecaster

    def fit(self, _panel: Panel, _progress: Progress) -> Forecaster:
        return self.forecaster


def rolling(
    folds: Sequence[Fold], models: Mapping[str, Model], *, refit: bool = True, tell: Tell = lambda _share, _what: None
) -> Iterator[Run]:
    """Run every model on every fold, fold by fold, and yield each result as soon as it is there.

               fold 0          fold 1          fold 2
        lstm   fit, predict    fit, predict    fit, predict
        ets    fit, predict    fit, predict    fit, predict

    Without `refit` a model is fitted on the earliest fold alone, and its forecaster predicts from each later cutoff.
    A model that raises has failed on all series of that fold: the reason is logged, the others go on.
    """
    pace = _Pace(list(models), len(folds), tell)
    fitted: dict[str, Forecaster] = {}
    for window, fold in enumerate(folds):
        for name, model in models.items():
            step = pace.begin(window, name)
            started = between = time.monotonic()
            try:
                if refit or name not in fitted:
                    fitted[name] = model.fit(fold.past, step)
                between = time.monotonic()
                forecast = fitted[name].predict(fold.known, fold.horizon)
            except Exception as error:  # whatever a model stumbles over is told under its own name
                log.warning("%s failed at cutoff %d of %d: %s", name, window + 1, len(folds), error)
                log.debug("Where %s failed:", name, exc_info=error)
                forecast = _nothing(fold)
            ended = time.monotonic()
            pace.end(name, ended - started)
            log.debug("%s at cutoff %d of %d took %.1f s.", name, window + 1, len(folds), ended - started)
            yield Run(name, window, fold, forecast, between - started, ended - between)


def _nothing(fold: Fold) -> Forecast:
    times = future_times(fold.past.freq, fold.cutoffs, fold.horizon)
    return Forecast(fold.known.ids, fold.cutoffs, times, np.full(fold.actual.shape, np.nan))


class _Pace:
    """Tells how much of the whole run is done, if each fold takes as long as the one before."""

    def __init__(self, names: list[str], folds: int, tell: Tell) -> None:
        self.names, self.folds, self.tell = names, folds, tell
        self.expected = dict.fromkeys(names, 1.0)
        self.measured: dict[str, float] = {}

    def begin(self, window: int, name: str) -> Progress:
        """Tell that `name` begins; the result is to be called as its fitting goes on."""
        if name == self.names[0] and self.measured:
            self.expected, self.measured = self.measured, {}
        before = sum(self.expected[earlier] for earlier in self.names[: self.names.index(name)])
        whole = sum(self.expected.values()) or 1.0
        what = f"cutoff {window + 1} of {self.folds}, {name}"

        def show(done: int, total: int, _loss: float) -> None:
            share = (before + self.expected[name] * done / max(total, 1)) / whole
            self.tell((window + share) / self.folds, what)

        show(0, 1, 0.0)
        return show

    def end(self, name: str, seconds: float) -> None:
        self.measured[name] = seconds
