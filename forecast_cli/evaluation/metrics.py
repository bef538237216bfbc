"""Accuracy metrics: each as a function of arrays, and METRICS, the table of all metrics.

Missing actual values (NaN) are left out of every mean. The mean of no values is NaN. In formulas, y is an actual value
and f its forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import ROUNDING, mean_size
from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]

REFERENCE = "seasonal-naive"
"""The model that `skill` compares all models with."""

SINGLE_PRECISION = 1e-6
"""In sMAPE, a forecast below this fraction of the series' mean absolute value counts as 0 if the actual value is 0.

Such a forecast is a rounding error of a network, which computes in single precision.
"""


# Errors: (..., h) actual values and forecasts -> (...)


def mean_known(values: Floats) -> Floats:
    """The mean over the last axis, without NaN; NaN where all values are NaN."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def errors(actual: Floats, forecast: Floats) -> Floats:
    """(..., h) forecast minus actual value. A difference that is only a rounding error becomes 0.

    >>> errors(np.array([0.1, 0.3]), np.array([0.2, 0.1 + 0.2])).tolist()
    [0.1, 0.0]
    """
    difference = forecast - actual
    largest = np.fmax.reduce(np.fmax(np.abs(actual), np.abs(forecast)), axis=-1, keepdims=True, initial=0)
    return np.where(np.abs(difference) <= ROUNDING * largest, 0.0, difference)


def mae(actual: Floats, forecast: Floats) -> Floats:
    """Mean absolute error over the last axis.

    >>> float(mae(np.array([1.0, 2.0, np.nan]), np.array([2.0, 4.0, 9.0])))
    1.5
    """
    return mean_known(np.abs(errors(actual, forecast)))


def rmse(actual: Floats, forecast: Floats) -> Floats:
    """Root mean squared error over the last axis.

    >>> float(rmse(np.array([1.0, 2.0]), np.array([2.0, 9.0])))
    5.0
    """
    return np.sqrt(mean_known(errors(actual, forecast) ** 2))


def smape(actual: Floats, forecast: Floats, size: Floats | float = 1.0) -> Floats:
    """Symmetric mean absolute percentage error over the last axis, 0 to 200 percent; 0 where both values are 0.

    The definition of the M4 competition: 200 |y - f| / (|y| + |f|) (Makridakis, Spiliotis and Assimakopoulos,
    International Journal of Forecasting 36, 2020). If both values are only rounding errors, they count as 0. Otherwise,
    a forecast of 1e-8 for the actual value 0 would have the largest possible error.

    size:  (...) the mean absolute value of each series: values below a tiny fraction of it are rounding errors; 0 if it
           is unknown, then 1 is used

    >>> float(smape(np.array([100.0, 0.0]), np.array([300.0, 1e-8])))
    50.0
    """
    size = np.where(np.asarray(size) > 0, size, 1.0)[..., None]
    both_zero = (np.abs(actual) <= ROUNDING * size) & (np.abs(forecast) <= SINGLE_PRECISION * size)
    divisor = np.where(both_zero, 1.0, np.abs(actual) + np.abs(forecast))
    return mean_known(np.where(both_zero, 0.0, 200 * np.abs(errors(actual, forecast)) / divisor))


def wape(actual: Floats, forecast: Floats) -> Floats:
    """Weighted absolute percentage error over the last axis: 100 sum |y - f| / sum |y|; NaN where the divisor is 0.

    The MAD/Mean ratio of Kolassa and Schuetz, Foresight 6, 2007.

    >>> float(wape(np.array([1.0, 0.0, 3.0, 0.0]), np.array([2.0, 1.0, 3.0, 0.0])))
    50.0
    """
    return 100 * mae(actual, forecast) / _divisor(actual)


def bias(actual: Floats, forecast: Floats) -> Floats:
    """Mean error over the last axis, in percent: 100 sum (f - y) / sum |y|; NaN where the divisor is 0.

    It is above 0 if the forecasts are too high. `wape` has the same divisor, so |bias| is never above it.

    >>> float(bias(np.array([1.0, 3.0]), np.array([2.0, 1.0])))
    -25.0
    """
    return 100 * mean_known(errors(actual, forecast)) / _divisor(actual)


def _divisor(actual: Floats) -> Floats:
    size = mean_known(np.abs(actual))
    return np.where(size > 0, size, np.nan)


def mase(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute scaled error over the last axis: `mae` divided by `scale`; NaN where the scale is 0 or NaN.

    Hyndman and Koehler, International Journal of Forecasting 22, 2006.

    scale: (...) from `naive_scale`
    """
    return mae(actual, forecast) / np.where(scale > 0, scale, np.nan)


def rmsse(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Root mean squared scaled error over the last axis: `rmse` divided by `scale`; NaN where it is 0 or NaN.

    The scale is the error of the seasonal naive forecast (Hyndman and Koehler, International Journal of Forecasting 22,
    2006). The M5 competition used the error of the naive forecast instead.

    scale: (...) from `rms_naive_scale`
    """
    return rmse(actual, forecast) / np.where(scale > 0, scale, np.nan)


# Scales: the errors of the seasonal naive forecast before the cutoff


def naive_scale(panel: Panel) -> Floats:
    """(n,) the scale of MASE: the mean absolute difference between each value and the value one season before.

    It is 0 for a series that repeats itself exactly, and NaN for a series without two values one season apart.
    """
    return _naive_errors(panel, 1)


def rms_naive_scale(panel: Panel) -> Floats:
    """(n,) the scale of RMSSE: the root mean squared difference between each value and the value one season before.

    It is 0 for a series that repeats itself exactly, and NaN for a series without two values one season apart.
    """
    return _naive_errors(panel, 2)


def _naive_errors(panel: Panel, power: int) -> Floats:
    season = panel.season_length
    scale = np.array([mean_known(np.abs(y[season:] - y[:-season]) ** power) for y in panel.series()]) ** (1 / power)
    largest = np.array([np.abs(np.nan_to_num(y)).max(initial=0) for y in panel.series()])
    return np.where(scale <= ROUNDING * largest, 0.0, scale)


# Comparisons: the MASE (s,) of each model on each series -> a figure for each model


def skill(mase_of: Mapping[str, Floats]) -> dict[str, float]:
    """By how many percent the mean MASE of each model is below that of the model REFERENCE; negative if above.

    It is NaN if REFERENCE is not among the models, or if its mean MASE is 0 or NaN.

    mase_of: name of a model -> (s,) its MASE on each series
    """
    means = {model: float(mean_known(errors)) for model, errors in mase_of.items()}
    reference = means.get(REFERENCE, np.nan)
    return {model: 100 * (1 - mean / reference) if reference > 0 else np.nan for model, mean in means.items()}


def won(mase_of: Mapping[str, Floats]) -> dict[str, float]:
    """The percentage of series on which each model has the lowest MASE. If k models tie, each gets 1 / k of the series.

    Series on which a model has no MASE are left out. The figures are NaN if no series remains.

    mase_of: name of a model -> (s,) its MASE on each series
    """
    if not mase_of:
        return {}
    errors = np.stack([*mase_of.values()])
    errors = errors[:, np.isfinite(errors).all(axis=0)]
    if not errors.size:
        return dict.fromkeys(mase_of, np.nan)
    lowest = np.isclose(errors, errors.min(axis=0), rtol=1e-9, atol=0)
    return dict(zip(mase_of, (100 * (lowest / lowest.sum(axis=0)).mean(axis=1)).tolist(), strict=True))


# The table


class Best(Enum):
    """Which figure of a metric is the best one."""

    LOWEST = "lowest"
    HIGHEST = "highest"
    NEAREST_TO_ZERO = "nearest to 0"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric, as tables show it.

    heading:     the heading of its column
    unit:        "%", "data" (the unit of the data) or "" (none)
    best:        which figure is the best one
    decimals:    the number of decimals in tables; None chooses it by the size of the figures
    drop_order:  which columns are left out of a leaderboard that is wider than the terminal: those with 1 first, then
                 those with 2, ...; those with 0 never
    """

    heading: str
    unit: str = ""
    best: Best = Best.LOWEST
    decimals: int | None = None
    drop_order: int = 1

    def text(self, figure: float) -> str:
        """A figure as text, with its unit. The metric must have a fixed number of decimals.

        >>> METRICS["smape"].text(3.868)
        '3.87 %'
        """
        return f"{figure:.{self.decimals}f}{self.unit and f' {self.unit}'}"


@dataclass(frozen=True, kw_only=True)
class ErrorMetric(Metric):
    """A metric that is computed from the errors of one model.

    error:   a function of actual values (..., h) and forecasts (..., h) that returns errors (...). If the metric has a
             scale, the function has a third argument: the scale (...)
    scale:   a function of the panel up to the cutoff that returns the scale of each series (n,); None for a metric
             without scale
    pooled:  True if the metric is computed from all points of a model together (such a metric has no scale); False if
             errors are averaged over the cutoffs of each series, and then over the series
    detail_drop_order:  as `drop_order`, for the table with a row for each series and cutoff
    """

    error: Callable[..., Floats]
    scale: Callable[[Panel], Floats] | None = None
    pooled: bool = False
    detail_drop_order: int = 1


@dataclass(frozen=True, kw_only=True)
class ComparisonMetric(Metric):
    """A metric that compares each model with the others.

    figures:  a function from {model: its MASE on each series (s,)} to {model: its figure}
    """

    figures: Callable[[Mapping[str, Floats]], dict[str, float]]


METRICS: Mapping[str, Metric] = {
    "mase": ErrorMetric(heading="MASE", error=mase, scale=naive_scale, decimals=3, drop_order=0, detail_drop_order=0),
    "rmsse": ErrorMetric(
        heading="RMSSE", error=rmsse, scale=rms_naive_scale, decimals=3, drop_order=3, detail_drop_order=2
    ),
    "smape": ErrorMetric(
        heading="sMAPE", unit="%", error=smape, scale=mean_size, decimals=2, drop_order=0, detail_drop_order=0
    ),
    "mae": ErrorMetric(heading="MAE", unit="data", error=mae, drop_order=2, detail_drop_order=3),
    "rmse": ErrorMetric(heading="RMSE", unit="data", error=rmse),
    "wape": ErrorMetric(heading="WAPE", unit="%", error=wape, pooled=True, decimals=2),
    "bias": ErrorMetric(
        heading="bias",
        unit="%",
        best=Best.NEAREST_TO_ZERO,
        error=bias,
        pooled=True,
        decimals=1,
        drop_order=0,
        detail_drop_order=4,
    ),
    "skill": ComparisonMetric(heading="skill", unit="%", best=Best.HIGHEST, figures=skill, decimals=1, drop_order=0),
    "won": ComparisonMetric(heading="won", unit="%", best=Best.HIGHEST, figures=won, decimals=0, drop_order=0),
}
"""All metrics: name -> metric. `--metric`, gates, CSV and JSON use these names. `options.METRICS` repeats them."""

ERROR_METRICS = {name: metric for name, metric in METRICS.items() if isinstance(metric, ErrorMetric)}
COMPARISON_METRICS = {name: metric for name, metric in METRICS.items() if isinstance(metric, ComparisonMetric)}
