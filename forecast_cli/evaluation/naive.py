"""The seasonal naive forecast, computed with NumPy for all series at once."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.metrics import Floats
from forecast_cli.panel.arrays import fill_missing
from forecast_cli.panel.panel import Panel


def naive_forecast(panel: Panel, horizon: int) -> Floats:
    """(n, horizon) the forecast of the method "seasonal-naive": the last season of each series is repeated.

    If the season length is 1, the last value is repeated. Missing values are filled first, see `fill_missing`. A series
    shorter than a season gets NaN.

    >>> panel = Panel(np.array(["a"]), "step", 2, np.array([0, 3]), np.array([1, 2, 3]), np.array([5.0, 1.0, 2.0]))
    >>> naive_forecast(panel, 3).tolist()
    [[1.0, 2.0, 1.0]]
    """
    season = panel.season_length
    values, _ = fill_missing(panel)
    forecast = np.full((len(panel), horizon), np.nan)
    long_enough = panel.lengths >= season
    starts = panel.indptr[1:][long_enough] - season
    forecast[long_enough] = values[starts[:, None] + np.arange(horizon) % season]
    return forecast
