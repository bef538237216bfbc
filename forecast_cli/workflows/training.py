"""From a file to a model on disk."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli import bundle
from forecast_cli.config import (
    FAST_HOLDOUT_BASELINES,
    HOLDOUT_BASELINES,
    TRAINABLE,
    ModelConfig,
    ReadConfig,
    TrainConfig,
)
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.reading import STDIN, read_panel

if TYPE_CHECKING:
    from forecast_cli.evaluation.holdout import Score
    from forecast_cli.panel.forecaster import Progress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSummary:
    """What a training came to.

    holdout:  steps held out of every series for the scores
    verdict:  one plain sentence if the network did not win
    """

    directory: Path
    seconds: float
    holdout: int
    scores: list[Score]
    verdict: str | None
    notes: list[str]


def train(
    source: str,
    directory: Path,
    read: ReadConfig,
    model: ModelConfig,
    training: TrainConfig,
    progress: Progress,
    name: str = TRAINABLE[0],
    *,
    resume: bool = False,
) -> TrainingSummary:
    """Read a file, train a model on all but its last steps, score it there, learn those too, and save it.

    The weights of a blend come from cutoffs before those steps; so its score is that of a forecast.
    """
    started = time.monotonic()
    panel = read_panel(source, read)
    with bundle.lock(directory):
        from forecast_cli.evaluation.folds import last_fold
        from forecast_cli.evaluation.holdout import compare, sampling_notes, verdict
        from forecast_cli.models.baselines import affordable_rows
        from forecast_cli.models.blending import BlendTraining
        from forecast_cli.models.checkpoint import Checkpoints
        from forecast_cli.models.recipe import choose, default_horizon
        from forecast_cli.models.recurrent import RecurrentTraining
        from forecast_cli.models.saved import Origin, pack
        from forecast_cli.models.table import model_of

        horizon = training.horizon or default_horizon(panel)
        fold = last_fold(panel, horizon)
        recipe = choose(panel, model, training)
        network = RecurrentTraining(recipe, Checkpoints(directory, resume))
        blend = BlendTraining(network, horizon) if name == "blend" else None
        learner = blend or network
        learner.fit(fold.past, progress)
        scores = []
        if len(fold.rows):
            compared = FAST_HOLDOUT_BASELINES if training.preset == "fast" else HOLDOUT_BASELINES
            baselines = {name: model_of(name, model, training) for name in compared}
            scores = compare(fold, learner.forecaster(), name, baselines, affordable_rows)
        else:
            log.warning("The series are too short to hold any steps out: how good the forecasts are is not known.")
        learner.update(panel)
        summary = TrainingSummary(
            directory=directory,
            seconds=time.monotonic() - started,
            holdout=fold.horizon,
            scores=scores,
            verdict=verdict(scores, name),
            notes=sampling_notes(scores, name, len(fold.rows)),
        )
        origin = Origin(source if source == STDIN else str(Path(source).resolve()), read, fingerprint(panel))
        exported = network.trainer.export()
        weights = blend.weights if blend else None
        bundle.save(directory, *pack(recipe, panel, origin, horizon, _as_json(asdict(summary)), exported, weights))
    return summary


def _as_json(value: Any) -> Any:
    """`value` for strict JSON: paths as text, what is not finite as null."""
    match value:
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_json(item) for item in value]
        case float():
            return value if math.isfinite(value) else None
        case Path():
            return str(value)
    return value
