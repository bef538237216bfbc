"""The command `train`: read a file, train a model on it, and save the model in a bundle."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli import bundle
from forecast_cli.activity import doing
from forecast_cli.errors import DataError, mention
from forecast_cli.model_names import FAST_HOLDOUT_BASELINES, HOLDOUT_BASELINES, LONG_NAIVE, default_model
from forecast_cli.options import TrainingRequest
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.reading import STDIN, read_panel
from forecast_cli.workflows.durations import announce_long_methods
from forecast_cli.workflows.replacement import compare_with_earlier, errors_of_earlier, warn_of_replacement
from forecast_cli.workflows.unused_options import refuse_unused

if TYPE_CHECKING:
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.evaluation.scores import Score
    from forecast_cli.forecasting import Forecaster, Model, Progress, Saved
    from forecast_cli.models.intervals import Calibration
    from forecast_cli.models.network.warm_start import EarlierNetwork
    from forecast_cli.panel.arrays import Floats
    from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSummary:
    """The result of a training.

    directory:  the directory of the bundle
    model:      the name of the model
    parts:      name of a part of its forecast -> its share, 0 to 1
    seconds:    how long the training took
    holdout:    the number of last steps of each series that the model was scored on
    scores:     the accuracy of the model and of statistical methods on the holdout
    verdict:    a sentence, if another method was more accurate; otherwise None
    notes:      sentences below the table of scores
    saved:      True if the new model was saved; False if the earlier one was better and is kept
    recent:     the MASE of the new and of the earlier model at recent cutoffs; None if they were not compared
    """

    directory: Path
    model: str
    parts: dict[str, float]
    seconds: float
    holdout: int
    scores: list[Score]
    verdict: str | None
    notes: list[str]
    saved: bool = True
    recent: tuple[float, float] | None = None


def train(source: str, request: TrainingRequest, progress: Progress) -> TrainingSummary:
    """Read a file, train a model on it, score it and save it. Arguments and result are those of `train_on`."""
    return train_on(read_panel(source, request.read), source, request, progress)


def train_on(panel: Panel, source: str, request: TrainingRequest, progress: Progress) -> TrainingSummary:
    """Train a model, score it and save it.

    The model is trained on the panel without the holdout, scored on the holdout, then trained on the holdout too. With
    the option `if_better`, it is not saved if the MASE of the earlier model at recent cutoffs is lower.

    source:   the file that the panel was read from
    request:  the model, its options, and the directory to save it in
    progress: is called during the training
    """
    started = time.monotonic()
    from forecast_cli.evaluation.folds import last_fold, log_different_ends
    from forecast_cli.evaluation.holdout import baseline_notes, holdout_notes, verdict
    from forecast_cli.models.intervals import calibrate
    from forecast_cli.models.network.defaults import EFFORTS
    from forecast_cli.models.saved import read_network

    if request.name is not None:
        refuse_unused((request.name,), request.read, request.model, request.training, request.continuing)
    warm_start = request.continuing.warm_start
    earlier = read_network(warm_start) if warm_start else None
    panel = _with_season(panel, earlier)
    has_drivers = panel.covariates is not None or request.model.has_drivers
    usual = default_model(len(panel), has_drivers=has_drivers)
    name = request.name or (earlier.name if earlier else usual)
    horizon, model = _model(panel, name, request, earlier)
    with bundle.lock(request.directory):
        warn_of_replacement(request, _full_name(source))
        _warn_of_long_seasons(panel, request)
        fold = last_fold(panel, horizon)
        log_different_ends(panel)
        announce_long_methods([name], panel)
        doing("Preparing the training")
        forecaster = model.fit(fold.past, progress, fold.end)
        scores = _scores(fold, forecaster, request)
        recent = None
        if request.continuing.if_better:
            recent = compare_with_earlier(request.directory, panel, fold, forecaster)
        kept = recent is not None and recent[0] > recent[1]
        forecasts: dict[str, Floats] = {}
        calibration: Calibration | None = None
        if not kept:
            doing("Training on all of the data")
            forecaster.update(panel)
            forecasts = _statistical_forecasts(forecaster, panel, horizon)
            doing("Computing the errors of earlier forecasts")
            calibration = calibrate(forecaster, panel, horizon, EFFORTS[request.training.preset].origins)
            if warm_start and (calibration is None or not calibration.own_origins):
                calibration = errors_of_earlier(warm_start) or calibration
        saved = forecaster.save()
        summary = TrainingSummary(
            directory=request.directory,
            model=name,
            parts=saved.description.parts,
            seconds=time.monotonic() - started,
            holdout=fold.horizon,
            scores=scores,
            verdict=verdict(scores, name),
            notes=[*holdout_notes(fold, horizon), *baseline_notes(scores, name, len(fold.rows))],
            saved=not kept,
            recent=recent,
        )
        if kept:
            bundle.remove_checkpoint(request.directory)
        else:
            _save(saved, forecasts, calibration, panel, source, horizon, request, summary)
    return summary


def _with_season(panel: Panel, earlier: EarlierNetwork | None) -> Panel:
    """Return the panel with the season length to train with.

    A season length that was not detected from the values is not changed. Otherwise, the season length of the earlier
    network is set. If there is no earlier network, it is detected again from the values before the largest holdout.

    earlier: the network to start from, for a warm start; None if there is none
    """
    from forecast_cli.evaluation.folds import max_holdouts
    from forecast_cli.panel.season_search import with_season_before

    if earlier is not None and panel.season_found:
        return replace(panel, season_length=earlier.season_length, season_found=False)
    settled = with_season_before(panel, max_holdouts(panel))
    if settled.season_length != panel.season_length:
        found = f"a season of {settled.season_length} steps" if settled.season_length > 1 else "no season"
        log.info("The values before the holdout show %s: %s sets another.", found, mention("season"))
    return settled


def _warn_of_long_seasons(panel: Panel, request: TrainingRequest) -> None:
    """Warn of each season that is left out because even the longest series is too short for it.

    Only the second and later seasons that the user gave, such as 365.25 of 7,365.25, can be left out. A season needs
    MIN_SEASONS times its length in points.
    """
    from forecast_cli.features.long_season import MIN_SEASONS

    longest = int(panel.lengths.max())
    for season in (request.read.seasons or ())[1:]:
        if longest < MIN_SEASONS * season:
            log.warning(
                "The season of %.10g steps is left out: it needs %d points, and the longest series has %d.",
                season,
                math.ceil(MIN_SEASONS * season),
                longest,
            )


def _full_name(source: str) -> str:
    """The absolute path of a file, or "-" for standard input."""
    return source if source == STDIN else str(Path(source).resolve())


def _model(panel: Panel, name: str, request: TrainingRequest, earlier: EarlierNetwork | None) -> tuple[int, Model]:
    """The horizon, and the unfitted model. Options that the user left open are chosen from the data.

    earlier: the network to start from; None starts from random weights
    """
    from forecast_cli.models.network.checkpoint import Checkpoints
    from forecast_cli.models.network.defaults import default_horizon
    from forecast_cli.models.table import model_of
    from forecast_cli.models.training import Training

    horizon = request.training.horizon or (earlier.horizon if earlier else default_horizon(panel))
    training = Training(
        model=request.model,
        training=replace(request.training, horizon=horizon),
        earlier=earlier,
        checkpoints=Checkpoints(request.directory, request.continuing.resume),
    )
    return horizon, model_of(name, training).for_data(panel)


def _statistical_forecasts(forecaster: Forecaster, panel: Panel, horizon: int) -> dict[str, Floats]:
    """Forecast with every statistical method in a model: name -> forecast (n, horizon).

    Raises DataError if the model itself is a statistical method and cannot forecast any of the series.
    """
    import numpy as np

    from forecast_cli.forecasting import all_members
    from forecast_cli.models.table import row_of

    forecasts = {}
    for name, member in {forecaster.name: forecaster, **all_members(forecaster)}.items():
        if not row_of(name).has_network:
            doing(f"Forecasting with {name}")
            forecasts[name] = member.predict(panel, horizon).point
            if member is forecaster and not np.isfinite(forecasts[name]).all(axis=1).any():
                reason = f"{name} cannot forecast any of the series. Most often they are too short for it."
                raise DataError(reason, f"Choose another {mention('model')}.")
    return forecasts


def _save(
    saved: Saved,
    forecasts: dict[str, Floats],
    calibration: Calibration | None,
    panel: Panel,
    source: str,
    horizon: int,
    request: TrainingRequest,
    summary: TrainingSummary,
) -> None:
    from forecast_cli.bundle.metadata import json_value
    from forecast_cli.evaluation.holdout import record
    from forecast_cli.models.card import Data, ModelCard
    from forecast_cli.models.saved import save

    first, last = panel.span
    data = Data(
        source=_full_name(source),
        read=request.read,
        fingerprint=fingerprint(panel),
        freq=panel.freq,
        season_length=panel.season_length,
        tz=panel.tz,
        series=len(panel),
        points=len(panel.values),
        first=first,
        last=last,
        covariates=panel.covariates.columns if panel.covariates else (),
    )
    described = {name: value for name, value in asdict(summary).items() if name not in ("saved", "model", "parts")}
    described["scores"] = [record(score) for score in summary.scores]
    card = ModelCard(saved.description, horizon, data, summary=json_value(described), asked=request.asked)
    save(request.directory, card, panel, saved.files, forecasts, calibration)


def _scores(fold: Fold, forecaster: Forecaster, request: TrainingRequest) -> list[Score]:
    """The scores on the holdout of the model, its members with a network, and statistical methods.

    The preset decides which methods are compared, and how much time each may take. The list is empty if the series are
    too short for a holdout.
    """
    from forecast_cli.evaluation.holdout import compare
    from forecast_cli.forecasting import all_members
    from forecast_cli.models.network.defaults import EFFORTS
    from forecast_cli.models.statistical.costs import affordable_rows
    from forecast_cli.models.statistical.methods import repeats_long_season
    from forecast_cli.models.table import model_of, row_of
    from forecast_cli.models.training import Training

    if len(fold.rows) == 0:
        log.warning("The series are too short for a holdout: the accuracy of the forecasts is unknown.")
        return []
    names = FAST_HOLDOUT_BASELINES if request.training.preset == "fast" else HOLDOUT_BASELINES
    if repeats_long_season(fold.known):
        names = (*names, LONG_NAIVE)
    options = Training(request.model, request.training)
    baselines = {name: model_of(name, options) for name in names if name != forecaster.name}
    affordable = partial(affordable_rows, seconds=EFFORTS[request.training.preset].comparison)
    members = {name: member for name, member in all_members(forecaster).items() if row_of(name).has_network}
    return compare(fold, forecaster, members, baselines, affordable)
