"""From a file to a model on disk."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli import bundle
from forecast_cli.errors import ModelError
from forecast_cli.options import (
    FAST_HOLDOUT_BASELINES,
    HOLDOUT_BASELINES,
    TrainingRequest,
)
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.reading import STDIN, read_panel

if TYPE_CHECKING:
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.evaluation.scores import Score
    from forecast_cli.forecasting import Forecaster, Progress
    from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSummary:
    """What a training came to.

    holdout:  steps held out for the scores, of every series that is long enough
    verdict:  one plain sentence if the network did not win
    kept:     whether the model that was there before was kept, and this one was not saved
    recent:   MASE of the new model and of the one before at recent cutoffs, where the two were compared
    """

    directory: Path
    seconds: float
    holdout: int
    scores: list[Score]
    verdict: str | None
    notes: list[str]
    kept: bool = False
    recent: tuple[float, float] | None = None


def train(source: str, request: TrainingRequest, progress: Progress) -> TrainingSummary:
    """Read a file, and train a model on it as `train_on` does."""
    return train_on(read_panel(source, request.read), source, request, progress)


def train_on(panel: Panel, source: str, request: TrainingRequest, progress: Progress) -> TrainingSummary:
    """Train a model on all but the last steps of `panel`, score it there, learn those too, and save it.

    The weights of a blend come from cutoffs before those steps; so its score is that of a forecast.

    source:  the file that the panel was read from
    """
    directory, model, training, going_on = request.directory, request.model, request.training, request.going_on
    started = time.monotonic()
    with bundle.lock(directory):
        from forecast_cli.evaluation.folds import last_fold, log_different_ends
        from forecast_cli.evaluation.holdout import baseline_notes, holdout_notes, record, verdict
        from forecast_cli.models.combined.blend import BlendTraining
        from forecast_cli.models.network.checkpoint import Checkpoints
        from forecast_cli.models.network.defaults import choose, default_horizon
        from forecast_cli.models.network.model import RecurrentTraining
        from forecast_cli.models.network.warm_start import EarlierModel
        from forecast_cli.models.saved import Origin, pack

        earlier = EarlierModel.read(going_on.warm_start) if going_on.warm_start else None
        horizon = training.horizon or (earlier.horizon if earlier else default_horizon(panel))
        fold = last_fold(panel, horizon)
        log_different_ends(panel)
        recipe = earlier.recipe(panel, model, training) if earlier else choose(panel, model, training)
        network = RecurrentTraining(recipe, Checkpoints(directory, going_on.resume), earlier.start if earlier else None)
        blend = BlendTraining(network, horizon) if request.name == "blend" else None
        learner = blend or network
        learner.fit(fold.past, progress, fold.end)
        scores = _scores(fold, learner.forecaster(), request)
        recent = _beside_the_old(directory, panel, fold, learner.forecaster()) if going_on.if_better else None
        kept = recent is not None and recent[0] > recent[1]
        if not kept:
            learner.update(panel)
        summary = TrainingSummary(
            directory=directory,
            seconds=time.monotonic() - started,
            holdout=fold.horizon,
            scores=scores,
            verdict=verdict(scores, request.name),
            notes=[*holdout_notes(fold, horizon), *baseline_notes(scores, request.name, len(fold.rows))],
            kept=kept,
            recent=recent,
        )
        if kept:
            bundle.remove_checkpoint(directory)
            return summary
        origin = Origin(source if source == STDIN else str(Path(source).resolve()), request.read, fingerprint(panel))
        weights = blend.weights if blend else None
        described = {name: value for name, value in asdict(summary).items() if name != "kept"}
        described["scores"] = [record(score) for score in scores]
        parts = pack(recipe, panel, origin, horizon, _as_json(described), network.trained(), weights, request.asked)
        bundle.save(directory, *parts)
    return summary


def _scores(fold: Fold, forecaster: Forecaster, request: TrainingRequest) -> list[Score]:
    """The honest table: of the model and of the statistical methods that the preset leaves time for."""
    from forecast_cli.evaluation.holdout import compare
    from forecast_cli.models.network.defaults import EFFORTS
    from forecast_cli.models.statistical.methods import affordable_rows
    from forecast_cli.models.table import model_of

    if len(fold.rows) == 0:
        log.warning("The series are too short to hold any steps out: how good the forecasts are is not known.")
        return []
    compared = FAST_HOLDOUT_BASELINES if request.training.preset == "fast" else HOLDOUT_BASELINES
    baselines = {name: model_of(name, request.model, request.training) for name in compared}
    affordable = partial(affordable_rows, seconds=EFFORTS[request.training.preset].comparison)
    return compare(fold, forecaster, request.name, baselines, affordable)


def _beside_the_old(directory: Path, panel: Panel, fold: Fold, new: Forecaster) -> tuple[float, float] | None:
    """MASE of the new model and of the one in the directory, each as it was before it learned the steps held out of it.

    None where there is nothing to compare.
    """
    from forecast_cli.evaluation.recent import recent_errors, recent_folds
    from forecast_cli.models.network.model import is_earlier
    from forecast_cli.models.saved import COMPARED, unpack_as_scored
    from forecast_cli.panel.calendar import same_steps

    try:
        old = unpack_as_scored(bundle.load(directory, COMPARED))
    except ModelError as error:
        log.info("There is no earlier model to compare with. %s", error.message)
        return None
    if not same_steps(old.tails.freq, panel.freq) or old.tails.season_length != panel.season_length:
        log.info("The earlier model is of another frequency or season: it is replaced without a comparison.")
        return None
    folds = recent_folds(panel, fold)
    errors = recent_errors(new, old.forecaster, folds)
    if errors is None:
        log.info("The new model cannot be compared with the earlier one: there is nothing to measure on.")
        return None
    if is_earlier(fold.end, old.learned_to, dated=panel.dated):
        log.warning(
            "The earlier model has learned the data to %s, later than %s, from where on the two are compared: that is "
            "to its advantage.",
            old.learned_to,
            fold.end,
        )
    log.info(
        "MASE at %d recent cutoffs: %.3f of the new model, %.3f of the earlier one. The %s one is kept.",
        len(folds),
        *errors,
        "earlier" if errors[0] > errors[1] else "new",
    )
    return errors


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
