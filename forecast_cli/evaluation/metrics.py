"""Accuracy metrics: functions of arrays, and `METRICS`, the table of all of them.

Missing actual values (NaN) are left out of every mean; the mean of no values is NaN.
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
"""The model that skill is measured against."""

SINGLE_PRECISION = 1e-6
"""Relative to the size of a series, a smaller forecast is a rounding error: networks compute in single precision."""


# Errors: (..., h) actual values and forecasts -> (...)


def mean_known(values: Floats) -> Floats:
    """Mean over the last axis of the values that are not NaN; NaN where all are."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(count, 1), np.nan)


def errors(actual: Floats, forecast: Floats) -> Floats:
    """forecast - actual (..., h); 0 for a rounding error, which is small beside the largest of the values.

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
    International Journal of Forecasting 36, 2020). A rounding error counts as 0: without that, a forecast of 1e-8 where
    the value is 0 would have the largest possible error.

    size:  (...) mean absolute value of each series; 0 if it is unknown

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

    Above 0 where the forecasts are too high. The divisor is that of `wape`, so |bias| <= wape.

    >>> float(bias(np.array([1.0, 3.0]), np.array([2.0, 1.0])))
    -25.0
    """
    return 100 * mean_known(errors(actual, forecast)) / _divisor(actual)


def _divisor(actual: Floats) -> Floats:
    size = mean_known(np.abs(actual))
    return np.where(size > 0, size, np.nan)


def mase(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute scaled error: `mae` / scale (...), where scale is `naive_scale`; NaN where that is 0.

    Hyndman and Koehler, International Journal of Forecasting 22, 2006.
    """
    return mae(actual, forecast) / np.where(scale > 0, scale, np.nan)


def rmsse(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Root mean squared scaled error: `rmse` / scale (...), where scale is `squared_naive_scale`; NaN where that is 0.

    Hyndman and Koehler, as above. The M5 competition scales by the naive forecast, this by the seasonal naive one.
    """
    return rmse(actual, forecast) / np.where(scale > 0, scale, np.nan)


# Scales: the errors of the seasonal naive forecast before the cutoff


def naive_scale(panel: Panel) -> Floats:
    """(n,) mean absolute error of forecasting each value of the panel by the value one season before it.

    0 for a series that repeats itself exactly, up to rounding; NaN for one with no two values a season apart.
    """
    return _naive_errors(panel, 1)


def squared_naive_scale(panel: Panel) -> Floats:
    """(n,) root mean squared error of the same forecasts; 0 and NaN as for `naive_scale`."""
    return _naive_errors(panel, 2)


def _naive_errors(panel: Panel, power: int) -> Floats:
    season = panel.season_length
    scale = np.array([mean_known(np.abs(y[season:] - y[:-season]) ** power) for y in panel.series()]) ** (1 / power)
    largest = np.array([np.abs(np.nan_to_num(y)).max(initial=0) for y in panel.series()])
    return np.where(scale <= ROUNDING * largest, 0.0, scale)


# Comparisons: the MASE (s,) of each model on each series -> a figure for each model


def skill(mase_of: Mapping[str, Floats]) -> dict[str, float]:
    """Percent by which the mean MASE of each model is below that of `REFERENCE`; NaN where that is 0 or unknown."""
    means = {model: float(mean_known(errors)) for model, errors in mase_of.items()}
    reference = means.get(REFERENCE, np.nan)
    return {model: 100 * (1 - mean / reference) if reference > 0 else np.nan for model, mean in means.items()}


def won(mase_of: Mapping[str, Floats]) -> dict[str, float]:
    """Percent of the series on which each model has the lowest MASE; models with the same MASE share the series."""
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
    """Which figure is the best one."""

    LOWEST = "lowest"
    HIGHEST = "highest"
    NEAREST_TO_ZERO = "nearest to 0"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric as tables show it.

    heading:     of its column
    unit:        "%", "data" (the unit of the data) or "" (none)
    best:        which figure is the best one
    decimals:    in tables; None: by the size of the figures
    drop_order:  in a leaderboard wider than a terminal, columns with 1 are left out first, then those with 2, ...;
                 columns with 0 are never left out
    """

    heading: str
    unit: str = ""
    best: Best = Best.LOWEST
    decimals: int | None = None
    drop_order: int = 1

    def text(self, figure: float) -> str:
        """A figure with its unit; of a metric with a fixed number of decimals.

        >>> METRICS["smape"].text(3.868)
        '3.87 %'
        """
        return f"{figure:.{self.decimals}f}{self.unit and f' {self.unit}'}"


@dataclass(frozen=True, kw_only=True)
class ErrorMetric(Metric):
    """A metric that is computed from the errors of one model.

    error:   actual (..., h), forecast (..., h) -> (...); with a `scale`, its third argument is that scale (...)
    scale:   panel up to the cutoff -> (n,), what the errors of each series are relative to
    pooled:  whether a model's figure is the error of all points together; otherwise it is the mean over series of the
             mean error over the cutoffs of each series; a pooled metric has no scale
    detail_drop_order:  as `drop_order`, for the table with a row for each series and cutoff
    """

    error: Callable[..., Floats]
    scale: Callable[[Panel], Floats] | None = None
    pooled: bool = False
    detail_drop_order: int = 1


@dataclass(frozen=True, kw_only=True)
class ComparisonMetric(Metric):
    """A metric that compares each model with the others.

    figures:  the MASE (s,) of each model on each series -> the figure of each model
    """

    figures: Callable[[Mapping[str, Floats]], dict[str, float]]


METRICS: Mapping[str, Metric] = {
    "mase": ErrorMetric(heading="MASE", error=mase, scale=naive_scale, decimals=3, drop_order=0, detail_drop_order=0),
    "rmsse": ErrorMetric(
        heading="RMSSE", error=rmsse, scale=squared_naive_scale, decimals=3, drop_order=3, detail_drop_order=2
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
"""Every metric by the name that `--metric`, gates, CSV and JSON use. `options.METRICS` repeats the names."""

ERROR_METRICS = {name: metric for name, metric in METRICS.items() if isinstance(metric, ErrorMetric)}
COMPARISON_METRICS = {name: metric for name, metric in METRICS.items() if isinstance(metric, ComparisonMetric)}
