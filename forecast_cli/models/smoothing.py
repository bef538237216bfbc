"""Theta, vectorised over series: exponential smoothing with a share of the straight line's slope.

Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16, 2000; in the closed form of Hyndman and
Billah, International Journal of Forecasting 19, 2003, equation 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.transforms import Floats

THETA = 3.0
"""The share of the slope is 1 - 1 / THETA: two thirds, where the usual 2 takes a half."""

RATES = np.linspace(0.05, 1, 20)


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

    time = np.cumsum(inside, axis=1) - (count[:, None] + 1) / 2
    spread = np.where(inside, time**2, 0.0).sum(axis=1)
    slope = np.where(inside, time * values, 0.0).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    steps = np.arange(horizon) + ((1 - (1 - rate) ** count) / rate)[:, None]
    path: Floats = level[np.arange(len(values)), best, None] + (1 - 1 / theta) * slope[:, None] * steps
    return path
