"""The seasonal naive forecast, in NumPy."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.metrics import Floats
from forecast_cli.panel.arrays import fill_missing
from forecast_cli.panel.panel import Panel


def naive_forecast(panel: Panel, horizon: int) -> Floats:
    """(n, horizon) the last season of each series, repeated; without a season, the last value.

    It is the forecast of the method "seasonal-naive", for all series at once. NaN for a series shorter than a season.

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
