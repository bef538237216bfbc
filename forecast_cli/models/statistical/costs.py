"""Estimates of the time that statistical methods take. They are the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.models.statistical.methods import Method, method_of
from forecast_cli.panel.panel import Panel

SECONDS_IN_BUDGET = 10
"""The seconds in which one core forecasts `Method.series_budget` series, each of 100 points with season length 12."""


def affordable_rows(name: str, panel: Panel, seconds: float = SECONDS_IN_BUDGET) -> NDArray[np.intp]:
    """The indices of the series that a method is tried on: all, or as many as one core can forecast in `seconds`.

    The indices are evenly spaced. The time is an estimate that does not depend on the machine, so the same series are
    tried on every machine.
    """
    share = seconds / SECONDS_IN_BUDGET
    method = method_of(name)
    affordable = int(min(share * method.series_budget / _cost(method, panel), len(panel)))
    return np.linspace(0, len(panel) - 1, affordable).round().astype(np.intp)


def _cost(method: Method, panel: Panel) -> float:
    """The estimated computing time of a method for one series of the panel, on average, relative to a standard series.

    The standard series has 100 points and season length 12: a result of 2.0 means twice its time.
    """
    season = max(panel.season_length, 4) / 12
    power = method.season_power if season > 1 else 1
    points = panel.lengths * np.maximum(panel.lengths / method.linear_to, 1)
    return max(float(points.mean()) / 100 * season**power, 0.01)


def estimated_seconds(name: str, panel: Panel) -> float:
    """How many seconds one core needs to forecast the panel by a method. This estimate is the same on every machine."""
    method = method_of(name)
    return SECONDS_IN_BUDGET * len(panel) * _cost(method, panel) / method.series_budget
