"""Clean series step by step: limit the largest forecast errors, and replace missing values by their forecasts.

After the first FIRST values, a cleaned value differs from its forecast by at most MAX_ERROR times the mean absolute
error so far. So an outlier does not change later forecasts much. This is robust exponential smoothing (Gelper, Fried
and Croux, Journal of Forecasting 29, 2010): the forecast plus the limited error is smoothed, not the value itself.
After a lasting change of the level, the cleaned values reach the new level within a few steps. After a long
gap they are at the new level at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.anomalies.gaps import after_long_gaps
from forecast_cli.panel.arrays import Floats

RATES = (0.0, 0.1, 0.3, 1.0)
"""Smoothing rates of the candidate forecasts. At each step, the candidate with the smallest errors so far is used.

With rate 0, the forecast is the usual value: a slowly changing level plus the seasonal profile.
"""

SEASON_RATE = 0.3
MAX_ERROR = 3.0
"""Larger errors are reduced to this multiple of the usual error, which is the mean absolute error so far."""

MEMORY = 0.01
"""The weight of a new error in the usual error. Before 1 / MEMORY errors are known, the usual error is their mean."""

DAYS, MIN_DAY = 7, 24
"""A season of at least MIN_DAY steps is treated as a day. A second season, of DAYS days, is estimated too."""

FIRST = 20
"""The number of first values of a series whose errors are not reduced."""

SMALLEST = 1e-9
"""The usual error is at least this fraction of the size of the values, so that it is never 0."""


@dataclass(frozen=True)
class Cleaned:
    """Cleaned values of n series of L steps. Each element depends on the values up to its step, and on no later ones.

    values:  (n, L) the cleaned values; a missing value is replaced by its forecast
    usual:   (n, L) the usual value of a step, estimated before it: a slowly changing level plus the seasonal profile.
             Up to the first known value of a series, it is that value
    moved:   (n, L) how far the level has moved in long gaps, in all of them that ended up to the step. Where the first
             value after a long gap is more than MAX_ERROR usual errors from its forecast, the level moves by this error
    resumed: (n, L) True at the first value after a long gap
    """

    values: Floats
    usual: Floats
    moved: Floats
    resumed: NDArray[np.bool_]

    def of_series(self, row: int, length: int) -> Cleaned:
        """The arrays (length,) of one of the series."""
        own = row, slice(length)
        return Cleaned(self.values[own], self.usual[own], self.moved[own], self.resumed[own])


def clean(values: Floats, season_length: int) -> Cleaned:
    """Clean n series.

    values:         (n, L) NaN where missing, and after the end of a shorter series
    season_length:  steps in one season; 1 if there is no season
    """
    n, length = values.shape
    cleaned, usual_values, moved = np.empty((n, length)), np.empty((n, length)), np.empty((n, length))
    seasons = [season_length, DAYS * season_length] if season_length >= MIN_DAY else [season_length]
    slowest = 1 / (4 * season_length) if season_length > 1 else MEMORY
    profiles = [np.zeros((n, season)) for season in seasons]
    known, resumed = ~np.isnan(values), after_long_gaps(values, season_length)
    start = np.nan_to_num(values[np.arange(n), known.argmax(axis=1)])[:, None]
    slow = np.repeat(start, len(seasons), axis=1)
    follows = np.repeat(np.arange(len(seasons) + 1), [len(RATES) - 1, *[len(RATES)] * len(seasons)]) - 1
    rates = np.array([*RATES[1:], *RATES * len(seasons)])
    level = np.where(follows < 0, start, 0.0)
    errors = np.zeros((n, len(rates)))
    unsmoothed = np.flatnonzero(rates == 0)
    size, count, shift, series = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    base = np.zeros((n, len(seasons) + 1))
    for step in range(length):
        value, here = values[:, step] - shift, known[:, step]
        for number, season in enumerate(seasons):
            base[:, number] = slow[:, number] + profiles[number][:, step % season]
        forecasts = level + base[:, follows]
        forecast = forecasts[series, errors.argmin(axis=1)]
        limit = np.where(count >= FIRST, MAX_ERROR * size, np.inf)
        error = np.where(here, value - forecast, 0.0)
        jump = np.where(resumed[:, step] & (np.abs(error) > limit), error, 0.0)
        shift += jump
        now = forecast + np.minimum(np.maximum(error - jump, -limit), limit)
        cleaned[:, step], moved[:, step] = now, shift
        usual_values[:, step] = base[series, errors[:, unsmoothed].argmin(axis=1)]
        count += here
        newness = here / np.maximum(count, 1)
        memory = np.maximum(newness, MEMORY * here)
        size = np.maximum(size + memory * (np.abs(now - forecast) - size), SMALLEST * (np.abs(now) + 1e-200))
        off = now[:, None] - forecasts
        errors += memory[:, None] * (np.abs(off) - errors)
        level += here[:, None] * rates * off
        for number, season in enumerate(seasons):
            new = here * (now - base[:, number])
            profiles[number][:, step % season] += new * (1.0 if step < season else SEASON_RATE)
            slow[:, number] += np.maximum(newness, slowest * here) * new
    return Cleaned(cleaned + moved, usual_values + moved, moved, resumed)
