"""Folds: what is known at a cutoff, and what came after it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import Floats
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

Rows = NDArray[np.intp]

PAST_PER_STEP = 2
"""A series is scored at a cutoff with at least so many points before it for each step after it."""

SHARE = 4
"""Where nobody asked for a backtest, a series gives up at most its last quarter."""


@dataclass(frozen=True)
class Fold:
    """One cutoff of every series.

    past:    all that is known at the cutoff; a series without a point by then is not in it
    rows:    (k,) the series of `past` that are scored; the others are there to learn from
    actual:  (k, h) what came after the cutoff, NaN where that is not known
    """

    past: Panel
    rows: Rows
    actual: Floats

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])

    @cached_property
    def known(self) -> Panel:
        """The past of the series that are scored."""
        return self.past.select(self.rows)

    @property
    def cutoffs(self) -> NDArray[Any]:
        """(k,) the last time known of each series that is scored."""
        return self.known.times[self.known.indptr[1:] - 1]

    @property
    def end(self) -> str:
        """The last time known of the series that are scored, as text; of all of them, where none is."""
        return (self.known if len(self.rows) else self.past).span[1]

    def only(self, chosen: Rows) -> Fold:
        """The fold that scores just these of its `rows`."""
        return replace(self, rows=self.rows[chosen], actual=self.actual[chosen])


def rolling_folds(panel: Panel, horizon: int, n_windows: int, step_size: int) -> list[Fold]:
    """Folds at cutoffs `step_size` apart, the earliest first; the last one leaves `horizon` steps.

    x is known, y is to be forecast, and nothing is known of what is left blank. Horizon 3, step 2, 3 windows:

        fold 0   x x x x x x y y y
        fold 1   x x x x x x x x y y y
        fold 2   x x x x x x x x x x y y y

    Cutoffs are counted from the end of each series. What comes after the cutoff is hidden in all of them; a
    series too short to be scored there (see `points_needed`) is still learned from. No fold is without a
    series to score: where the data are short there are fewer of them, and none where even one is too many.
    """
    needed = points_needed(panel, horizon)
    longest = int(panel.lengths.max(initial=0))
    possible = (longest - needed - horizon) // step_size + 1
    offsets = range(min(n_windows, max(possible, 0)) - 1, -1, -1)
    return [_fold(panel, horizon, horizon + step_size * offset, needed) for offset in offsets]


def tell_later_ends(panel: Panel) -> None:
    """Say what a network knows where cutoffs count from the end of each series, and these differ."""
    if panel.dated and len(np.unique(panel.times[panel.indptr[1:] - 1])) > 1:
        log.info("The series do not end at the same time: at a cutoff, a network has learned later values of others.")


def points_needed(panel: Panel, horizon: int) -> int:
    """Points before a cutoff without which a series is not scored: enough to learn from and to scale errors by."""
    return max(PAST_PER_STEP * horizon, panel.season_length + 1)


def last_fold(panel: Panel, horizon: int) -> Fold:
    """The last `horizon` steps of every series that is long enough, or fewer where no series could spare so many.

    The series that are too short keep all their points. There may be nothing to score: then the horizon is 0.
    """
    steps = min(horizon, int(panel.lengths.max(initial=0)) // SHARE)
    long_enough = panel.lengths >= SHARE * max(steps, 1)
    return _fold(panel, steps, np.where(long_enough, steps, 0), needed=(SHARE - 1) * max(steps, 1))


def _fold(panel: Panel, horizon: int, hidden: int | NDArray[np.int64], needed: int) -> Fold:
    """The fold where the last `hidden` points of each series are yet to come.

    It scores the series with `needed` points before the cutoff and `horizon` points after it.
    """
    past = panel.drop_last(hidden)
    scored = (past.lengths >= needed) & (panel.lengths - past.lengths >= horizon) & (horizon > 0)
    starts = panel.indptr[:-1] + past.lengths
    actual = panel.values[starts[scored][:, None] + np.arange(horizon)]
    there = past.lengths > 0
    return Fold(past.select(np.flatnonzero(there)), np.flatnonzero(scored[there]), actual)
