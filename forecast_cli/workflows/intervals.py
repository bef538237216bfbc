"""Compute the intervals and the totals of a prediction. Intervals come from the errors of earlier forecasts, which are
saved in the bundle of the model."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import ModelError, UsageError, mention
from forecast_cli.forecasting import Forecast
from forecast_cli.models.intervals.around import interval_levels_of, quantile_levels, with_quantiles
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.models.intervals import Calibration
    from forecast_cli.models.saved import SavedModel
    from forecast_cli.options import PredictConfig

log = logging.getLogger(__name__)

PICTURE_LEVELS = (80.0, 95.0)
"""The levels of the intervals in pictures, in percent, if the user names none."""


@dataclass(frozen=True)
class Sums:
    """The forecasts of r totals. Each is the sum of one series over the forecast steps in one period, such as a month.

    They are sorted by series, then by period.

    ids:              (r,) the id of the series
    first, last:      (r,) the first and the last forecast time in the period
    steps:            (r,) the number of forecast steps in the period
    point:            (r,) the point forecast of the total
    quantile_levels:  (q,) ascending
    quantiles:        (r, q) the quantiles of the total
    """

    ids: NDArray[np.object_]
    first: NDArray[Any]
    last: NDArray[Any]
    steps: Ints
    point: Floats
    quantile_levels: Floats
    quantiles: Floats


def with_intervals(
    forecast: Forecast,
    model: SavedModel,
    history: Panel,
    config: PredictConfig,
    for_picture: bool,
    widening: Mapping[float, float] | None = None,
) -> Forecast:
    """Add quantiles to the forecast of a model: those that the user asked for, or else those of a picture.

    The forecast is returned unchanged if no quantiles are needed, or if only a picture needs them and the bundle has no
    errors of earlier forecasts.

    history:      the data that the forecast continues
    config:       the levels of intervals and the quantiles that the user asked for
    for_picture:  whether the forecast is drawn; if not, and if the user asked for no quantiles, none are added
    widening:     level of an interval in percent -> factor by which its width is multiplied; None for no factors

    Raises ModelError if the user asked for intervals and the bundle has no errors for them.
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
    shares = interval_levels_of(wanted)
    half = calibration.half_widths(history, forecast.horizon, shares, forecast.spread)
    if widening:
        known = sorted(widening)
        factors = np.interp(shares, [level / 100 for level in known], [widening[level] for level in known])
        half = np.maximum.accumulate(half * factors, axis=2)
    return with_quantiles(forecast, half, wanted, lowest_of(model, history))


def sums_of(
    forecasts: Mapping[str, Forecast], model: SavedModel, history: Panel, config: PredictConfig
) -> dict[str, Sums]:
    """The totals of each forecast over periods of the length that the user named, such as "month"; empty if none.

    Only the totals of `model` have quantiles, and only if the user asked for intervals or quantiles.

    Raises UsageError for periods other than "all" if the data have no dates. Raises ModelError if the user asked for
    intervals or quantiles and the bundle has no errors for them.
    """
    if config.aggregate is None:
        return {}
    period = _periods(forecasts[model.name], history, config.aggregate)
    wanted = quantile_levels(config.level, config.quantiles)
    return {
        name: _sums(forecast, period, wanted if name == model.name else np.empty(0), model, history)
        for name, forecast in forecasts.items()
    }


def _sums(forecast: Forecast, period: Ints, wanted: Floats, model: SavedModel, history: Panel) -> Sums:
    """The totals of one forecast.

    period:  (n, h) the number of the period of each step
    wanted:  (q,) the levels of the quantiles of the totals, ascending
    """
    calibration = _calibration(model, True) if len(wanted) else None
    lowest = np.minimum(lowest_of(model, history), 0.0)
    parts = []
    for pattern in np.unique(period, axis=0):  # series whose periods have the same steps
        rows = np.flatnonzero((period == pattern).all(axis=1))
        groups = [np.flatnonzero(pattern == number) for number in np.unique(pattern)]
        totals = np.stack([forecast.point[rows][:, steps].sum(axis=1) for steps in groups], axis=1)
        first, last = (np.stack([forecast.times[rows, steps[at]] for steps in groups], axis=1) for at in (0, -1))
        summed = Forecast(forecast.ids[rows], forecast.cutoff[rows], first, totals)
        if calibration is not None:
            spread = None if forecast.spread is None else forecast.spread[rows]
            half = calibration.half_widths_of_sums(
                history.select(rows), groups, forecast.horizon, interval_levels_of(wanted), spread
            )
            summed = with_quantiles(summed, half, wanted, lowest[rows])
        parts.append((rows, summed, last, np.tile([len(steps) for steps in groups], (len(rows), 1))))
    order = np.argsort(np.concatenate([np.repeat(rows, steps.shape[1]) for rows, _, _, steps in parts]), kind="stable")
    return Sums(
        ids=np.concatenate([np.repeat(summed.ids, summed.horizon) for _, summed, _, _ in parts])[order],
        first=np.concatenate([summed.times.ravel() for _, summed, _, _ in parts])[order],
        last=np.concatenate([last.ravel() for _, _, last, _ in parts])[order],
        steps=np.concatenate([steps.ravel() for _, _, _, steps in parts])[order],
        point=np.concatenate([summed.point.ravel() for _, summed, _, _ in parts])[order],
        quantile_levels=wanted if calibration is not None else np.empty(0),
        quantiles=np.concatenate([summed.every_quantile.reshape(summed.point.size, -1) for _, summed, _, _ in parts])[
            order
        ],
    )


def how_made(calibration: Calibration, horizon: int) -> str:
    """Sentences that say how intervals were made.

    horizon: the number of forecast steps
    """
    own = counted(calibration.own_origins, "earlier origin")
    text = f"Intervals: conformal, from the errors of the model at {own}"
    text += f" and of exponential smoothing at {calibration.smoothing_origins}."
    if calibration.usual is not None:
        text += " They are wider where the network expects larger errors than usual."
    if horizon > calibration.horizon:
        text += f" After step {calibration.horizon} they widen with the square root of the step."
    return text


def lowest_of(model: SavedModel, history: Panel) -> Floats:
    """(n,) the lower bound of the quantiles of each series: 0 if it has no negative value, otherwise -inf."""
    from forecast_cli.features.scaling import Scaling

    return (model.scaling if history is model.tails else Scaling.of(history)).lowest


def _calibration(model: SavedModel, asked: bool) -> Calibration | None:
    """The errors of earlier forecasts, from the bundle; None if there are none.

    asked: whether the user asked for intervals; if so, raises ModelError if there are no errors
    """
    if model.calibration is None and asked:
        raise ModelError(
            f"{model.bundle.directory}: the model has no errors of earlier forecasts, which intervals need.",
            "Train it again. If this message remains, the series are too short: give longer ones.",
        )
    return model.calibration


def _periods(forecast: Forecast, history: Panel, period: str) -> Ints:
    """(n, h) the number of the period of each forecast step: ascending, from 0 for the first period of each series.

    period: "month", "quarter" or "year"; "all" for one period

    Raises UsageError if the data have no dates and the period is not "all".
    """
    if period == "all":
        return np.zeros(forecast.point.shape, dtype=np.int64)
    if not history.dated:
        raise UsageError(
            f"{period}: the data have no dates.",
            f"Give {mention('aggregate', 'all')}, or data with dates.",
            "aggregate",
        )
    months = forecast.times.astype("datetime64[M]").astype(np.int64)
    numbers = months // {"month": 1, "quarter": 3, "year": 12}[period]
    return np.asarray(numbers - numbers[:, :1])
