"""Train one network on all series of a panel: first `fit`, without the last steps, then `update`, on all steps."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial

import numpy as np

from forecast_cli import __version__
from forecast_cli.errors import DataError, UsageError, mention
from forecast_cli.features.features import Features
from forecast_cli.forecasting import Progress
from forecast_cli.models.files import FITTED_FILE, ONNX_FILE, SCORED_FILE, WEIGHTS_FILE
from forecast_cli.models.network.checkpoint import Checkpoints
from forecast_cli.models.network.defaults import Recipe
from forecast_cli.models.network.trained import State, TrainedNetwork
from forecast_cli.models.network.trainer import Trainer
from forecast_cli.panel.arrays import Ints
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

UPDATE_STEPS, UPDATE_RATE = 0.3, 0.3
"""The number of steps and the learning rate of `update`, as fractions of those of `fit`."""


class NetworkTraining:
    """The training of a network, in two parts.

    `fit` trains on a panel without the last steps of each series. These are the validation steps: they decide which
    epoch was best. `update` then trains briefly on all steps of the same panel, or of a longer one.

    recipe:       all settings of the network and its training
    checkpoints:  where checkpoints are written and found; None trains without checkpoints
    start:        the state of an earlier network to start from (a warm start); None starts from random weights
    """

    def __init__(self, recipe: Recipe, checkpoints: Checkpoints | None = None, start: State | None = None) -> None:
        self.recipe, self.checkpoints, self.start = recipe, checkpoints, start
        self.trainer = Trainer(recipe.spec, recipe.plan, start.weights if start else None)
        self.network = TrainedNetwork(self.trainer.predict, recipe.shape, recipe.context_size)
        self.epochs_run = 0
        self.updated_with: str | None = None
        self.learned_to = ""
        self.fitted: State | None = None
        self.scored: State | None = None
        self.network_as_fitted: TrainedNetwork | None = None
        self.learned: dict[str, tuple[int, int]] = {}

    def fit(self, panel: Panel, progress: Progress, cutoff: str | None = None) -> None:
        """Train on all windows whose targets are before the validation steps: the last points of each series.

        If `checkpoints` is not None, a checkpoint is written after each epoch, and an interrupted training continues
        from it.

        cutoff:  the time that is recorded as the end of the training data, as text: the last known time of the series
                 that will be scored. None: the last time of the panel

        Raises DataError if no two neighbouring values are known before the validation steps. Raises UsageError if the
        loss becomes NaN.
        """
        self.learned_to = cutoff or panel.span[1]
        if self.start and is_earlier(self.learned_to, self.start.learned_to, dated=panel.dated):
            log.warning(
                "The earlier model was trained on data up to %s, later than the cutoff %s of the new one: the new "
                "model is scored on steps that it has learned, so its errors look too small.",
                self.start.learned_to,
                self.learned_to,
            )
        held_back = self.held_back(panel)
        past = Features.fit(panel.drop_last(held_back), self.recipe.shape)
        self.network = replace(self.network, covariate_scaling=past.covariate_scaling)
        origins = past.training_origins(self.recipe.min_history)
        if len(origins) == 0:
            raise _too_short(past)
        validation = _validation(panel, past, held_back)
        if self.checkpoints is None:
            losses = self.trainer.fit(past, origins, validation, progress)
        else:
            key = self._key(panel)
            resumed, keep = self.checkpoints.find(key), partial(self.checkpoints.keep, key)
            losses = self.trainer.fit(past, origins, validation, progress, resumed, keep)
        self.epochs_run = len(losses)
        if not np.isfinite(losses).all():
            raise UsageError(
                "The training diverged: its loss became NaN.", f"Give a smaller {mention('learning-rate')}."
            )
        self.fitted = self.scored = State(self.trainer.weights(), self.learned_to)
        self.network_as_fitted = replace(self.network, run=self.trainer.frozen())
        seen = zip((panel.lengths - held_back).tolist(), panel.lengths.tolist(), strict=True)
        self.learned = dict(zip(panel.ids.tolist(), seen, strict=True))

    def as_fitted(self, panel: Panel, *, validated: bool = True) -> tuple[TrainedNetwork, Ints]:
        """The network after `fit`, and (n,) the number of last points of each series that it was not trained on.

        With a warm start, all these numbers are 0, because the earlier network was trained on nearly all points.

        panel:      the panel of `fit`, or a longer or shorter one
        validated:  whether these numbers include the validation steps. The network was not trained on them, but they
                    decided which epoch was best
        """
        if self.network_as_fitted is None:
            raise ValueError("a network has no state before it is fitted")
        learned = [self.learned.get(name, (0, 0))[0 if validated else 1] for name in panel.ids.tolist()]
        unlearned = np.zeros(len(panel), dtype=np.int64) if self.start else panel.lengths - np.array(learned)
        return self.network_as_fitted, np.maximum(unlearned, 0)

    def held_back(self, panel: Panel) -> Ints:
        """(n,) the number of validation steps of each series: its last points, at most a quarter of it."""
        return np.minimum(self.recipe.validation_size, panel.lengths // 4)

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Continue the training briefly on all windows of the panel. A second call with the same panel has no effect.

        cutoff:  the time that is recorded as the end of the training data, as text; None: the last time of the panel
        """
        digest = fingerprint(panel)
        if digest == self.updated_with:
            return
        if self.updated_with is not None:
            self.scored = State(self.trainer.weights(), self.learned_to)
        plan = self.recipe.plan
        features = Features.fit(panel, self.recipe.shape, None, self.network.covariate_scaling)
        steps = max(1, round(UPDATE_STEPS * self.epochs_run * plan.steps_per_epoch))
        origins = features.training_origins(self.recipe.min_history)
        self.trainer.continue_on(features, origins, steps, UPDATE_RATE * plan.learning_rate)
        self.learned_to = cutoff or panel.span[1]
        self.updated_with = digest

    def files(self) -> Mapping[str, bytes]:
        """The files of the network in a bundle: logical name -> content."""
        fitted, scored = self.states()
        onnx, weights = self.trainer.export()
        files = {ONNX_FILE: onnx, WEIGHTS_FILE: weights, FITTED_FILE: fitted.weights}
        return files if scored is fitted else files | {SCORED_FILE: scored.weights}

    def states(self) -> tuple[State, State]:
        """The state after `fit`, and the state in which the model was scored."""
        if self.fitted is None or self.scored is None:
            raise ValueError("a network has no state before it is fitted")
        return self.fitted, self.scored

    def _key(self, panel: Panel) -> str:
        """The key of the training for its checkpoints: the SHA-256 (hex) of its data, settings and versions.

        A training continues from a checkpoint only if both have the same key.
        """
        parts = {
            "data": fingerprint(panel),
            "season_length": panel.season_length,
            "recipe": asdict(self.recipe),
            "start": self.start and hashlib.sha256(self.start.weights).hexdigest(),
            "versions": [__version__, self.trainer.keras.__version__],
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _validation(panel: Panel, past: Features, held_back: Ints) -> tuple[Features, Ints] | None:
    """The windows for validation: the features of the whole panel, and the origins of the windows.

    An origin is an observed point. The next point is a validation step, and is observed too.

    panel:     the whole panel
    past:      the features without the validation steps; their scaling is used
    held_back: (n,) the number of validation steps of each series

    Returns None if there are no such origins.
    """
    whole = Features.fit(panel, past.shape, past.scaling, past.covariate_scaling)
    at = np.arange(len(whole.scaled))
    last_block = (at >= whole.end - 1 - held_back[whole.rows]) & (at < whole.end - 1) & (at > whole.start)
    origins = np.flatnonzero(last_block & whole.observed & np.r_[whole.observed[1:], False])
    return (whole, origins) if len(origins) else None


def _too_short(features: Features) -> DataError:
    known = np.bincount(features.rows, features.observed)
    if (known > 2).any():
        return DataError(
            "There is nothing to train on: no two neighbouring values are known.",
            f"Give the actual frequency of the values with {mention('freq')}, or fill the gaps with "
            f"{mention('on-gap', 'zero')} or {mention('on-gap', 'previous')}.",
        )
    return DataError(
        "The series are too short to train on: no two neighbouring values are known.",
        "Give longer series, or more series.",
    )


def is_earlier(time: str, other: str, *, dated: bool) -> bool:
    """Whether one time is before another. Both are text: dates in ISO 8601, or step numbers if `dated` is False.

    >>> is_earlier("2024-12-31 23:00", "2025-01-01", dated=True), is_earlier("9", "10", dated=False)
    (True, True)
    """
    return bool(np.datetime64(time) < np.datetime64(other)) if dated else int(time) < int(other)
