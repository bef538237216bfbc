"""What a network's forecast is mixed with, vectorised over series: Theta, the damped trend, the last season again.

Theta: Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16, 2000; in the closed form of Hyndman and
Billah, International Journal of Forecasting 19, 2003, equation 5.
Damped trend: Gardner and McKenzie, Management Science 31, 1985; averaged over its parameters by Akaike weights as in
Kolassa, International Journal of Forecasting 27, 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.series import Floats

THETA = 3.0
"""The share of the slope is 1 - 1 / THETA: two thirds, where the usual 2 takes a half."""

RATES = np.linspace(0.05, 1, 20)

LEVEL_RATES, SLOPE_RATES, DAMPING = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0), (0.0, 0.1, 0.3, 0.6), (0.8, 0.85, 0.9, 0.95)
"""Of the damped trend: smoothing rates of the level and, as a share of them, of the slope; what a step leaves of a
slope."""

MOVED = 0.5
"""How much of its change the last season is moved by when it comes again."""

LEAST_ERROR = 0.5
"""What is added to the sum of squared errors, in mean squared steps: a fit of a few points is never perfect."""


def theta_path(values: Floats, inside: NDArray[np.bool_], horizon: int, theta: float = THETA) -> Floats:
    """(n, horizon) forecasts after values (n, L) of no season, that begin where `inside` does and go on to the end.

    Of each series the smoothing rate is that of `RATES` with the least squared error one step ahead.
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
    """(n,) of the straight line through each series by least squares, and of that through the medians: the lesser, or
    none where they differ in sign.

    The other is the median of what a series has moved within a quarter of its length, which one jump does not change:
    Theil, Indagationes Mathematicae 12, 1950, of fewer pairs.

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
    """(n, horizon) forecasts after values (n, L) of no season, that begin where `inside` does and go on to the end.

    Of each series the mean over all combinations of `LEVEL_RATES`, `SLOPE_RATES` and `DAMPING`, weighted by their
    likelihood one step ahead. Each begins with the first value and no slope.
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
    least = LEAST_ERROR * (steps**2).sum(axis=1) / count
    squares += np.where(least > 0, least, 1.0)[:, None]
    weights = (squares / squares.min(axis=1, keepdims=True)) ** (-count[:, None] / 2)
    weights /= weights.sum(axis=1, keepdims=True)
    left = np.cumsum(damping ** np.arange(1, horizon + 1)[:, None], axis=0)
    path: Floats = (weights * level).sum(axis=1)[:, None] + (weights * slope) @ left.T
    return path


def last_season_path(values: Floats, inside: NDArray[np.bool_], season_length: int, horizon: int) -> Floats:
    """(n, horizon) the last season of values (n, L) again, moved by half of its change.

    The change is the mean difference between the last quarter of a season and the same quarter a season before, of
    which fewer points are compared where it is not whole; where nothing of it is there, the path is NaN. `inside` is as
    above.

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
    path: Floats = again + MOVED * (changes / np.where(count > 0, count, np.nan))[:, None]
    return path
