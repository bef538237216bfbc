"""Forecasts that a network made for steps it had not learned, as rows from which trees learn."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.features.features import MAX_TARGET, Features
from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Progress
from forecast_cli.models.combined.tree_ensemble import Rows
from forecast_cli.models.combined.tree_features import Steps
from forecast_cli.models.network.model import NetworkModel
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

FRACTION = 3
"""One in this many points of each series, the last ones, is hidden from the network."""

FOLDS = 3

FOLD_FRACTION = 6
"""Each fold scores the forecasts from one in this many of the hidden points. So half of the hidden points are before
the first of the three folds."""

ORIGINS_PER_STEP = 1
"""Minimum number of origins in a fold, over all series, for each step of the horizon. With fewer, forecasts from them
overlap so much that they are hardly more than one forecast, and the second network has too little to learn from."""

MAX_ORIGINS, MAX_ROWS = 10_000, 20_000
"""Maximum numbers of origins, and of pairs of origin and step. If there are more, a random sample of them is used."""


@dataclass(frozen=True)
class OutOfFold:
    """The data that trees learn from. Each row is an origin and one step after it, which the network has forecast.

    features:  (rows, features) the input features of the trees
    network:   (rows,) the network's forecast, normalised by level and scale of the window at the origin
    actual:    (rows,) the actual values, normalised in the same way
    series:    (rows,) the index of the series in the panel
    origin:    (rows,) the number of steps from the origin to the end of the series
    target:    (rows,) the number of steps from the forecast step to the end of the series
    block:     the number of origins of each series in one fold
    longest:   the largest number of steps from an origin to a forecast step
    """

    features: Rows
    network: Floats
    actual: Floats
    series: Ints
    origin: Ints
    target: Ints
    block: int
    longest: int

    def errors(self, learned: NDArray[np.bool_]) -> Floats:
        """The errors of the network's forecasts (actual - network), to which trees are fitted.

        Errors are limited to -MAX_TARGET to MAX_TARGET. If there is only one series, the mean error at each step ahead
        is subtracted. It differs between two trainings, so trees that learn it would make the forecast of the other
        network worse. Over many series these differences are small.

        learned: (rows,) True for the rows that trees learn from; the result has only these
        """
        errors = np.clip(self.actual - self.network, -MAX_TARGET, MAX_TARGET)[learned]
        if not self.is_single:
            return errors
        step = (self.origin - self.target)[learned]
        mean = np.bincount(step, errors) / np.maximum(np.bincount(step), 1)
        return np.asarray(errors - mean[step])

    @property
    def is_single(self) -> bool:
        """Whether all rows are of one series."""
        return len(np.unique(self.series)) < 2

    def folds(self) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """For each fold, the earliest first, two masks (rows,): the rows that trees learn from, and those scored.

        The points that the network has not learned are divided by time into a first half and three blocks:

                    first half   block 1   block 2   block 3
            fold 1  learned      scored
            fold 2  learned      learned   scored
            fold 3  learned      learned   learned   scored

        A row is learned if its forecast step is at or before the cutoff, the start of the scored block. It is scored if
        its origin is in this block.
        """
        cutoffs = self.block * np.arange(FOLDS, 0, -1)
        return [
            (self.target >= cutoff, (self.origin <= cutoff) & (self.origin > cutoff - self.block))
            for cutoff in cutoffs.tolist()
        ]


def out_of_fold(model: NetworkModel, panel: Panel, horizon: int, seed: int, progress: Progress) -> OutOfFold | None:
    """Train another network on the first two thirds of each series, and forecast from each origin in the last third.

    model:   the unfitted network with its recipe; the other network has the same shape
    panel:   the series to learn from
    horizon: the largest number of steps after an origin
    seed:    of the random numbers that choose the rows

    Returns None if the series are too short.
    """
    hidden = panel.lengths // FRACTION
    block = int(np.median(hidden)) // FOLD_FRACTION
    if block == 0 or block * len(panel) < ORIGINS_PER_STEP * horizon:
        return None
    past = panel.drop_last(hidden)
    try:
        fitted = _second(model, past).fit(past, progress)
    except DataError:
        return None
    fitted.update(past)
    network = fitted.network
    features = Features.fit(panel, network.shape, Scaling.of(past), network.covariate_scaling, horizon)
    rng = np.random.default_rng(seed)
    at = np.arange(len(features.scaled))
    ahead = features.end - 1 - at
    origins = np.flatnonzero(features.observed & (ahead <= hidden[features.rows]) & (ahead > 0))
    origins = _sample(origins, MAX_ORIGINS, rng)
    horizon = min(horizon, int(hidden.max()))
    steps = Steps.after(features, origins, network.paths(features, origins, horizon).point, horizon)
    ahead = ahead[origins][:, None] - np.arange(1, horizon + 1)
    future = np.minimum(origins[:, None] + np.arange(1, horizon + 1), len(at) - 1)
    pairs = _sample(np.flatnonzero((ahead >= 0) & features.observed[future]), MAX_ROWS, rng)
    row, step = np.divmod(pairs, horizon)
    season = features.season_at(origins, np.arange(1, horizon + 1))
    actual = steps.windows.normalise(features.scaled[future] - season)
    return OutOfFold(
        features=steps.rows[row, step],
        network=steps.network[row, step],
        actual=actual[row, step],
        series=features.rows[origins][row],
        origin=ahead[row, step] + step + 1,
        target=ahead[row, step],
        block=block,
        longest=int(step.max(initial=0)) + 1,
    )


def _second(model: NetworkModel, past: Panel) -> NetworkModel:
    """The unfitted network of the same shape, with a training plan for `past`, without checkpoints and warm start."""
    options = replace(model.options, checkpoints=None, earlier=None)
    chosen = replace(model, options=options, recipe=None).for_data(past).recipe
    if model.recipe is None or chosen is None:
        raise ValueError("the recipe of the network is chosen first")
    return replace(model, options=options, recipe=replace(model.recipe, plan=chosen.plan))


def _sample(items: Ints, most: int, rng: np.random.Generator) -> Ints:
    """All items; or, if there are more than `most`, a random sample of `most` of them in ascending order."""
    return items if len(items) <= most else np.sort(rng.choice(items, most, replace=False))
