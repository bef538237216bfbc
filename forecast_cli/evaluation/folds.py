"""Folds: the known points up to a cutoff, and the actual values after it."""

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

MIN_PAST_PER_STEP = 2
"""A series is scored only if it has at least this many points up to the cutoff for each step of the horizon."""

MAX_HOLDOUT_FRACTION = 0.25
"""Maximum fraction of a series that is held out, unless the user sets the horizon of a backtest."""


@dataclass(frozen=True)
class Fold:
    """A split of a panel at one cutoff in each series.

    past:    the points up to the cutoff; without the series that have none
    rows:    (k,) rows in `past` of the series that are scored; the other series are only used for training
    actual:  (k, h) the values of the scored series after the cutoff; NaN where they are not known
    """

    past: Panel
    rows: Rows
    actual: Floats

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])

    @cached_property
    def known(self) -> Panel:
        """The points up to the cutoff of the series that are scored."""
        return self.past.select(self.rows)

    @property
    def cutoffs(self) -> NDArray[Any]:
        """(k,) the cutoff of each series that is scored: its last known time."""
        return self.known.ends

    @property
    def end(self) -> str:
        """The last known time of the series that are scored, as text; of all series if none is scored."""
        return (self.known if len(self.rows) else self.past).span[1]

    def only(self, chosen: Rows) -> Fold:
        """The same fold, in which only the series at these positions of `rows` are scored."""
        return replace(self, rows=self.rows[chosen], actual=self.actual[chosen])


def rolling_folds(panel: Panel, horizon: int, n_windows: int, step_size: int) -> list[Fold]:
    """At most `n_windows` folds, the earliest first; their cutoffs are `step_size` steps apart.

    Horizon 3, step size 2, 3 folds; x is known, y is forecast, later values are hidden:

        fold 0   x x x x x x y y y
        fold 1   x x x x x x x x y y y
        fold 2   x x x x x x x x x x y y y

    The last cutoff is `horizon` steps before the end of each series. The values after a cutoff are hidden in all
    series, also in series that are too short to be scored (see `points_needed`). Each fold scores at least one series,
    so short data give fewer folds, or none.
    """
    needed = points_needed(panel, horizon)
    longest = int(panel.lengths.max(initial=0))
    possible = (longest - needed - horizon) // step_size + 1
    offsets = range(min(n_windows, max(possible, 0)) - 1, -1, -1)
    return [_fold(panel, horizon, horizon + step_size * offset, needed) for offset in offsets]


def log_different_ends(panel: Panel) -> None:
    """If series end at different times, log that a network may learn from other series' values after a cutoff."""
    if panel.dated and len(np.unique(panel.ends)) > 1:
        log.info(
            "The series end at different times: up to a cutoff, a network may learn from later values of other series."
        )


def points_needed(panel: Panel, horizon: int) -> int:
    """Number of points up to the cutoff that a series needs to be scored: enough to train on and to scale errors."""
    return max(MIN_PAST_PER_STEP * horizon, panel.season_length + 1)


def max_holdout(points: int) -> int:
    """Maximum number of steps that can be held out of a series with this number of points."""
    return int(MAX_HOLDOUT_FRACTION * points)


def last_fold(panel: Panel, horizon: int) -> Fold:
    """The fold that holds out the last `horizon` steps, but at most `max_holdout` of the longest series.

    A series whose own `max_holdout` is smaller keeps all its points and is not scored. If no step can be held out of
    any series, the horizon of the fold is 0.
    """
    steps = min(horizon, max_holdout(int(panel.lengths.max(initial=0))))
    long_enough = MAX_HOLDOUT_FRACTION * panel.lengths >= max(steps, 1)
    return _fold(panel, steps, np.where(long_enough, steps, 0), needed=0)


def _fold(panel: Panel, horizon: int, hidden: int | NDArray[np.int64], needed: int) -> Fold:
    """The fold that hides the last `hidden` points of each series.

    It scores each series that has at least `needed` points up to the cutoff and `horizon` points after it.
    """
    past = panel.drop_last(hidden)
    scored = (past.lengths >= needed) & (panel.lengths - past.lengths >= horizon) & (horizon > 0)
    starts = panel.indptr[:-1] + past.lengths
    actual = panel.values[starts[scored][:, None] + np.arange(horizon)]
    not_empty = past.lengths > 0
    return Fold(past.select(np.flatnonzero(not_empty)), np.flatnonzero(scored[not_empty]), actual)
