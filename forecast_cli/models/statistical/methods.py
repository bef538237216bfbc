"""The table of statistical methods. A method is a model of statsforecast, or a combination of several, and is fitted
to each series separately."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from inspect import signature
from operator import attrgetter
from typing import Any, Self

import numpy as np

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.models.statistical.regressors import Regressors
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.seasons import long_lag
from forecast_cli.words import and_joined

MEDIAN_OF = ("theta", "ets", "arima", "ces")
"""The methods whose median is the method `median`."""

WINDOW_WITHOUT_SEASON = 4
"""The number of points that `window-average` averages if the season length is 1. Otherwise it averages one season."""

UNMEASURED_BUDGET = 13
"""The `series_budget` of a model of statsforecast that is not in METHODS, whose time was not measured."""

MAX_KEPT = 1000
"""The largest number of forecasts, each of one series, that a process caches."""


Series = tuple[Floats, Regressors | None]
"""The values (length,) of a series, and its regressors, if the method takes them."""


@dataclass(frozen=True)
class Method:
    """A statistical method.

    summary:        description in one line
    create:         a function from the season length to an unfitted model, which has the method `forecast` of the
                    models of statsforecast
    series_budget:  how many series of 100 points, with season length 12, one core forecasts in about 10 seconds
    season_power:   for season lengths above 12, the time grows with this power of the season length; up to 12, linearly
    takes_regressors:  whether it can use covariates that are known ahead
    linear_to:      up to this number of points in a series, the time grows linearly; above, with the square
    season:         a function from a panel to the season length of the method
    """

    summary: str
    create: Callable[[int], Any]
    series_budget: int
    season_power: int = 1
    linear_to: float = np.inf
    takes_regressors: bool = False
    season: Callable[[Panel], int] = attrgetter("season_length")

    @property
    def knows_long_season(self) -> bool:
        return self.season is _long_lag


def _of_library(name: str) -> Callable[[int], Any]:
    def create(season_length: int) -> Any:
        model = load_library()[name]
        return model(season_length=season_length) if "season_length" in signature(model).parameters else model()

    return create


def _window_average(season_length: int) -> Any:
    return load_library()["WindowAverage"](season_length if season_length > 1 else WINDOW_WITHOUT_SEASON)


def _long_lag(panel: Panel) -> int:
    return long_lag(panel.freq, panel.season_length, panel.long_seasons)


@cache
def load_library() -> dict[str, Any]:
    """The models of statsforecast: name -> class. The first call imports statsforecast, which takes 2 seconds."""
    from statsforecast import models

    return {name: getattr(models, name) for name in models.__all__}


@dataclass(frozen=True)
class MedianModel:
    """The median of the forecasts of the methods in MEDIAN_OF, for each step.

    Methods that cannot be fitted to a series are left out for it. If fewer than two are left, the forecast is NaN.

    season_length:  in steps
    fitted:         the models after `fit`, one for each method; None for one that could not be fitted
    """

    season_length: int
    fitted: tuple[Any, ...] = ()

    def forecast(self, y: Floats, h: int) -> dict[str, Floats]:
        return {"mean": median_of(np.stack([_forecast(name, self.season_length, h, y) for name in MEDIAN_OF]))}

    def fit(self, y: Floats) -> Self:
        models = (create_model(name, self.season_length) for name in MEDIAN_OF)
        return replace(self, fitted=tuple(fit_model(model, y) for model in models))

    def forward(self, y: Floats, h: int) -> dict[str, Floats]:
        return {"mean": median_of(np.stack([forward(model, y, h) for model in self.fitted]))}


def median_of(points: Floats) -> Floats:
    """(..., h) the median of the forecasts of m models; NaN where fewer than two have a forecast.

    points: (m, ..., h) the forecasts. Each model's forecast of a series is finite at all steps, or at none

    >>> median_of(np.array([[1.0, 2.0], [3.0, 6.0], [np.nan, np.nan]])).tolist()
    [2.0, 4.0]
    >>> median_of(np.array([[1.0, 2.0], [np.nan, np.nan]])).tolist()
    [nan, nan]
    """
    enough = np.isfinite(points).sum(axis=0) >= 2
    return np.where(enough, np.nanmedian(np.where(enough, points, 0.0), axis=0), np.nan)


METHODS = {
    "naive": Method("the last value", _of_library("Naive"), 1_000_000),
    "seasonal-naive": Method("the values one season ago", _of_library("SeasonalNaive"), 1_000_000),
    "long-naive": Method(
        "the values one long season ago, such as a year of days",
        _of_library("SeasonalNaive"),
        1_000_000,
        season=_long_lag,
    ),
    "drift": Method("a line through the first and the last value", _of_library("RandomWalkWithDrift"), 1_000_000),
    "window-average": Method("the mean of the last season", _window_average, 1_000_000),
    "theta": Method(
        "the Theta method, optimised and dynamic", _of_library("DynamicOptimizedTheta"), 2_500, linear_to=1000
    ),
    "ces": Method("complex exponential smoothing", _of_library("AutoCES"), 2_000),
    "ets": Method("exponential smoothing, chosen by AICc", _of_library("AutoETS"), 130),
    "arima": Method(
        "ARIMA, chosen by AICc",
        _of_library("AutoARIMA"),
        13,
        season_power=2,
        linear_to=1500,
        takes_regressors=True,
    ),
    "median": Method("the median of theta, ets, arima and ces", MedianModel, 12, season_power=2, linear_to=1500),
}


def check(name: str, others: Iterable[str] = ()) -> None:
    """Raise UsageError if there is no statistical method of this name.

    Valid names are those in METHODS, and models of statsforecast that need no argument except the season length. For
    the latter, statsforecast is imported.

    others:  further names that are valid here
    """
    if name in METHODS:
        return
    library = load_library()
    if name not in library:
        known = list(dict.fromkeys([*others, *METHODS]))
        listed = "one that 'forecast models' lists" if others else f"one of {', '.join(METHODS)}"
        raise UsageError(
            f"There is no method {name!r}.{did_you_mean(name, [*known, *library])}",
            f"Use {listed}, or a model of statsforecast, such as CrostonSBA.",
        )
    needed = _needed(library[name])
    if needed:
        raise UsageError(
            f"{name} cannot be used: it needs {and_joined(needed)}, for which there is no option.",
            f"Choose another method: {', '.join(METHODS)}.",
        )


def _needed(model: Any) -> list[str]:
    """The names of the arguments that a class of statsforecast needs, except season_length."""
    arguments = signature(model).parameters.values()
    return [
        p.name for p in arguments if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name != "season_length"
    ]


def method_of(name: str) -> Method:
    return METHODS.get(name) or Method("a model of statsforecast", _of_library(name), UNMEASURED_BUDGET)


def season_of(name: str, panel: Panel) -> int:
    """The season length that the method with this name has for a panel, in steps."""
    return method_of(name).season(panel)


def equals_simpler_method(name: str, panel: Panel) -> bool:
    """Whether a method gives the same forecast as a simpler one, because the panel does not have the season it needs.

    Without a season, `seasonal-naive` is the same as `naive`. Without a long season, `long-naive` is the same as
    `seasonal-naive`. The result is False for all other methods.
    """
    match name:
        case "seasonal-naive":
            return panel.season_length == 1
        case "long-naive":
            return _long_lag(panel) == panel.season_length
    return False


def repeats_long_season(panel: Panel) -> bool:
    """Whether `long-naive` is useful for a panel.

    It must differ from `seasonal-naive`, and all series must be longer than the long season.
    """
    if equals_simpler_method("long-naive", panel):
        return False
    return bool((panel.lengths > max(_long_lag(panel), panel.long_seasons[-1])).all())


def takes_regressors(name: str) -> bool:
    """Whether the method with this name can use covariates that are known ahead."""
    return method_of(name).takes_regressors


def forecast_each(name: str, season_length: int, horizon: int, series: Sequence[Series]) -> list[Floats]:
    """The forecast (horizon,) of each series, by the method with this name; NaN if it cannot be fitted to a series."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [_forecast(name, season_length, horizon, y, regressors) for y, regressors in series]


def _forecast(name: str, season_length: int, horizon: int, y: Floats, regressors: Regressors | None = None) -> Floats:
    known = None if regressors is None else tuple((each.shape, each.tobytes()) for each in regressors)
    point = _known_forecast(name, season_length, horizon, np.asarray(y, dtype=np.float64).tobytes(), known)
    return np.frombuffer(point)


@lru_cache(maxsize=MAX_KEPT)
def _known_forecast(
    name: str, season_length: int, horizon: int, y: bytes, regressors: tuple[tuple[tuple[int, ...], bytes], ...] | None
) -> bytes:
    """The forecast (horizon,) of one series, cached; NaN if the method fails.

    Values, regressors and forecast are float64 arrays as bytes, because a cache needs arguments that can be hashed.
    `regressors` has the shape and the bytes of each array.

    `train` forecasts the same part of a series several times: for the weights of a blend and for the table of scores.
    """
    arrays = [np.frombuffer(content).reshape(shape) for shape, content in regressors or ()]
    known = dict(zip(("X", "X_future"), arrays, strict=False))
    try:
        model = create_model(name, season_length)
        mean = np.asarray(model.forecast(y=np.frombuffer(y).copy(), h=horizon, **known)["mean"], dtype=np.float64)
    except Exception:  # any failure of a method shows as NaN
        mean = np.full(horizon, np.nan)
    return (mean if np.isfinite(mean).all() else np.full(horizon, np.nan)).tobytes()


def create_model(name: str, season_length: int) -> Any:
    """The unfitted model of the method with this name."""
    return method_of(name).create(season_length)


def fit_model(model: Any, y: Floats, regressors: Regressors | None = None) -> Any:
    """A model fitted to a series; None if it cannot be fitted to it."""
    known = {} if regressors is None else {"X": regressors[0]}
    try:
        return model.fit(y, **known)
    except Exception:  # `forward` then returns NaN
        return None


def forward(model: Any, y: Floats, horizon: int, regressors: Regressors | None = None) -> Floats:
    """(horizon,) the forecast after `y` by a fitted model, whose parameters stay the same; NaN if it fails.

    model: as `fit_model` returns it
    """
    unknown = np.full(horizon, np.nan)
    if model is None:
        return unknown
    known = {} if regressors is None else {"X": regressors[0], "X_future": regressors[1]}
    try:
        mean = np.asarray(model.forward(y, horizon, **known)["mean"], dtype=np.float64)
    except Exception:  # any failure of a method shows as NaN
        return unknown
    return mean if np.isfinite(mean).all() else unknown
