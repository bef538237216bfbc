"""Accuracy, as pure functions of arrays.

Missing actual values (NaN) are left out of every mean; a mean over nothing is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import ROUNDING

Floats = NDArray[np.float64]


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


def wape(actual: Floats, forecast: Floats) -> Floats:
    """Weighted absolute percentage error over the last axis: the sum of absolute errors in percent of the sum of
    absolute values; NaN where that is 0.

    The MAD/Mean ratio of Kolassa and Schuetz, Foresight 6, 2007.

    >>> float(wape(np.array([1.0, 0.0, 3.0, 0.0]), np.array([2.0, 1.0, 3.0, 0.0])))
    50.0
    """
    return 100 * mae(actual, forecast) / _size(actual)


def bias(actual: Floats, forecast: Floats) -> Floats:
    """Mean of forecast - actual over the last axis, in percent of the mean absolute value; NaN where that is 0.

    Above 0 where too much is forecast. The same denominator as `wape`, so |bias| <= wape.

    >>> float(bias(np.array([1.0, 3.0]), np.array([2.0, 1.0])))
    -25.0
    """
    return 100 * mean_known(forecast - actual) / _size(actual)


def _size(actual: Floats) -> Floats:
    size = mean_known(np.abs(actual))
    return np.where(size > 0, size, np.nan)


def naive_scale(panel: Panel) -> Floats:
    """(n,) mean absolute error, within the panel, of repeating the value of one season before.

    Zero for a series that repeats itself but for rounding, NaN for one that is no longer than a season.
    """
    return _naive_errors(panel, 1)


def squared_naive_scale(panel: Panel) -> Floats:
    """(n,) root mean squared error, within the panel, of repeating the value of one season before.

    Zero and NaN as for `naive_scale`.
    """
    return _naive_errors(panel, 2)


def _naive_errors(panel: Panel, power: int) -> Floats:
    season = panel.season_length
    scale = np.array([mean_known(np.abs(y[season:] - y[:-season]) ** power) for y in panel.series()]) ** (1 / power)
    largest = np.array([np.abs(np.nan_to_num(y)).max(initial=0) for y in panel.series()])
    return np.where(scale <= ROUNDING * largest, 0.0, scale)


def mase(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute scaled error: mean absolute error / `naive_scale`; NaN where the scale is 0.

    Hyndman and Koehler, International Journal of Forecasting 22, 2006.
    """
    return mae(actual, forecast) / np.where(scale > 0, scale, np.nan)


def rmsse(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Root mean squared scaled error: root mean squared error / `squared_naive_scale`; NaN where the scale is 0.

    Hyndman and Koehler, as above; the measure of the M5 competition, which repeats the last value where this
    repeats the last season.
    """
    return rmse(actual, forecast) / np.where(scale > 0, scale, np.nan)
