"""What is asked of every model: to be fitted to a panel, and then to forecast one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.panel import Panel

Progress = Callable[[int, int, float], None]
"""Called with (steps done, steps in all, loss)."""


class Forecaster(Protocol):
    """Forecasts a panel from nothing but the panel."""

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series of `panel`.

        A series that cannot be forecast gets NaN.
        """
        ...


class Model(Protocol):
    """What is yet to be fitted."""

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        """The forecaster that has learned from `panel` and from nothing else."""
        ...
