"""The global recurrent forecaster: one network over all series of a panel."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np

from forecast_cli import __version__
from forecast_cli.errors import DataError, UsageError, mention
from forecast_cli.evaluation.metrics import mae
from forecast_cli.features.scaling import ValueMap
from forecast_cli.features.windows import Prepared, WindowShape
from forecast_cli.forecasting import Forecast, Progress
from forecast_cli.models.combined.smoothed import NO_SMOOTHING, Smoothing, trust_in_smoothing
from forecast_cli.models.network.checkpoint import Checkpoints
from forecast_cli.models.network.defaults import Recipe
from forecast_cli.models.network.rollout import Network, recurse
from forecast_cli.models.network.trainer import Trainer
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Ints

log = logging.getLogger(__name__)

UPDATE_SHARE, UPDATE_RATE = 0.3, 0.3
"""How long the last steps are learned, and how fast, as shares of the training before."""


@dataclass(frozen=True)
class RecurrentForecaster:
    """A trained network with the shape of its windows; forecasts any panel of the season length it was trained for.

    context_size:  points of each series that a forecast may depend on
    smoothing:     the part of exponential smoothing in the forecast
    value_map:     of the whole series, where no more than their ends are there to be forecast
    """

    network: Network
    shape: WindowShape
    context_size: int
    smoothing: Smoothing = NO_SMOOTHING
    value_map: ValueMap | None = None

    def predict(self, panel: Panel, horizon: int) -> Forecast:
        """Forecast `horizon` steps after the last point of every series; none of them may be empty."""
        prepared = Prepared.fit(panel.context(self.context_size), self.shape, self.value_map or ValueMap.of(panel))
        point = recurse(self.network, prepared, self.shape, horizon, self.context_size, self.smoothing)
        cutoff = panel.times[panel.indptr[1:] - 1]
        return Forecast(panel.ids, cutoff, future_times(panel.freq, cutoff, horizon), point)


@dataclass(frozen=True)
class Start:
    """Weights of Keras to begin with, and the last time that they have learned from, as text."""

    weights: bytes
    learned_to: str


@dataclass(frozen=True)
class TrainedNetwork:
    """What a bundle keeps of a network.

    onnx, weights:  as it is in the end
    fitted:         as it was after `fit`, when it knew nothing of the steps it is measured on
    scored:         as it was before the last update, when the model was scored; a blend's network was updated before
    smoothing:      what it is mixed with
    """

    onnx: bytes
    weights: bytes
    fitted: Start
    scored: Start
    smoothing: Smoothing


class RecurrentTraining:
    """Training in two rounds: `fit` up to a cutoff, with the steps before it deciding which epoch was best; then
    `update`, which also learns what came since."""

    def __init__(self, recipe: Recipe, checkpoints: Checkpoints | None = None, start: Start | None = None) -> None:
        self.recipe, self.checkpoints, self.start = recipe, checkpoints, start
        self.trainer = Trainer(recipe.spec, recipe.shape, recipe.schedule, start.weights if start else None)
        self.epochs_run = 0
        self.fitted: Start | None = None
        self.scored: Start | None = None
        self.learned_to = ""
        self.smoothing = recipe.smoothing

    def fit(self, panel: Panel, progress: Progress, cutoff: str | None = None) -> None:
        """Learn all windows whose targets precede each series' last block, which validates.

        With checkpoints, each epoch's end is one, and the last one of the same training may be continued.

        cutoff:  the last time known of the series that the network is measured on, as text; others may go on for longer

        Raises DataError if no two neighbouring values are known before the last blocks.
        """
        self.learned_to = cutoff or panel.span[1]
        if self.start and is_earlier(self.learned_to, self.start.learned_to, dated=panel.dated):
            log.warning(
                "The earlier model has learned the data to %s, later than %s, from where on the new one is measured: "
                "its figures are too good.",
                self.start.learned_to,
                self.learned_to,
            )
        held_back = np.minimum(self.recipe.validation_size, panel.lengths // 4)
        learned = Prepared.fit(panel.drop_last(held_back), self.recipe.shape)
        origins = learned.training_origins(self.recipe.min_history)
        if len(origins) == 0:
            raise _nothing_to_learn(learned)
        whole = Prepared.fit(panel, self.recipe.shape, learned.value_map)
        at = np.arange(len(whole.mapped))
        last_block = (at >= whole.end - 1 - held_back[whole.rows]) & (at < whole.end - 1) & (at > whole.start)
        validation = np.flatnonzero(last_block & whole.observed & np.r_[whole.observed[1:], False])
        held_out = (whole, validation) if len(validation) else None
        if self.checkpoints is None:
            losses = self.trainer.fit(learned, origins, held_out, progress)
        else:
            key = self._key(panel)
            resumed, keep = self.checkpoints.find(key), partial(self.checkpoints.keep, key)
            losses = self.trainer.fit(learned, origins, held_out, progress, resumed, keep)
        self.epochs_run = len(losses)
        if not np.isfinite(losses).all():
            raise UsageError(
                "The training diverged: its loss is no longer a number.", f"Try a lower {mention('learning-rate')}."
            )
        self.fitted = self.scored = Start(self.trainer.weights(), self.learned_to)
        if self.smoothing.share and panel.season_length == 1:
            self.smoothing = replace(self.smoothing, trust=self._trust_in_smoothing(panel, held_back))

    def update(self, panel: Panel, cutoff: str | None = None) -> None:
        """Learn every window of `panel`, briefly, from where `fit` ended; `cutoff` is as there."""
        self.scored = Start(self.trainer.weights(), self.learned_to)
        schedule = self.recipe.schedule
        prepared = Prepared.fit(panel, self.recipe.shape)
        steps = max(1, round(UPDATE_SHARE * self.epochs_run * schedule.steps_per_epoch))
        origins = prepared.training_origins(self.recipe.min_history)
        self.trainer.learn_on(prepared, origins, steps, UPDATE_RATE * schedule.learning_rate)
        self.learned_to = cutoff or panel.span[1]

    def trained(self) -> TrainedNetwork:
        """The network as a bundle keeps it; there is none before `fit`."""
        if self.fitted is None or self.scored is None:
            raise ValueError("a network is fitted before it is kept")
        return TrainedNetwork(*self.trainer.export(), self.fitted, self.scored, self.smoothing)

    def _trust_in_smoothing(self, panel: Panel, held_back: Ints) -> float:
        """How smoothing alone and the network alone forecast the block that validated, from what precedes it."""
        steps = np.arange(held_back.max())
        hidden = steps < held_back[:, None]
        at = (panel.indptr[1:] - held_back)[:, None] + steps
        actual = np.where(hidden, panel.values[np.where(hidden, at, 0)], np.nan)
        if not np.isfinite(actual).any():
            return 1.0
        past = panel.drop_last(held_back)
        alone, smoothed = (
            replace(self.forecaster(), smoothing=Smoothing(share)).predict(past, len(steps)).point for share in (0, 1)
        )
        return trust_in_smoothing(mae(actual, alone), mae(actual, smoothed))

    def _key(self, panel: Panel) -> str:
        """A SHA-256 (hex) of all that the outcome depends on: two trainings share it if one can continue the other."""
        parts = {
            "data": fingerprint(panel),
            "season_length": panel.season_length,
            "recipe": asdict(self.recipe),
            "start": self.start and hashlib.sha256(self.start.weights).hexdigest(),
            "versions": [__version__, self.trainer.keras.__version__],
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def forecaster(self) -> RecurrentForecaster:
        """The forecaster as it is trained so far, run by Keras."""
        return RecurrentForecaster(self.trainer.predict, self.recipe.shape, self.recipe.context_size, self.smoothing)


def _nothing_to_learn(prepared: Prepared) -> DataError:
    known = np.bincount(prepared.rows, prepared.observed)
    if (known > 2).any():
        return DataError(
            "There is nothing to train on: no two neighbouring values are known.",
            f"Name the steps that the values really have with {mention('freq')}, or fill the gaps with "
            f"{mention('on-gap', 'zero')} or {mention('on-gap', 'previous')}.",
        )
    return DataError(
        "The series are too short to train on: no two neighbouring values are known.",
        "Give longer series, or more of them.",
    )


def is_earlier(time: str, other: str, *, dated: bool) -> bool:
    """Whether one time is before another, both written as `Panel.span` does.

    >>> is_earlier("2024-12-31 23:00", "2025-01-01", dated=True), is_earlier("9", "10", dated=False)
    (True, True)
    """
    return bool(np.datetime64(time) < np.datetime64(other)) if dated else int(time) < int(other)
