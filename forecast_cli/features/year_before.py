"""The year before: a forecast of hours is averaged with the same hours one year earlier, where that was better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_cli.features.reversion import Reversion, exponential_averages
from forecast_cli.panel.arrays import Floats, Ints

SHARE = 0.5
"""The weight of the value one year before in a forecast far ahead, 0 to 1."""

RISE = 1 / 5
"""The weight grows with the number of steps ahead: after this many cycles it is 63 % of SHARE. The next hours depend
more on the latest hours than on the year before."""

TRIED_SHARE, MIN_GAIN = 0.25, 0.015
"""The year before is used if it lowers the error of a simpler forecast at earlier origins by more than the fraction
MIN_GAIN. In this comparison, its weight is TRIED_SHARE. This is smaller than SHARE, because the simpler forecast drifts
less: unlike that of a network, its inputs are never its own forecasts."""

CYCLES_AHEAD = (1, 2, 4)
"""How many cycles ahead the forecasts at earlier origins are."""

MIN_CYCLES, MAX_CYCLES = 8, 52
"""The errors are measured on the last cycles, at most MAX_CYCLES. With fewer than MIN_CYCLES, the year before is not
used."""

MAX_PLACES = 24
"""The errors are measured at no more than about this many steps of each cycle, so that long panels take little time."""


@dataclass(frozen=True)
class YearBefore:
    """In which series forecasts are averaged with the values one long season (a year) earlier, and with which weight.

        forecast = predicted + w * (year before - predicted),    w = share * (1 - exp(-t / rise))

    Here, predicted is the forecast of the network, and t is the number of steps after the origin.

    Traffic, demand and the like repeat more of the year before than the smooth seasons of the features can describe:
    holidays, vacations, the hours of each weekday in each part of the year. Temperatures do not. So the share of a
    series is 0 if forecasts from earlier origins have lower errors without the year before.

    rise:    the number of steps after which the weight is 63 % of the share
    shares:  (n,) the share of each series, 0 or SHARE
    """

    rise: float
    shares: Floats

    @classmethod
    def fit(cls, adjusted: Iterable[Floats], reversion: Reversion) -> YearBefore:
        """Choose the share of each series: SHARE if the year before lowers the error by more than MIN_GAIN, else 0.

        adjusted:  for each series (length,) its adjusted values, with the seasons as estimated at its last point
        reversion: how forecasts return to the usual values; the simpler forecast of `_gain` returns in the same way
        """
        gains = [_gain(each, reversion, row) for row, each in enumerate(adjusted)]
        return cls(RISE * reversion.cycle, np.where(np.array(gains) > MIN_GAIN, SHARE, 0.0))

    def apply(self, path: Floats, past: Floats, inside: NDArray[np.bool_], rows: Ints) -> Floats:
        """(k, h) the forecasts of k origins, averaged with the values one year before, where there are such values.

        path:   (k, h) the forecasts: predicted adjusted values
        past:   (k, L) the last L adjusted values up to each origin: a year, rounded down to whole cycles
        inside: (k, L) True where these steps are inside the series
        rows:   (k,) the indices of the series
        """
        steps = np.arange(path.shape[1])
        again, exists = (each[:, steps % each.shape[1]] for each in (past, inside))
        share = self.shares[rows][:, None] * -np.expm1(-(steps + 1) / self.rise)
        return np.where(exists, path + share * (again - path), path)


def _gain(adjusted: Floats, reversion: Reversion, row: int) -> float:
    """The fraction by which the year before lowers the error of a simpler forecast; 0 for a short series.

    It is below 0 if the error becomes higher. The simpler forecast is an exponential average at each position in the
    cycle, which returns to the usual value of this position. The weight of the year before is TRIED_SHARE. Errors are
    mean absolute errors at earlier origins.

    adjusted: (length,) the adjusted values of one series
    row:      the index of the series
    """
    cycle, width = reversion.cycle, reversion.season // reversion.cycle
    count = min(len(adjusted) // cycle, 2 * width + MAX_CYCLES)
    first = width - 1 + max(CYCLES_AHEAD)
    if width < max(CYCLES_AHEAD) or count - first < MIN_CYCLES:
        return 0.0
    cycles = adjusted[len(adjusted) - count * cycle :].reshape(count, cycle)[:, :: -(-cycle // MAX_PLACES)]
    usual = np.median(sliding_window_view(cycles, width, axis=0), axis=-1)
    distance = exponential_averages(cycles)[width - 1 :] - usual
    level = distance.mean(axis=1, keepdims=True)
    actual = np.arange(max(first, count - MAX_CYCLES), count)
    before, after = 0.0, 0.0
    for ahead in CYCLES_AHEAD:
        at = actual - ahead - (width - 1)
        kept_level, kept_shape = reversion.kept(np.array(ahead * cycle), np.array([row]))
        stand_in = usual[at] + kept_level * level[at] + kept_shape * (distance - level)[at]
        averaged = stand_in + TRIED_SHARE * (cycles[actual - width] - stand_in)
        before += float(np.abs(cycles[actual] - stand_in).mean())
        after += float(np.abs(cycles[actual] - averaged).mean())
    return 1 - after / before if before > 0 else 0.0
