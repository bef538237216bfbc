"""Find where a series continues after a long gap: more missing steps than a season has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.anomalies.alarms import season_steps
from forecast_cli.panel.arrays import Floats


def after_long_gaps(values: Floats, season_length: int) -> NDArray[np.bool_]:
    """(n, L) True at the first value after each long gap. The steps before the first value of a series are no gap.

    values:         (n, L) NaN where missing
    season_length:  steps in one season; 1 if there is no season: a long gap then has more than `season_steps(1)` steps

    >>> after_long_gaps(np.array([[1.0, np.nan, np.nan, 1.0, np.nan, np.nan, np.nan, 1.0]]), 2)
    array([[False, False, False, False, False, False, False,  True]])
    """
    known, steps = ~np.isnan(values), np.arange(values.shape[1])
    latest = np.maximum.accumulate(np.where(known, steps, -1), axis=1)
    before = np.roll(latest, 1, axis=1)
    before[:, :1] = -1
    return known & (before >= 0) & (steps - before - 1 > season_steps(season_length))


def in_first_season(resumed: NDArray[np.bool_], season_length: int) -> NDArray[np.bool_]:
    """(L,) True where the season that ends at a step began before the end of a long gap.

    resumed: (L,) True at the first value after each long gap

    >>> in_first_season(np.array([False, True, False, False]), 2)
    array([False,  True, False, False])
    """
    ended = np.r_[0, np.cumsum(resumed)]
    steps = np.arange(1, len(ended))
    before: NDArray[np.bool_] = ended[1:] > ended[np.maximum(steps - season_steps(season_length) + 1, 0)]
    return before
