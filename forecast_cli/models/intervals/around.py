"""Quantiles around the point forecasts of any model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecast, Forecaster, Progress, Saved
from forecast_cli.models.intervals.calibration import Calibration, calibrate
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

Fit = Callable[[Panel, Progress], Forecaster]
"""A function that fits a model to a panel, reports progress, and returns the forecaster."""


def quantile_levels(levels: Sequence[float], quantiles: Sequence[float] = ()) -> Floats:
    """(q,) the quantile levels of the ends of intervals, and further ones; ascending, without duplicates.

    levels:     the levels of the intervals, in percent
    quantiles:  further quantile levels, 0 to 1

    >>> quantile_levels([80], [0.5]).tolist()
    [0.1, 0.5, 0.9]
    """
    shares = np.array(levels, dtype=float) / 100
    return np.unique(np.r_[(1 - shares) / 2, (1 + shares) / 2, np.array(quantiles, dtype=float)].round(12))


def interval_levels_of(wanted: Floats) -> Floats:
    """(levels,) the levels, 0 to 1, of the intervals that end at given quantiles; ascending, without duplicates.

    wanted:  (q,) the levels of the quantiles. The median, 0.5, is the interval of level 0

    >>> interval_levels_of(np.array([0.1, 0.5, 0.9])).tolist()
    [0.0, 0.8]
    """
    return np.unique(np.abs(2 * wanted - 1).round(12))


def with_quantiles(forecast: Forecast, half: Floats, wanted: Floats, lowest: Floats) -> Forecast:
    """Add quantiles to a forecast: its point forecasts, minus or plus the half widths of intervals.

    half:    (n, h, levels) the half width of the interval of each level in `interval_levels_of(wanted)`
    wanted:  (q,) the levels of the quantiles to add, ascending
    lowest:  (n,) the lower bound of each series. Quantiles of levels below 0.5 are raised to it, but not above the
             point forecast
    """
    at = np.searchsorted(interval_levels_of(wanted), np.abs(2 * wanted - 1).round(12))
    point = forecast.point[..., None]
    moved = point + np.sign((wanted - 0.5).round(12)) * half[..., at]
    bounded = np.minimum(np.maximum(moved, lowest[:, None, None]), point)
    return replace(forecast, quantile_levels=wanted, quantiles=np.where(wanted < 0.5, bounded, moved))


@dataclass(frozen=True)
class CalibratedForecaster:
    """A forecaster whose forecasts have quantiles.

    forecaster:   gives the point forecasts
    calibration:  the errors that the quantiles are computed from. None if too few errors are known; the quantiles are
                  then NaN
    wanted:       (q,) the quantile levels, ascending
    """

    forecaster: Forecaster
    calibration: Calibration | None
    wanted: Floats

    @property
    def name(self) -> str:
        return self.forecaster.name

    @property
    def members(self) -> Mapping[str, Forecaster]:
        return self.forecaster.members

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        forecast = self.forecaster.predict(panel, horizon)
        shares = interval_levels_of(self.wanted)
        half = np.full((*forecast.point.shape, len(shares)), np.nan)
        if self.calibration is not None:
            half = self.calibration.half_widths(panel, horizon, shares, forecast.spread)
        return with_quantiles(forecast, half, self.wanted, Scaling.of(panel).lowest)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        self.forecaster.update(panel, cutoff)

    def for_calibration(self, panel: Panel, steps: int) -> tuple[Forecaster, Ints]:
        return self.forecaster.for_calibration(panel, steps)

    def save(self) -> Saved:
        return self.forecaster.save()


def calibrated(fit: Fit, horizon: int, wanted: Floats, origins: int) -> Fit:
    """A function that fits a model as `fit` does, and returns a forecaster whose forecasts have quantiles.

    horizon:  the number of steps ahead for which errors are computed
    wanted:   (q,) the quantile levels, ascending
    origins:  about how many earlier origins the forecaster forecasts from, to know its errors
    """

    def fitted(past: Panel, progress: Progress) -> Forecaster:
        forecaster = fit(past, progress)
        return CalibratedForecaster(forecaster, calibrate(forecaster, past, horizon, origins), wanted)

    return fitted
