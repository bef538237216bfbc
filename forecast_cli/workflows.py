"""One function a command: the story of that command, readable top to bottom."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli import bundle
from forecast_cli.config import (
    ALWAYS_COMPARED,
    DEFAULT_MODELS,
    FAST_HOLDOUT_BASELINES,
    HOLDOUT_BASELINES,
    TRAINABLE,
    BacktestConfig,
    ModelConfig,
    ReadConfig,
    TrainConfig,
)
from forecast_cli.errors import DataError, UsageError
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.describe import SeriesSummary, describe, fingerprint
from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

if TYPE_CHECKING:
    from forecast_cli.evaluation.backtest import Run, Tell
    from forecast_cli.evaluation.folds import Fold
    from forecast_cli.evaluation.holdout import Score
    from forecast_cli.evaluation.leaderboard import Leaderboard
    from forecast_cli.panel.forecaster import Progress

log = logging.getLogger(__name__)

STDIN = "-"

DEFAULT_WINDOWS = 3

PATIENCE = 6
"""A model that nobody named is left out of a backtest where it can afford less than one in so many series."""


@dataclass(frozen=True)
class Inspection:
    """What was understood of a file."""

    source: str
    panel: Panel
    series: list[SeriesSummary]


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


@dataclass(frozen=True)
class Backtest:
    """What a backtest came to.

    folds:        those that are finished, the earliest first; `runs` are theirs
    interrupted:  whether there were to be more
    """

    panel: Panel
    folds: list[Fold]
    runs: list[Run]
    board: Leaderboard
    interrupted: bool


@dataclass(frozen=True)
class Prediction:
    """Forecasts by model name, the trained model's first, and the data that they continue."""

    history: Panel
    forecasts: dict[str, Forecast]


def inspect(source: str, read: ReadConfig) -> Inspection:
    """Read a file and describe its series."""
    panel = read_panel(source, read)
    return Inspection(source, panel, describe(panel))


def train(
    source: str,
    directory: Path,
    read: ReadConfig,
    model: ModelConfig,
    training: TrainConfig,
    progress: Progress,
    name: str = TRAINABLE[0],
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
        from forecast_cli.models.recipe import choose, default_horizon
        from forecast_cli.models.recurrent import RecurrentTraining
        from forecast_cli.models.saved import Origin, pack
        from forecast_cli.models.table import model_of

        horizon = training.horizon or default_horizon(panel)
        fold = last_fold(panel, horizon)
        recipe = choose(panel, model, training)
        network = RecurrentTraining(recipe)
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


def backtest(
    source: str,
    test: str | None,
    read: ReadConfig,
    config: BacktestConfig,
    model: ModelConfig,
    training: TrainConfig,
    tell: Tell,
) -> Backtest:
    """Read a file, forecast it from several earlier cutoffs with every model, and score what they forecast.

    With `test`, a file, there is one cutoff: the end of the data. Interrupted, it keeps the folds that are finished.
    """
    from forecast_cli.evaluation.backtest import rolling
    from forecast_cli.evaluation.leaderboard import leaderboard
    from forecast_cli.models.table import check_names, model_of

    check_names(config.models or ())
    panel = read_panel(source, read)
    folds = _folds(panel, config) if test is None else [_given_fold(panel, test, read)]
    horizon = folds[0].horizon
    made_for = replace(training, horizon=horizon)
    models = {name: model_of(name, model, made_for) for name in _compared(config, folds[-1])}
    runs: list[Run] = []
    interrupted = False
    try:
        for run in rolling(folds, models, refit=config.refit, tell=tell):
            runs.append(run)
    except KeyboardInterrupt:
        interrupted = True
    finished = len(runs) // len(models)
    if not finished:
        raise KeyboardInterrupt
    runs = runs[: finished * len(models)]
    return Backtest(panel, folds[:finished], runs, leaderboard(runs, config.step_size or horizon), interrupted)


def predict(
    source: str | None, directory: Path, horizon: int | None, read: ReadConfig, against: tuple[str, ...]
) -> Prediction:
    """Load a model and continue a file, or what the model was trained on, with the baselines asked for beside it."""
    from forecast_cli.models.baselines import StatisticalForecaster
    from forecast_cli.models.saved import NEEDED, unpack

    baselines = {name: StatisticalForecaster(name) for name in against}
    model = unpack(bundle.load(directory, NEEDED))
    if source is None:
        history = _training_data(model.origin.source, model.origin.read, read, model.tails)
    else:
        history = read_panel(source, read)
    history = _fitting(history, model.tails, source or model.origin.source, read.season_length)
    steps = horizon or model.horizon
    forecasts = {model.name: model.forecaster.predict(history, steps)}
    forecasts |= {name: baseline.predict(history, steps) for name, baseline in baselines.items()}
    return Prediction(history, forecasts)


def draw(prediction: Prediction, path: Path, series: tuple[str, ...]) -> None:
    """Write the picture of a prediction."""
    from forecast_cli.report.figures import draw as draw_figure

    draw_figure(prediction.history, prediction.forecasts, path, series=series)


def draw_backtest(outcome: Backtest, path: Path) -> None:
    """Write the picture of a backtest: the model asked for first, the best one, and the season repeated."""
    from forecast_cli.evaluation.leaderboard import REFERENCE
    from forecast_cli.report.backtests import draw as draw_figure

    models = dict.fromkeys([outcome.runs[0].model, outcome.board.standings[0].model, REFERENCE])
    draw_figure(outcome.panel, outcome.runs, list(models), path)


def info(directory: Path) -> dict[str, Any]:
    """What a bundle holds, without loading its network."""
    metadata = bundle.load(directory, ()).metadata
    return {name: metadata.get(name) for name in ("created", "versions", "data", "model", "training", "files")}


def _folds(panel: Panel, config: BacktestConfig) -> list[Fold]:
    """The folds asked for, or as many as the data are long enough for. Raises DataError where that is none."""
    from forecast_cli.evaluation.folds import PAST_PER_STEP, SHARE, points_needed, rolling_folds
    from forecast_cli.models.recipe import default_horizon

    longest = int(panel.lengths.max())
    horizon = config.horizon or max(1, min(default_horizon(panel), longest // SHARE))
    n_windows = config.n_windows or DEFAULT_WINDOWS
    folds = rolling_folds(panel, horizon, n_windows, config.step_size or horizon)
    if not folds:
        needed = horizon + points_needed(panel, horizon)
        smaller = longest // (1 + PAST_PER_STEP)
        remedy = (
            f"Give --horizon {smaller} or less" if 0 < smaller < horizon else "Give --season 1 if there is no season"
        )
        raise DataError(
            f"The longest series has {longest} points; {horizon} steps can be tested from {needed} points on.",
            f"{remedy}, or more data.",
        )
    if len(folds) < n_windows:
        level = logging.INFO if config.n_windows is None else logging.WARNING
        log.log(level, "The data are long enough for %d of %d cutoffs.", len(folds), n_windows)
    if len(folds[0].rows) < len(panel):
        log.info("%d of %d series are long enough to be scored at every cutoff.", len(folds[0].rows), len(panel))
    return folds


def _given_fold(panel: Panel, test: str, read: ReadConfig) -> Fold:
    """The one fold whose outcome stands in the file `test`."""
    from forecast_cli.evaluation.split import given_fold

    alike = replace(read, freq=panel.freq if panel.dated else None, season_length=panel.season_length)
    actuals = read_panel(test, alike)
    if actuals.dated != panel.dated:
        raise DataError(
            f"{test}: the data {'have dates' if panel.dated else 'are counted in steps'}, this file does not match.",
            "Name the column of dates with --date-column.",
        )
    return given_fold(panel, actuals, test)


def _compared(config: BacktestConfig, fold: Fold) -> list[str]:
    """The models asked for, or the usual ones that do not take minutes; with those that are always compared."""
    from forecast_cli.models.baselines import affordable_rows
    from forecast_cli.models.table import MODELS

    names = list(config.models or DEFAULT_MODELS)
    for name in [] if config.models else names.copy():
        if name not in MODELS and PATIENCE * len(affordable_rows(name, fold.known)) < len(fold.rows):
            names.remove(name)
            log.info("Leaving out %s, which would take minutes here; --models %s,%s runs it.", name, names[0], name)
    return list(dict.fromkeys([*names, *ALWAYS_COMPARED]))


def _training_data(source: str, trained_with: ReadConfig, asked: ReadConfig, tails: Panel) -> Panel:
    """The file that the model was trained on as it is now, or the ends of its series as they were."""
    if source != STDIN and Path(source).is_file():
        given = {name: value for name, value in asdict(asked).items() if value != getattr(ReadConfig(), name)}
        panel = read_panel(source, replace(trained_with, **given))
        log.info("Continuing %s, which ends at %s.", source, panel.span[1])
        return panel
    why = "standard input cannot be read again" if source == STDIN else f"{source} is no longer there"
    log.info("Continuing the data kept in the model, which end at %s (%s).", tails.span[1], why)
    return tails


def _fitting(panel: Panel, trained: Panel, source: str, season_length: int | None) -> Panel:
    """`panel` with the model's season. Raises DataError if its steps are not those that the model learned."""
    if season_length not in (None, trained.season_length):
        raise UsageError(
            f"--season {season_length}: the model was trained with a season of {trained.season_length}.",
            "Leave the option out, or train a model with that season.",
        )
    ours, theirs = calendar_of(panel.freq), calendar_of(trained.freq)
    if (ours.unit, ours.step) != (theirs.unit, theirs.step):
        raise DataError(
            f"{source}: the data have the frequency {panel.freq}, the model was trained on {trained.freq}.",
            f"Give data of that frequency (--freq {trained.freq} brings them to it), or train a model on these.",
        )
    return replace(panel, season_length=trained.season_length)


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
