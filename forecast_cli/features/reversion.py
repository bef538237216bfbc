"""Reversion: over a long horizon, a forecast returns to what is usual in its series."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats, Ints

SPEEDS = (6.0, 2.0, 20.0, np.inf)
"""The times that are tried, in cycles, after which a distance from the usual values has shrunk to 37 %. The first is
used unless another one was clearly better; with the last, the forecast never returns."""

MIN_GAIN = 0.05
"""Another time than the first of SPEEDS must lower the error by at least this fraction."""

LEVEL_RATE = 0.5
"""The rate of the exponential average that stands for a forecast when the times are compared."""

HORIZONS = (1 / 26, 1 / 13, 1 / 7, 1 / 3, 2 / 3, 1)
"""The horizons at which they are compared, as fractions of the longest season."""

MIN_ORIGINS = 4


@dataclass(frozen=True)
class Reversion:
    """How the forecasts of one panel return to the usual values of their series.

    The usual value of a step is the median of the adjusted values at the same place of each cycle, within the last long
    season. A forecast h steps ahead keeps exp(-h / time) of its distance from it. Over a year, the level of a series is
    uncertain, and a trend that goes on is wrong most of the time; the median over a year is not.

    cycle:   the number of steps in a cycle, such as 7 days
    season:  the number of steps in the longest season, such as 365
    times:   (n,) the time of each series, in steps
    """

    cycle: int
    season: int
    times: Floats

    @classmethod
    def fit(cls, adjusted: list[Floats], cycle: int, season: float) -> Reversion:
        """Choose the time of each series: the one with the lowest error at earlier origins.

        adjusted:  (length,) of each series: the adjusted values, with the seasons as known at its end
        cycle:     the number of steps in a cycle
        season:    the number of steps in the longest season
        """
        times = [cycle * _cycles(each, cycle, season) for each in adjusted]
        return cls(cycle, round(season), np.array(times))

    def apply(self, path: Floats, past: Floats, inside: NDArray[np.bool_], rows: Ints) -> Floats:
        """(k, h) the path of each of k origins, returning to the usual values.

        path:   (k, h) predicted adjusted values
        past:   (k, L) the last L adjusted values up to each origin, L a multiple of `cycle`
        inside: (k, L) True where these steps are inside the series
        rows:   (k,) the indices of the series
        """
        steps = np.arange(1, path.shape[1] + 1)
        cycles = np.where(inside, past, np.nan).reshape(len(past), -1, self.cycle)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a place that no step of the series has
            usual = np.nanmedian(cycles, axis=1)[:, (steps - 1) % self.cycle]
        kept = np.exp(-steps / self.times[rows][:, None])
        return np.where(np.isfinite(usual), usual + kept * (path - usual), path)


def _cycles(adjusted: Floats, cycle: int, season: float) -> float:
    """The element of SPEEDS for one series. Errors are measured on the means of whole cycles."""
    count, width = len(adjusted) // cycle, round(season / cycle)
    means = adjusted[len(adjusted) - count * cycle :].reshape(count, cycle).mean(axis=1)
    if count <= width:
        return np.inf
    levels = _exponential_averages(means)[width - 1 :]
    usual = np.median(sliding_window_view(means, width), axis=1)
    errors = np.zeros(len(SPEEDS))
    for horizon in {max(1, round(fraction * width)) for fraction in HORIZONS}:
        actual = means[width - 1 + horizon :]
        if len(actual) < MIN_ORIGINS:
            continue
        level, middle = levels[: len(actual)], usual[: len(actual)]
        kept = np.exp(-horizon / np.array(SPEEDS))[:, None]
        absolute = np.abs(actual - (middle + kept * (level - middle))).mean(axis=1)
        errors += absolute / max(absolute.mean(), np.finfo(np.float64).tiny)
    best = int(np.argmin(errors))
    return SPEEDS[best] if errors[best] < (1 - MIN_GAIN) * errors[0] else SPEEDS[0]


def _exponential_averages(values: Floats) -> Floats:
    averages = np.empty_like(values)
    average = values[0]
    for at, value in enumerate(values):
        average += LEVEL_RATE * (value - average)
        averages[at] = average
    return averages
