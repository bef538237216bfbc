"""Before a new model replaces an earlier one: warn the user, compare the two, read the errors of the earlier one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli import bundle
from forecast_cli.activity import doing
from forecast_cli.errors import ModelError, mention
from forecast_cli.options import TrainingRequest
from forecast_cli.panel.reading import STDIN

if TYPE_CHECKING:
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.forecasting import Forecaster
    from forecast_cli.models.intervals import Calibration
    from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


def warn_of_replacement(request: TrainingRequest, source: str) -> None:
    """Warn if the training will replace a model that was trained on another file.

    No warning is logged in a job, with a warm start, or if the new model is saved only if it is better.

    source: the file of the new training: its absolute path, or "-" for standard input
    """
    from forecast_cli.models.card import ModelCard

    intended = request.asked is not None or request.continuing.warm_start or request.continuing.if_better
    if intended:
        return
    try:
        earlier = ModelCard.of(bundle.load(request.directory, ()))
    except ModelError:
        return
    if earlier.data.source != source:
        log.warning(
            "The model %s in %s, trained on %s, will be replaced. To keep it, give another %s.",
            earlier.name,
            request.directory,
            "standard input" if earlier.data.source == STDIN else earlier.data.source,
            mention("model-dir"),
        )


def compare_with_earlier(directory: Path, panel: Panel, fold: Fold, new: Forecaster) -> tuple[float, float] | None:
    """The MASE of the new model and of the earlier model in the directory, at the same recent cutoffs.

    Both models are in the state before they were trained on their holdout. Returns None if they cannot be compared.

    panel: the data of the new training, with the holdout
    fold:  the holdout
    new:   the new model
    """
    from forecast_cli.evaluation.recent import recent_errors, recent_folds
    from forecast_cli.models.files import COMPARISON_FILES, load
    from forecast_cli.models.network.training import is_earlier
    from forecast_cli.models.saved import SavedModel
    from forecast_cli.panel.calendar import same_steps

    try:
        saved = SavedModel.of(load(directory, COMPARISON_FILES))
        earlier, learned_to = saved.as_scored()
    except ModelError as error:
        log.info("There is no earlier model to compare with. %s", error.message)
        return None
    if not same_steps(saved.tails.freq, panel.freq) or saved.tails.season_length != panel.season_length:
        log.info("The earlier model has another frequency or season: it is replaced without a comparison.")
        return None
    if saved.card.data.covariates != (panel.covariates.columns if panel.covariates else ()):
        log.info("The earlier model has other covariates: it is replaced without a comparison.")
        return None
    windows = saved.card.description.windows
    if windows is not None and windows.joint and not set(panel.ids.tolist()) <= set(windows.joint):
        log.info("The earlier model forecasts other series jointly: it is replaced without a comparison.")
        return None
    doing("Comparing with the earlier model")
    folds = recent_folds(panel, fold)
    errors = recent_errors(new, earlier, folds)
    if errors is None:
        log.info("The new model cannot be compared with the earlier one: no recent value can be scored.")
        return None
    if is_earlier(fold.end, learned_to, dated=panel.dated):
        log.warning(
            "The earlier model was trained on data up to %s, later than the first cutoff of the comparison, %s: its "
            "MASE is lower than on data that it was not trained on.",
            learned_to,
            fold.end,
        )
    log.info(
        "MASE at %d recent cutoffs: new model %.3f, earlier model %.3f. The %s one is kept.",
        len(folds),
        *errors,
        "earlier" if errors[0] > errors[1] else "new",
    )
    return errors


def errors_of_earlier(directory: Path) -> Calibration | None:
    """The errors of earlier forecasts that are saved in the bundle of an earlier model; None if there are none.

    After a warm start, a model may have no such errors of its own, because its network was trained on nearly all steps
    already. Those of the earlier model are then used.
    """
    from forecast_cli.models.files import PREDICTION_FILES
    from forecast_cli.models.saved import SavedModel

    try:
        return SavedModel.of(bundle.load(directory, PREDICTION_FILES)).calibration
    except ModelError:
        return None
