"""The statistical methods that every claim is held against, fitted by statsforecast, a series at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.transforms import Floats, fill_missing


def _naive(_season_length: int) -> Any:
    from statsforecast.models import Naive

    return Naive()


def _seasonal_naive(season_length: int) -> Any:
    from statsforecast.models import SeasonalNaive

    return SeasonalNaive(season_length)


def _ets(season_length: int) -> Any:
    from statsforecast.models import AutoETS

    return AutoETS(season_length)


def _theta(season_length: int) -> Any:
    from statsforecast.models import DynamicOptimizedTheta

    return DynamicOptimizedTheta(season_length)


def _arima(season_length: int) -> Any:
    from statsforecast.models import AutoARIMA

    return AutoARIMA(season_length=season_length)


@dataclass(frozen=True)
class Method:
    """A method of statsforecast.

    create:         season length -> an unfitted model
    series_budget:  how many series of 100 points and a season of 12 it gets through in about ten seconds
    """

    create: Callable[[int], Any]
    series_budget: int


METHODS = {
    "naive": Method(_naive, 1_000_000),
    "seasonal-naive": Method(_seasonal_naive, 1_000_000),
    "ets": Method(_ets, 400),
    "theta": Method(_theta, 4_000),
    "arima": Method(_arima, 40),
}


@dataclass(frozen=True)
class StatisticalForecaster:
    """One method behind the protocol of every forecaster; each call fits it anew on what it is given."""

    name: str

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series.

        A series that the method cannot be fitted to gets NaN: nothing is forecast under another method's name.
        """
        filled, _ = fill_missing(panel)
        point = np.full((len(panel), horizon), np.nan)
        for row, (start, end) in enumerate(zip(panel.indptr[:-1], panel.indptr[1:], strict=True)):
            point[row] = self._forecast(filled[start:end], panel.season_length, horizon)
        cutoff = panel.times[panel.indptr[1:] - 1]
        return Forecast(panel.ids, cutoff, future_times(panel.freq, cutoff, horizon), point)

    def _forecast(self, y: Floats, season_length: int, horizon: int) -> Floats:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                mean = METHODS[self.name].create(season_length).forecast(y=y, h=horizon)["mean"]
            except Exception:  # whatever a method stumbles over, its row says so
                return np.full(horizon, np.nan)
        return np.asarray(mean, dtype=np.float64)


def affordable_rows(name: str, panel: Panel) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The series that a method is tried on: all, or where that would take long a sample, evenly spaced, or none."""
    cost = max(float(panel.lengths.mean()) * max(panel.season_length, 4) / 1200, 0.01)
    affordable = int(min(METHODS[name].series_budget / cost, len(panel)))
    return np.linspace(0, len(panel) - 1, affordable).round().astype(np.intp)
