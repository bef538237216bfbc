"""Weights of members at steps beyond the horizon at which their errors were measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

MAX_DECAY = 30.0
"""A weight is multiplied by at least exp(-MAX_DECAY). So it stays positive, also if a series has only one member."""


@dataclass(frozen=True)
class FarAhead:
    """How the weights of members that ignore the long season decrease beyond the horizon.

    Errors at a horizon of two days say little about a step three months ahead, which depends on the time of the year.
    A method that repeats the last day or continues the last level ignores the time of the year; the network uses it.
    So in series longer than the long season, the weights of such methods decrease exponentially beyond the horizon: at
    twice the horizon, they are 37 % (1/e) of their value.

    horizon:  the horizon at which the errors were measured, in steps
    season:   the length of the longest season, in steps
    """

    horizon: int
    season: float

    @classmethod
    def in_panel(cls, panel: Panel, horizon: int) -> Self | None:
        """The decrease for a panel on which errors were measured up to `horizon` steps ahead.

        None if no series is longer than a long season.
        """
        longest = int(panel.lengths.max(initial=0))
        season = max((length for length in panel.long_seasons if longest > length), default=None)
        return None if season is None else cls(horizon, season)

    @classmethod
    def of(cls, array: NDArray[Any]) -> Self:
        """The inverse of `array`: (2,) the horizon and the season. Raises ValueError if the array is not valid."""
        valid = array.shape == (2,) and array.dtype == np.float64 and np.isfinite(array).all() and (array >= 1).all()
        if not valid:
            raise ValueError("far_ahead must be two numbers of at least 1, a horizon and a season")
        return cls(int(array[0]), float(array[1]))

    def array(self) -> Floats:
        """(2,) the horizon and the season."""
        return np.array([self.horizon, self.season], dtype=np.float64)

    def weights(self, weights: Floats, lasting: NDArray[np.bool_], lengths: Ints, steps: int) -> Floats:
        """(n, m, steps) the weights at each step ahead. Beyond the horizon, they do not add up to 1.

        weights:  (n, m) the weights of m members for n series, up to the horizon
        lasting:  (m,) whether the weight of a member stays the same beyond the horizon
        lengths:  (n,) the number of points of each series
        """
        beyond = np.maximum(np.arange(1, steps + 1) - self.horizon, 0)
        left = np.exp(-np.minimum(beyond / self.horizon, MAX_DECAY))
        decreases = (lengths > self.season)[:, None] & ~lasting
        return weights[:, :, None] * np.where(decreases[:, :, None], left, 1.0)
