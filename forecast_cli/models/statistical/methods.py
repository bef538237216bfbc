"""The statistical methods that every claim is held against, fitted by statsforecast, a series at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.forecasting import Forecast
from forecast_cli.models.statistical.workers import spread
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats, fill_missing

MEDIAN_OF = ("theta", "ets", "arima", "ces")

WINDOW_WITHOUT_SEASON = 4
"""Points that `window-average` averages where there is no season to take its length from."""

UNMEASURED_BUDGET = 13
"""The series budget of a method that is asked for by its name in statsforecast."""

SECONDS_IN_BUDGET = 10
SECONDS_WORTH_SPREADING = 5
"""Estimated time from which on the series are spread over the cores; starting the processes takes about three."""


@dataclass(frozen=True)
class Method:
    """A statistical method.

    create:         season length -> an unfitted model, with the `forecast` of those of statsforecast
    series_budget:  how many series of 100 points and a season of 12 one core gets through in about ten seconds
    season_power:   the power that its time grows with, of a season longer than 12
    linear_to:      points of a series from which on its time grows with the square of their number
    """

    create: Callable[[int], Any]
    series_budget: int
    season_power: int = 1
    linear_to: float = np.inf


def _of_library(name: str) -> Callable[[int], Any]:
    def create(season_length: int) -> Any:
        model = load_library()[name]
        return model(season_length=season_length) if "season_length" in signature(model).parameters else model()

    return create


def _window_average(season_length: int) -> Any:
    return load_library()["WindowAverage"](season_length if season_length > 1 else WINDOW_WITHOUT_SEASON)


@cache
def load_library() -> dict[str, Any]:
    """The models of statsforecast by name; importing it takes two seconds, once."""
    from statsforecast import models

    return {name: getattr(models, name) for name in models.__all__}


@dataclass(frozen=True)
class MedianModel:
    """The median, step by step, of the forecasts of several models.

    A member that cannot be fitted to a series is left out there, as long as two others remain: with fewer it would be
    another model's forecast under this name.
    """

    members: tuple[Any, ...]

    def forecast(self, y: Floats, h: int) -> dict[str, Floats]:
        points = np.stack([_fitted(member, y, h) for member in self.members])
        return {"mean": median_of(points)}


def median_of(points: Floats) -> Floats:
    """(..., h) the median of the (m, ..., h) forecasts of m models, none of whose rows is finite in part alone.

    NaN where fewer than two models have a forecast.

    >>> median_of(np.array([[1.0, 2.0], [3.0, 6.0], [np.nan, np.nan]])).tolist()
    [2.0, 4.0]
    >>> median_of(np.array([[1.0, 2.0], [np.nan, np.nan]])).tolist()
    [nan, nan]
    """
    enough = np.isfinite(points).sum(axis=0) >= 2
    return np.where(enough, np.nanmedian(np.where(enough, points, 0.0), axis=0), np.nan)


def _median(season_length: int) -> MedianModel:
    return MedianModel(tuple(METHODS[member].create(season_length) for member in MEDIAN_OF))


METHODS = {
    "naive": Method(_of_library("Naive"), 1_000_000),
    "seasonal-naive": Method(_of_library("SeasonalNaive"), 1_000_000),
    "drift": Method(_of_library("RandomWalkWithDrift"), 1_000_000),
    "window-average": Method(_window_average, 1_000_000),
    "theta": Method(_of_library("DynamicOptimizedTheta"), 2_500, linear_to=1000),
    "ces": Method(_of_library("AutoCES"), 2_000),
    "ets": Method(_of_library("AutoETS"), 130),
    "arima": Method(_of_library("AutoARIMA"), 13, season_power=2),
    "median": Method(_median, 12, season_power=2),
}


def check(name: str, beside: Iterable[str] = ()) -> None:
    """Raise UsageError unless `name` is one of METHODS, or a model of statsforecast that can be had by its name alone.

    beside:  names that could have been given too

    Only a name that METHODS does not have makes statsforecast be imported, which takes two seconds.
    """
    if name in METHODS:
        return
    library = load_library()
    if name not in library:
        raise UsageError(
            f"There is no method {name!r}.{did_you_mean(name, [*beside, *METHODS, *library])}",
            f"Known are {', '.join([*beside, *METHODS])}, and the models of statsforecast, such as CrostonSBA.",
        )
    needed = _needed(library[name])
    if needed:
        raise UsageError(
            f"{name} cannot be used: it wants to be told {' and '.join(needed)}, which no option does.",
            f"Choose another method: {', '.join(METHODS)}.",
        )


def _needed(model: Any) -> list[str]:
    """What has to be told when a model is made, but for the season length."""
    told = signature(model).parameters.values()
    return [p.name for p in told if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name != "season_length"]


def _method(name: str) -> Method:
    return METHODS.get(name) or Method(_of_library(name), UNMEASURED_BUDGET)


@dataclass(frozen=True)
class StatisticalForecaster:
    """One method behind the protocol of every forecaster; each call fits it anew on what it is given.

    Raises UsageError where there is no method of that name, see `check`.
    """

    name: str

    def __post_init__(self) -> None:
        check(self.name)

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series.

        A series that the method cannot be fitted to gets NaN: nothing is forecast under another method's name.
        """
        filled, _ = fill_missing(panel)
        series = [filled[start:end] for start, end in zip(panel.indptr[:-1], panel.indptr[1:], strict=True)]
        each = partial(forecast_each, self.name, panel.season_length, horizon)
        point = spread(each, series) if estimated_seconds(self.name, panel) > SECONDS_WORTH_SPREADING else each(series)
        cutoff = panel.times[panel.indptr[1:] - 1]
        times = future_times(panel.freq, cutoff, horizon)
        return Forecast(panel.ids, cutoff, times, np.array(point).reshape(len(panel), horizon))


def forecast_each(name: str, season_length: int, horizon: int, series: Sequence[Floats]) -> list[Floats]:
    """(horizon,) forecasts of each series by a method; all NaN where it cannot be fitted."""
    create = _method(name).create
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [_fitted(create(season_length), y, horizon) for y in series]


def _fitted(model: Any, y: Floats, horizon: int) -> Floats:
    try:
        mean = np.asarray(model.forecast(y=y, h=horizon)["mean"], dtype=np.float64)
    except Exception:  # whatever a method stumbles over, its row says so
        return np.full(horizon, np.nan)
    return mean if np.isfinite(mean).all() else np.full(horizon, np.nan)


def affordable_rows(name: str, panel: Panel, seconds: float = SECONDS_IN_BUDGET) -> NDArray[np.intp]:
    """The series that a method is tried on: all, or where that would take long a sample, evenly spaced, or none.

    By what one core does in about so many seconds, an estimate, so that every machine tries the same series.
    """
    share = seconds / SECONDS_IN_BUDGET
    method = _method(name)
    affordable = int(min(share * method.series_budget / _cost(method, panel), len(panel)))
    return np.linspace(0, len(panel) - 1, affordable).round().astype(np.intp)


def _cost(method: Method, panel: Panel) -> float:
    """What the average series costs, beside one of 100 points and a season of 12."""
    season = max(panel.season_length, 4) / 12
    power = method.season_power if season > 1 else 1
    points = panel.lengths * np.maximum(panel.lengths / method.linear_to, 1)
    return max(float(points.mean()) / 100 * season**power, 0.01)


def estimated_seconds(name: str, panel: Panel) -> float:
    """The seconds that forecasting the panel may take one core; an estimate, the same on every machine."""
    method = _method(name)
    return SECONDS_IN_BUDGET * len(panel) * _cost(method, panel) / method.series_budget
