"""Errors of forecasts from many earlier origins, from which prediction intervals are computed.

There are two kinds. The errors of the model itself are known only for the few steps that it was not trained on. So the
errors of exponential smoothing, which needs no training, are added from the whole past of each series. calibration.py
multiplies the errors of smoothing by the ratio of the model's errors to those of smoothing at the same origins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from math import gcd

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.features.windows import WindowShape
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.combined.smoothing import combine
from forecast_cli.models.description import Smoothing
from forecast_cli.models.intervals.sizes import recent_size, sizes_at
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

SMOOTHING_ORIGINS = 40
"""The number of origins in each series from which smoothing forecasts."""

MIN_SEASONS_BEFORE = 2
"""The number of seasons up to the first origin of smoothing in a series."""

MIN_POINTS_BEFORE = 8
"""The smallest number of points up to the first origin, if MIN_SEASONS_BEFORE seasons have fewer."""

MODEL_WEIGHT = 3.0
"""The weight of an error of the model; an error of smoothing has the weight 1."""

MAX_ERRORS = 2_000_000
"""The largest number of errors, over all series and both kinds. Large panels have fewer origins, but at least
MIN_ORIGINS of each kind."""

MIN_ORIGINS = 5


@dataclass(frozen=True)
class Errors:
    """Forecast errors at k origins in each of n series, for h steps after each origin.

    scaled:   (k, n, h) forecast minus actual value, divided by the square root of the series' size at the origin
              (sizes.py); NaN where unknown
    offsets:  (k, n) the number of points after the origin; 0 where a series has no such origin
    spread:   (k, n, h) `Forecast.spread`, divided by the same square root; NaN where the forecast has none
    """

    scaled: Floats
    offsets: Ints
    spread: Floats

    def __add__(self, other: Errors) -> Errors:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(Errors))
        return Errors(*(np.concatenate(pair) for pair in pairs))


def model_errors(forecaster: Forecaster, panel: Panel, horizon: int, count: int) -> Errors:
    """The errors of a forecaster at steps that it was not trained on. Without such steps, there are no origins (k = 0).

    The spreads are multiplied by a factor for each step ahead, so that they are as large as those of the forecaster
    after its update.

    forecaster: was fitted to `panel` without its last steps; it may have been updated since
    count:      about how many origins it forecasts from
    """
    wanted = min(3 * horizon, int(np.median(panel.lengths)) // 3)
    if wanted < 1:
        return _none(panel, horizon)
    earlier, unlearned = forecaster.for_calibration(panel, wanted)
    known = np.minimum(unlearned, panel.lengths - recent_size(panel) - 1)
    most = int(known.max(initial=0))
    found = []
    with _without_messages():
        for offset in _offsets(most, panel, horizon, count):
            rows = np.flatnonzero(known >= offset)
            past = panel.select(rows).drop_last(offset)
            point, spread = np.full((2, len(panel), horizon), np.nan)
            forecast = earlier.predict(past, horizon)
            point[rows] = forecast.point
            if forecast.spread is not None:
                spread[rows] = forecast.spread
            found.append(_errors(panel, point, np.where(known >= offset, offset, 0), spread))
        if not found:
            return _none(panel, horizon)
        own = sum(found[1:], found[0])
        if np.isfinite(own.spread).any():
            own = replace(own, spread=own.spread * _growth_of_spread(earlier, forecaster, panel, horizon))
    return own


def _growth_of_spread(earlier: Forecaster, forecaster: Forecaster, panel: Panel, horizon: int) -> Floats:
    """(h,) the spread that a forecaster expects after a panel, divided by that of `earlier`: the median over series.

    All numbers are 1 if the forecasts have no spread.

    earlier: the forecaster that `forecaster.for_calibration` returns
    """
    before, now = (each.predict(panel, horizon).spread for each in (earlier, forecaster))
    if before is None or now is None:
        return np.ones(horizon)
    known = (before > 0) & (now > 0)
    logs = np.log(np.where(known, now, 1.0) / np.where(known, before, 1.0))
    return np.asarray(np.exp(np.median(logs, axis=0)))


def smoothing_errors(panel: Panel, horizon: int, shape: WindowShape, offsets: Ints) -> Errors:
    """The errors of exponential smoothing, the simple forecast in `combine`, from given origins.

    shape:    which seasons are subtracted, and the largest number of past points that a forecast uses
    offsets:  (k, n) the number of points after each origin; 0 where a series has no origin
    """
    features = Features.fit(panel, shape)
    found = []
    for each in offsets:
        rows = np.flatnonzero(each > 0)
        point = np.full((len(panel), horizon), np.nan)
        if len(rows):
            origins = panel.indptr[1:][rows] - 1 - each[rows]
            path = np.zeros((len(rows), horizon))
            point[rows] = combine(path, features, origins, Smoothing(1.0), shape.recent_size(panel.season_length))
        found.append(_errors(panel, point, each))
    return sum(found[1:], found[0]) if found else _none(panel, horizon)


def past_offsets(panel: Panel, horizon: int) -> Ints:
    """Choose origins for smoothing: k in each series, evenly spaced over its past, the earliest first.

    Returns (k, n) the number of points after each origin; 0 where a series is too short.

    horizon: the number of steps to forecast; with a long horizon, fewer origins are chosen in large panels
    """
    first = np.maximum(MIN_SEASONS_BEFORE * panel.season_length, MIN_POINTS_BEFORE)
    largest = panel.lengths - first
    count = _affordable(SMOOTHING_ORIGINS, panel, horizon)
    spread = np.linspace(1, 0, count)[:, None]
    offsets = np.rint(1 + spread * (np.maximum(largest, 1) - 1)).astype(np.int64)
    return np.where(largest >= 1, offsets, 0)


def _offsets(most: int, panel: Panel, horizon: int, count: int) -> range:
    """The number of points after each origin of the model: from `most` down to 1 or more, in equal strides.

    The stride and the season length have no common divisor. So the origins are at different places in the season.

    most:  the number of points after the earliest origin; 0 gives no origins
    count: about how many origins are wanted
    """
    wanted = max(most / _affordable(count, panel, horizon), 1)
    strides = range(1, 2 * int(wanted) + 2)
    fitting = [stride for stride in strides if gcd(stride, panel.season_length) == 1]
    return range(most, 0, -min(fitting, key=lambda stride: (abs(stride - wanted), -stride)))


def _affordable(origins: int, panel: Panel, horizon: int) -> int:
    return max(MIN_ORIGINS, min(origins, MAX_ERRORS // (2 * len(panel) * horizon)))


def _errors(panel: Panel, point: Floats, offsets: Ints, spread: Floats | None = None) -> Errors:
    """The errors of forecasts (n, h) from one origin in each series. `offsets` is (n,), 0 where there is no origin."""
    steps = np.arange(1, point.shape[1] + 1)
    exists = steps <= offsets[:, None]
    at = panel.indptr[1:, None] - 1 - offsets[:, None] + steps
    actual = np.where(exists, panel.values[np.where(exists, at, 0)], np.nan)
    size = np.sqrt(sizes_at(panel, offsets))[:, None]
    spread = np.full(point.shape, np.nan) if spread is None else spread
    return Errors(((point - actual) / size)[None], offsets[None], (spread / size)[None])


def _none(panel: Panel, horizon: int) -> Errors:
    none = np.empty((0, len(panel), horizon))
    return Errors(none, np.empty((0, len(panel)), dtype=np.int64), none)


@contextmanager
def _without_messages() -> Iterator[None]:
    """Log only errors: warnings about forecasts from earlier cutoffs do not concern the user."""
    log = logging.getLogger("forecast_cli")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
