"""The forecast that needs no model: the last season again."""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.metrics import Floats
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import fill_missing


def naive_forecast(panel: Panel, horizon: int) -> Floats:
    """(n, horizon) the last season of each series repeated, the last value where there is no season.

    What the method "seasonal-naive" of `models.baselines` forecasts, at once for all series. NaN for a series that is
    shorter than a season.

    >>> panel = Panel(np.array(["a"]), "step", 2, np.array([0, 3]), np.array([1, 2, 3]), np.array([5.0, 1.0, 2.0]))
    >>> naive_forecast(panel, 3).tolist()
    [[1.0, 2.0, 1.0]]
    """
    season = panel.season_length
    values, _ = fill_missing(panel)
    forecast = np.full((len(panel), horizon), np.nan)
    whole = panel.lengths >= season
    forecast[whole] = values[(panel.indptr[1:][whole] - season)[:, None] + np.arange(horizon) % season]
    return forecast
