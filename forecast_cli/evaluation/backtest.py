"""The rolling-origin loop: every model fitted on what precedes each cutoff, and asked for what follows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.folds import Fold
from forecast_cli.forecasting import Forecast, Forecaster, Model, Progress
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

Tell = Callable[[float, str], None]
"""Called with the share of the whole run that is done, and in words with what is being done and the time left."""


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
            report = pace.begin(window, name)
            started = between = time.monotonic()
            try:
                if refit or window == 0:
                    fitted[name] = model.fit(fold.past, report)
                between = time.monotonic()
                if name not in fitted:
                    raise ValueError("it could not be fitted at the first cutoff")
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
    """Tells how much of the whole run is done and how long the rest will take, if each fold takes as long as the last.

    In the first fold, what the models take that have not had their turn is not known: it takes at least so long.

    expected, measured:  the seconds that each model took in the fold before, and in this one
    """

    def __init__(self, names: list[str], folds: int, tell: Tell) -> None:
        self.names, self.folds, self.tell = names, folds, tell
        self.expected: dict[str, float] = {}
        self.measured: dict[str, float] = {}

    def begin(self, window: int, name: str) -> Progress:
        """Tell that `name` begins; the result is to be called as its fitting goes on."""
        if name == self.names[0]:
            self.expected, self.measured = self.measured, {}
        started = time.monotonic()
        first: list[tuple[float, float]] = []

        def report(done: int, total: int, _loss: float) -> None:
            """The first step, in which a network is compiled, says nothing on how long the others take."""
            part, elapsed = done / max(total, 1), time.monotonic() - started
            if not first:
                first.append((part, elapsed))
            part_before, elapsed_before = first[0]
            rest = None
            if part > part_before:
                rest = (1 - part) * (elapsed - elapsed_before) / (part - part_before)
            self._tell(window, name, part, self._seconds_left(window, name, elapsed, rest))

        self._tell(window, name, 0.0, self._seconds_left(window, name, 0.0, None))
        return report

    def end(self, name: str, seconds: float) -> None:
        self.measured[name] = seconds

    def _tell(self, window: int, name: str, part: float, seconds: float | None) -> None:
        least = "" if set(self.names) <= {*self.expected, *self.measured, name} else "at least "
        left = "" if seconds is None else f", {least}{timedelta(seconds=round(seconds))} left"
        self.tell((window + self._share(name, part)) / self.folds, f"cutoff {window + 1} of {self.folds}, {name}{left}")

    def _share(self, name: str, part: float) -> float:
        """The share of a fold that is done when `part` of this model is."""
        weights = [self.expected.get(model, 1.0) for model in self.names]
        at = self.names.index(name)
        return (sum(weights[:at]) + part * weights[at]) / (sum(weights) or 1.0)

    def _seconds_left(self, window: int, name: str, elapsed: float, rest: float | None) -> float | None:
        """For the whole run; `rest` is what the fitting that goes on may still take, used where no fold tells it."""
        if name in self.expected:
            rest = max(self.expected[name] - elapsed, 0.0)
        elif rest is None and not self.measured:
            return None
        rest = rest or 0.0
        later = sum(self.expected.get(model, 0.0) for model in self.names[self.names.index(name) + 1 :])
        fold = sum(self.measured.values()) + elapsed + rest + later
        return rest + later + (self.folds - window - 1) * fold
