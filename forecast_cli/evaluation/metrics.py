"""Accuracy, as pure functions of arrays.

Missing actual values (NaN) are left out of every mean; a mean over nothing is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]

ROUNDING = 1e-14
"""Differences below this share of a series' largest value are no more than its rounding."""


def mean_known(values: Floats) -> Floats:
    """Mean over the last axis of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def mae(actual: Floats, forecast: Floats) -> Floats:
    """Mean absolute error over the last axis.

    >>> float(mae(np.array([1.0, 2.0, np.nan]), np.array([2.0, 4.0, 9.0])))
    1.5
    """
    return mean_known(np.abs(actual - forecast))


def rmse(actual: Floats, forecast: Floats) -> Floats:
    """Root mean squared error over the last axis.

    >>> float(rmse(np.array([1.0, 2.0]), np.array([2.0, 9.0])))
    5.0
    """
    return np.sqrt(mean_known((actual - forecast) ** 2))


def smape(actual: Floats, forecast: Floats) -> Floats:
    """Symmetric mean absolute percentage error over the last axis, in percent, 0 to 200; 0 where both are 0.

    The M4 competition's definition: 200 |y - f| / (|y| + |f|) (Makridakis, Spiliotis and Assimakopoulos,
    International Journal of Forecasting 36, 2020).

    >>> float(smape(np.array([100.0, 0.0]), np.array([300.0, 0.0])))
    50.0
    """
    size = np.abs(actual) + np.abs(forecast)
    return mean_known(200 * np.abs(actual - forecast) / np.where(size > 0, size, 1.0))


def naive_scale(panel: Panel) -> Floats:
    """(n,) mean absolute error, within the panel, of repeating the value of one season before.

    Zero for a series that repeats itself but for rounding, NaN for one that is no longer than a season.
    """
    season = panel.season_length
    scale = np.array([mean_known(np.abs(y[season:] - y[:-season])) for y in panel.series()])
    largest = np.array([np.abs(np.nan_to_num(y)).max(initial=0) for y in panel.series()])
    return np.where(scale <= ROUNDING * largest, 0.0, scale)


def mase(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute scaled error: mean absolute error / `naive_scale`; NaN where the scale is 0.

    Hyndman and Koehler, International Journal of Forecasting 22, 2006.
    """
    return mae(actual, forecast) / np.where(scale > 0, scale, np.nan)
