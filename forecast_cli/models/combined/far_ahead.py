"""The weights of members beyond the horizon at which their errors were measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

MAX_DECAY = 30.0
"""A weight falls to exp(-MAX_DECAY) and no further, so that a member that is alone on a series still has a weight."""


@dataclass(frozen=True)
class FarAhead:
    """How far beyond the horizon members still count that know no long season.

    Errors at a horizon of two days say little about a step in three months, which depends on the year. A method that
    repeats the last day or continues the last level does not know the year; the network does. So in series longer than
    the long season, the weights of such methods decrease beyond the horizon: after one more horizon, 37 % are left.

    horizon:  the horizon at which the errors were measured, in steps
    season:   the length of the longest season, in steps
    """

    horizon: int
    season: float

    @classmethod
    def in_panel(cls, panel: Panel, horizon: int) -> Self | None:
        """For a panel with errors at `horizon` steps. None if no series is longer than a long season."""
        longest = int(panel.lengths.max(initial=0))
        season = max((length for length in panel.long_seasons if longest > length), default=None)
        return None if season is None else cls(horizon, season)

    @classmethod
    def of(cls, array: NDArray[Any]) -> Self:
        """From (2,) numbers, as in `array`. Raises ValueError if they are not valid."""
        valid = array.shape == (2,) and array.dtype == np.float64 and np.isfinite(array).all() and (array >= 1).all()
        if not valid:
            raise ValueError("horizon and season of the weights far ahead are not two numbers of at least 1")
        return cls(int(array[0]), float(array[1]))

    def array(self) -> Floats:
        """(2,) the horizon and the season."""
        return np.array([self.horizon, self.season], dtype=np.float64)

    def weights(self, weights: Floats, lasting: NDArray[np.bool_], lengths: Ints, steps: int) -> Floats:
        """(n, m, steps) the weights at each step ahead. They do not add up to 1.

        weights:  (n, m) the weights of m members for n series, up to the horizon
        lasting:  (m,) whether a member keeps its weight
        lengths:  (n,) the number of points of each series
        """
        beyond = np.maximum(np.arange(1, steps + 1) - self.horizon, 0)
        left = np.exp(-np.minimum(beyond / self.horizon, MAX_DECAY))
        decreases = (lengths > self.season)[:, None] & ~lasting
        return weights[:, :, None] * np.where(decreases[:, :, None], left, 1.0)
