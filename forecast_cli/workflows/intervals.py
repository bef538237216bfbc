"""Intervals and sums of a prediction, from the errors that a bundle keeps."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli.errors import ModelError, UsageError
from forecast_cli.forecasting import Forecast
from forecast_cli.models.intervals.around import quantile_levels, shares_of, with_quantiles
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.models.intervals import Calibration
    from forecast_cli.models.saved import SavedModel
    from forecast_cli.options import PredictConfig

log = logging.getLogger(__name__)

PICTURE_LEVELS = (80.0, 95.0)
"""The levels of the intervals in pictures if the user names none."""


@dataclass(frozen=True)
class Sums:
    """The forecast of totals over g periods, for n series.

    period:    "month", "quarter", "year" or "all"
    first, last:  (n, g) the first and the last time of each period that the forecast covers
    steps:     (g,) how many steps of the forecast it has
    forecast:  the totals as a forecast of g steps, with quantiles
    """

    period: str
    first: Any
    last: Any
    steps: Ints
    forecast: Forecast


def with_intervals(
    forecast: Forecast, model: SavedModel, history: Panel, config: PredictConfig, for_picture: bool
) -> Forecast:
    """The forecast of a model with the quantiles that the user asked for, or with those of a picture.

    Raises ModelError if the user asked for some and the bundle keeps no errors.
    """
    asked = bool(config.level or config.quantiles)
    levels = config.level or (PICTURE_LEVELS if for_picture else ())
    wanted = quantile_levels(levels, config.quantiles)
    if len(wanted) == 0:
        return forecast
    calibration = _calibration(model, asked)
    if calibration is None:
        return forecast
    if asked:
        log.info("%s", how_made(calibration, forecast.horizon))
    half = calibration.half_widths(history, forecast.horizon, shares_of(wanted))
    return with_quantiles(forecast, half, wanted, lowest_of(model, history))


def sums_of(forecast: Forecast, model: SavedModel, history: Panel, config: PredictConfig) -> Sums | None:
    """The totals over the periods that the user asked for; None if for none.

    Raises UsageError if the data have no dates, or if the periods of the series differ.
    """
    if config.aggregate is None:
        return None
    groups = _groups(forecast, history, config.aggregate)
    first, last = (np.stack([forecast.times[:, steps[at]] for steps in groups], axis=1) for at in (0, -1))
    totals = np.stack([forecast.point[:, steps].sum(axis=1) for steps in groups], axis=1)
    summed = Forecast(forecast.ids, forecast.cutoff, first, totals)
    count = np.array([len(steps) for steps in groups])
    wanted = quantile_levels(config.level, config.quantiles)
    calibration = _calibration(model, True) if len(wanted) else None
    if calibration is not None:
        half = calibration.half_widths_of_sums(history, groups, forecast.horizon, shares_of(wanted))
        lowest = lowest_of(model, history)
        lowest = np.where(np.isfinite(lowest), 0.0, lowest)
        summed = with_quantiles(summed, half, wanted, lowest)
    return Sums(config.aggregate, first, last, count, summed)


def how_made(calibration: Calibration, horizon: int) -> str:
    """A sentence that says how intervals were made."""
    own = counted(calibration.own_origins, "earlier origin")
    text = f"Intervals: conformal, from the errors of the model at {own}"
    text += f" and of exponential smoothing at {calibration.smoothing_origins}."
    if horizon > calibration.horizon:
        text += f" After step {calibration.horizon} they widen with the square root of the step."
    return text


def lowest_of(model: SavedModel, history: Panel) -> Floats:
    """(n,) the lower bound of each series, which the data show."""
    from forecast_cli.features.scaling import Scaling

    return (model.scaling if history is model.tails else Scaling.of(history)).lowest


def _calibration(model: SavedModel, asked: bool) -> Calibration | None:
    """The errors that the bundle keeps. If there are none, raises ModelError if `asked`, otherwise returns None."""
    if model.calibration is None and asked:
        raise ModelError(
            f"{model.bundle.directory}: the model keeps no errors for intervals.",
            "Train it again, on longer series if there are too few points.",
        )
    return model.calibration


def _groups(forecast: Forecast, history: Panel, period: str) -> list[Ints]:
    """The steps of each period, as indices of steps of the forecast."""
    steps = np.arange(forecast.horizon)
    if period == "all":
        return [steps]
    if not history.dated:
        raise UsageError(f"{period}: the data have no dates.", "Use all, or give a column with dates.", "aggregate")
    months = forecast.times.astype("datetime64[M]").astype(np.int64)
    numbers = months // {"month": 1, "quarter": 3, "year": 12}[period]
    if not (numbers == numbers[:1]).all():
        raise UsageError(
            f"{period}: the series end at different times, so their periods differ.",
            "Use all, or forecast the series one at a time.",
            "aggregate",
        )
    return [steps[numbers[0] == number] for number in np.unique(numbers[0])]
