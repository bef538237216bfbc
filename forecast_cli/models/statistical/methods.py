"""Statistical methods, each fitted to one series at a time by statsforecast."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel
from forecast_cli.words import and_joined

MEDIAN_OF = ("theta", "ets", "arima", "ces")

WINDOW_WITHOUT_SEASON = 4
"""Number of points that `window-average` averages without a season; with a season, it averages one season."""

UNMEASURED_BUDGET = 13
"""`series_budget` of a statsforecast model that is not in METHODS."""

SECONDS_IN_BUDGET = 10


@dataclass(frozen=True)
class Method:
    """A statistical method.

    create:         season length -> an unfitted model with the `forecast` method of statsforecast's models
    series_budget:  number of series (100 points, season length 12) that one core forecasts in about 10 seconds
    season_power:   the time grows with this power of the season length if that is above 12; otherwise linearly
    linear_to:      number of points up to which the time for a series grows linearly; above it, with the square
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
    """The models of statsforecast by name. The first call imports it, which takes 2 seconds."""
    from statsforecast import models

    return {name: getattr(models, name) for name in models.__all__}


@dataclass(frozen=True)
class MedianModel:
    """The median of several models' forecasts, step by step.

    For each series, models that cannot be fitted to it are left out. NaN if fewer than two remain.
    """

    members: tuple[Any, ...]

    def forecast(self, y: Floats, h: int) -> dict[str, Floats]:
        points = np.stack([_fitted(member, y, h) for member in self.members])
        return {"mean": median_of(points)}


def median_of(points: Floats) -> Floats:
    """(..., h) the median of the forecasts (m, ..., h) of m models; NaN where fewer than two have a forecast.

    A model's forecast of a series is finite at every step or at none.

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


def check(name: str, others: Iterable[str] = ()) -> None:
    """Raise UsageError unless `name` is one of METHODS, or a model of statsforecast that needs no further argument.

    others:  further valid names, for the message

    statsforecast is imported only for a name that is not in METHODS.
    """
    if name in METHODS:
        return
    library = load_library()
    if name not in library:
        known = list(dict.fromkeys([*others, *METHODS]))
        raise UsageError(
            f"There is no method {name!r}.{did_you_mean(name, [*known, *library])}",
            f"Use one of {', '.join(known)}, or a model of statsforecast, such as CrostonSBA.",
        )
    needed = _needed(library[name])
    if needed:
        raise UsageError(
            f"{name} cannot be used: it needs {and_joined(needed)}, for which there is no option.",
            f"Choose another method: {', '.join(METHODS)}.",
        )


def _needed(model: Any) -> list[str]:
    """The names of a model's arguments that have no default, except season_length."""
    arguments = signature(model).parameters.values()
    return [
        p.name for p in arguments if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name != "season_length"
    ]


def _method(name: str) -> Method:
    return METHODS.get(name) or Method(_of_library(name), UNMEASURED_BUDGET)


def forecast_each(name: str, season_length: int, horizon: int, series: Sequence[Floats]) -> list[Floats]:
    """The forecast (horizon,) of each series by a method; all NaN for a series that it cannot be fitted to."""
    create = _method(name).create
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [_fitted(create(season_length), y, horizon) for y in series]


def _fitted(model: Any, y: Floats, horizon: int) -> Floats:
    try:
        mean = np.asarray(model.forecast(y=y, h=horizon)["mean"], dtype=np.float64)
    except Exception:  # any failure of a method shows as NaN
        return np.full(horizon, np.nan)
    return mean if np.isfinite(mean).all() else np.full(horizon, np.nan)


def affordable_rows(name: str, panel: Panel, seconds: float = SECONDS_IN_BUDGET) -> NDArray[np.intp]:
    """The rows of the series that a method is tried on: all, or as many as one core can forecast in `seconds`.

    They are evenly spaced. The time is an estimate that does not depend on the machine, so every machine tries the same
    series.
    """
    share = seconds / SECONDS_IN_BUDGET
    method = _method(name)
    affordable = int(min(share * method.series_budget / _cost(method, panel), len(panel)))
    return np.linspace(0, len(panel) - 1, affordable).round().astype(np.intp)


def _cost(method: Method, panel: Panel) -> float:
    """Mean time for a series, in units of the time for a series of 100 points with a season of 12."""
    season = max(panel.season_length, 4) / 12
    power = method.season_power if season > 1 else 1
    points = panel.lengths * np.maximum(panel.lengths / method.linear_to, 1)
    return max(float(points.mean()) / 100 * season**power, 0.01)


def estimated_seconds(name: str, panel: Panel) -> float:
    """Estimated seconds for one core to forecast the panel; the same on every machine."""
    method = _method(name)
    return SECONDS_IN_BUDGET * len(panel) * _cost(method, panel) / method.series_budget
