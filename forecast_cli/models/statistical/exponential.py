"""Simple forecasts of many series at once, in NumPy: Theta, the damped trend, the repeated last season.

Theta: Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16, 2000; in the closed form of Hyndman and
Billah, International Journal of Forecasting 19, 2003, equation 5.
Damped trend: Gardner and McKenzie, Management Science 31, 1985; averaged over its parameters by Akaike weights as in
Kolassa, International Journal of Forecasting 27, 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats

THETA = 3.0
"""The forecast rises by 1 - 1 / THETA of the slope at each step: two thirds. With the usual theta of 2, by half."""

RATES = np.linspace(0.05, 1, 20)
"""The smoothing rates from which Theta chooses the best for each series."""

LEVEL_RATES, SLOPE_RATES, DAMPING = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0), (0.0, 0.1, 0.3, 0.6), (0.8, 0.85, 0.9, 0.95)
"""The parameters of the damped trend, all of which are tried: smoothing rates of the level; smoothing rates of the
slope, as fractions of the level's rate; factors by which the slope is multiplied at each step ahead."""

CHANGE_FRACTION = 0.5
"""When the last season is repeated as a forecast, this fraction of its change from the season before is added."""

PRIOR_SQUARED_ERROR = 0.5
"""This number, times the mean squared change of the series, is added to each sum of squared errors. Otherwise a perfect
fit to a few points would get all the weight."""


def theta_path(values: Floats, inside: NDArray[np.bool_], horizon: int, theta: float = THETA) -> Floats:
    """(n, horizon) the Theta forecasts of n series without season.

    For each series, the smoothing rate with the smallest squared error one step ahead is used.

    values:  (n, L) the last L values of each series; a series may be shorter
    inside:  (n, L) False before the first point of each series, True from it to the end
    theta:   the forecast rises by 1 - 1 / theta of the slope at each step
    """
    level, squares = np.zeros((2, len(values), len(RATES)))
    for at in range(values.shape[1]):
        value, here = values[:, at, None], inside[:, at, None]
        begins = here & ~inside[:, at - 1, None] if at else here
        level = np.where(begins, value, level)
        error = np.where(here, value - level, 0.0)
        squares += error**2
        level = level + RATES * error
    best = squares.argmin(axis=1)
    rate, count = RATES[best], inside.sum(axis=1)

    steps = np.arange(horizon) + ((1 - (1 - rate) ** count) / rate)[:, None]
    slope = _slope(values, inside)[:, None]
    path: Floats = level[np.arange(len(values)), best, None] + (1 - 1 / theta) * slope * steps
    return path


def _slope(values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """(n,) the slope of each series, per step: the estimate nearer to 0 of two, or 0 where their signs differ.

    One estimate is the slope of the least-squares line. The other is the median change over a quarter of the series'
    length, divided by the number of steps; a single jump does not affect it (Theil, Indagationes Mathematicae 12, 1950,
    with fewer pairs).

    values:  (n, L) the last L values of each series; a series may be shorter
    inside:  (n, L) False before the first point of each series, True from it to the end

    >>> jump, line = [1.0, 1, 1, 1, 1, 1, 9, 9], [1.0, 3, 5, 7, 9, 11, 13, 15]
    >>> _slope(np.array([jump, line]), np.ones((2, 8), dtype=bool)).tolist()
    [0.0, 2.0]
    """
    count = inside.sum(axis=1)
    time = np.cumsum(inside, axis=1) - (count[:, None] + 1) / 2
    spread = np.where(inside, time**2, 0.0).sum(axis=1)
    by_squares = np.where(inside, time * values, 0.0).sum(axis=1) / np.where(spread > 0, spread, 1.0)

    lag = np.maximum(count // 4, 1)
    before = np.arange(values.shape[1]) - lag[:, None]
    pairs = (before >= 0) & np.take_along_axis(inside, np.maximum(before, 0), axis=1)
    moved = np.where(pairs, values - np.take_along_axis(values, np.maximum(before, 0), axis=1), np.nan)
    moved[count < 2, -1] = 0.0
    by_medians = np.nanmedian(moved, axis=1) / lag
    lesser = np.where(np.abs(by_medians) < np.abs(by_squares), by_medians, by_squares)
    return np.where(by_squares * by_medians > 0, lesser, 0.0)


def damped_path(values: Floats, inside: NDArray[np.bool_], horizon: int) -> Floats:
    """(n, horizon) the damped-trend forecasts of n series without season.

    The forecast is a weighted mean over all combinations of LEVEL_RATES, SLOPE_RATES and DAMPING. The weight of a
    combination is the likelihood of its errors one step ahead. Each combination starts with the first value as level,
    and with slope 0.

    values:  (n, L) the last L values of each series; a series may be shorter
    inside:  (n, L) False before the first point of each series, True from it to the end
    """
    level_rate, share, damping = (
        grid.ravel() for grid in np.meshgrid(LEVEL_RATES, SLOPE_RATES, DAMPING, indexing="ij")
    )
    level, slope, squares = np.zeros((3, len(values), len(damping)))
    for at in range(values.shape[1]):
        value, here = values[:, at, None], inside[:, at, None]
        begins = here & ~inside[:, at - 1, None] if at else here
        level = np.where(begins, value, level)
        error = np.where(here, value - level - damping * slope, 0.0)
        squares += error**2
        level = level + damping * slope + level_rate * error
        slope = damping * slope + level_rate * share * error

    steps = np.where(inside[:, 1:] & inside[:, :-1], np.diff(values, axis=1), 0.0)
    count = inside.sum(axis=1)
    least = PRIOR_SQUARED_ERROR * (steps**2).sum(axis=1) / count
    squares += np.where(least > 0, least, 1.0)[:, None]
    weights = (squares / squares.min(axis=1, keepdims=True)) ** (-count[:, None] / 2)
    weights /= weights.sum(axis=1, keepdims=True)
    left = np.cumsum(damping ** np.arange(1, horizon + 1)[:, None], axis=0)
    path: Floats = (weights * level).sum(axis=1)[:, None] + (weights * slope) @ left.T
    return path


def last_season_path(values: Floats, inside: NDArray[np.bool_], season_length: int, horizon: int) -> Floats:
    """(n, horizon) the last season of n series, repeated, plus half of the change from the season before.

    The change is the mean difference between the values of the last quarter of a season and those one season earlier.
    If a series is too short for this, its forecast is NaN.

    values:         (n, L) the last L values of each series; a series may be shorter
    inside:         (n, L) False before the first point of each series, True from it to the end
    season_length:  the number of steps in one season
    horizon:        the number of steps to forecast

    >>> last_season_path(np.array([[1.0, 5, 1, 1, 4, 9]]), np.ones((1, 6), dtype=bool), 4, 5).tolist()
    [[3.0, 3.0, 6.0, 11.0, 3.0]]
    """
    recent = min(max(1, season_length // 4), values.shape[1] - season_length)
    if recent < 1:
        return np.full((len(values), horizon), np.nan)
    before = slice(-recent - season_length, -season_length)
    pairs = inside[:, before]
    changes = np.where(pairs, values[:, -recent:] - values[:, before], 0.0).sum(axis=1)
    again = values[:, -season_length + np.arange(horizon) % season_length]
    count = pairs.sum(axis=1)
    path: Floats = again + CHANGE_FRACTION * (changes / np.where(count > 0, count, np.nan))[:, None]
    return path
