"""Folds: panels that are split at a cutoff into known points and the actual values after them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import Floats
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.season_search import with_season_before

log = logging.getLogger(__name__)

Rows = NDArray[np.intp]

MIN_PAST_PER_STEP = 2
"""`rolling_folds` scores a series only if it has this many points up to the cutoff for each step of the horizon."""

MAX_HOLDOUT_FRACTION = 0.25
"""The largest fraction of a series that is held out by `last_fold`.

It also limits the default horizon of a backtest, but not a horizon that the user sets.
"""


@dataclass(frozen=True)
class Fold:
    """A panel that is split at one cutoff in each series: the points up to it, and the values after it.

    past:    the points up to the cutoff; a series without such points is left out
    rows:    (k,) the indices in `past` of the series that are scored; the other series are used for training only
    actual:  (k, h) the values of the scored series at the h steps after the cutoff; NaN where they are not known
    """

    past: Panel
    rows: Rows
    actual: Floats

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])

    @cached_property
    def known(self) -> Panel:
        """The panel of the series that are scored, with their points up to the cutoff."""
        return self.past.select(self.rows)

    @property
    def cutoffs(self) -> NDArray[Any]:
        """(k,) the cutoff of each series that is scored: its last known time."""
        return self.known.ends

    @property
    def end(self) -> str:
        """The latest cutoff of the series that are scored, as text; of all series if none is scored."""
        return (self.known if len(self.rows) else self.past).span[1]

    def only(self, chosen: Rows) -> Fold:
        """The same fold, in which only some of the series are scored. `chosen` are indices in `rows`."""
        return replace(self, rows=self.rows[chosen], actual=self.actual[chosen])


def rolling_folds(panel: Panel, horizon: int, n_folds: int, step_size: int) -> list[Fold]:
    """Folds at several cutoffs, the earliest first. There are at most `n_folds`, `step_size` steps apart.

    For example, with horizon 3, step size 2 and 3 folds (x is known, y is forecast, later values are hidden):

        fold 0   x x x x x x y y y
        fold 1   x x x x x x x x y y y
        fold 2   x x x x x x x x x x y y y

    The last cutoff is `horizon` steps before the end of each series. Values after a cutoff are hidden in all series. A
    series that has too few points up to a cutoff is not scored there. Each fold scores at least one series, so there
    are fewer folds, or none, if all series are short. If the season length was detected from the values, it is detected
    again from the values up to the first cutoff.

    horizon:   the number of steps that each fold forecasts
    n_folds:   the largest number of folds
    step_size: the number of steps from one cutoff to the next
    """
    needed = points_needed(panel, horizon)
    longest = int(panel.lengths.max(initial=0))
    possible = (longest - needed - horizon) // step_size + 1
    offsets = range(min(n_folds, max(possible, 0)) - 1, -1, -1)
    panel = with_season_before(panel, horizon + step_size * max(offsets, default=0))
    return [_fold(panel, horizon, horizon + step_size * offset, needed) for offset in offsets]


def log_different_ends(panel: Panel) -> None:
    """Log a remark if series end at different times.

    The cutoff of one series can then be before that of another. A network learns from all series together, so it may
    learn from values of other series after this cutoff.
    """
    if panel.dated and len(np.unique(panel.ends)) > 1:
        log.info(
            "The series end at different times: up to a cutoff, a network may learn from later values of other series."
        )


def points_needed(panel: Panel, horizon: int) -> int:
    """How many points up to the cutoff a series needs to be scored: enough to train a model and to scale errors."""
    return max(MIN_PAST_PER_STEP * horizon, panel.season_length + 1)


def max_holdout(points: int) -> int:
    """The largest number of last steps that can be held out of a series with this number of points."""
    return int(MAX_HOLDOUT_FRACTION * points)


def max_holdouts(panel: Panel) -> NDArray[np.int64]:
    """(n,) the largest number of last steps of each series that `last_fold` holds out."""
    return np.array([max_holdout(length) for length in panel.lengths.tolist()], dtype=np.int64)


def last_fold(panel: Panel, horizon: int) -> Fold:
    """The fold whose actual values are the last `horizon` steps of each series: the holdout of `train`.

    If `horizon` is more than a quarter of the longest series, the fold has fewer steps: a quarter of that series. A
    series that is shorter than four times these steps keeps all its points and is not scored. If no series is long
    enough, the horizon of the fold is 0.
    """
    steps = min(horizon, max_holdout(int(panel.lengths.max(initial=0))))
    long_enough = MAX_HOLDOUT_FRACTION * panel.lengths >= max(steps, 1)
    panel = with_season_before(panel, np.where(long_enough, steps, 0))
    return _fold(panel, steps, np.where(long_enough, steps, 0), needed=0)


def _fold(panel: Panel, horizon: int, hidden: int | NDArray[np.int64], needed: int) -> Fold:
    """The fold in which the last `hidden` points of each series are after the cutoff.

    A series is scored if it has at least `needed` points up to the cutoff and `horizon` points after it.

    hidden: one number for all series, or (n,) one for each
    """
    past = panel.drop_last(hidden)
    scored = (past.lengths >= needed) & (panel.lengths - past.lengths >= horizon) & (horizon > 0)
    starts = panel.indptr[:-1] + past.lengths
    actual = panel.values[starts[scored][:, None] + np.arange(horizon)]
    not_empty = past.lengths > 0
    return Fold(past.select(np.flatnonzero(not_empty)), np.flatnonzero(scored[not_empty]), actual)
