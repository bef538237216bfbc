"""What every forecaster can do."""

from __future__ import annotations

from typing import Protocol

from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.panel import Panel


class Forecaster(Protocol):
    """Forecasts a panel from nothing but the panel."""

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series of `panel`."""
        ...
