"""Models simple enough that their forecasts are known beforehand; each is a fit function of the backtest too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from forecast_cli.forecasting import Forecast, Forecaster, Progress
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel


@dataclass
class Repeat:
    """Repeats the last value, plus something; fails on the series `not_on`, and keeps the panels it was fitted to."""

    plus: float = 0.0
    not_on: tuple[str, ...] = ()
    fitted_to: list[Panel] = field(default_factory=list)
    name: str = "network"

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return {}

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        self.fitted_to.append(panel)
        for done in (1, 2):
            progress(done, 2, 0.5)
        return self

    __call__ = fit

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Nothing is held back."""

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        ends = panel.indptr[1:] - 1
        last = np.where(np.isin(panel.ids, self.not_on), np.nan, panel.values[ends] + self.plus)
        times = future_times(panel.freq, panel.times[ends], horizon)
        return Forecast(panel.ids, panel.times[ends], times, np.repeat(last[:, None], horizon, axis=1))


@dataclass
class Raising:
    """Raises an exception in the first `times` calls of `fit`."""

    times: int = 10

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        self.times -= 1
        if self.times >= 0:
            raise ValueError("nothing to hold on to")
        return Repeat().fit(panel, progress)

    __call__ = fit
