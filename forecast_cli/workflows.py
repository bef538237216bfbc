"""One function a command: the story of that command, readable top to bottom."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli import bundle
from forecast_cli.config import HOLDOUT_BASELINES, ModelConfig, ReadConfig, TrainConfig
from forecast_cli.errors import DataError, UsageError
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.describe import SeriesSummary, describe, fingerprint
from forecast_cli.panel.forecast import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel

if TYPE_CHECKING:
    from forecast_cli.evaluation.holdout import Score
    from forecast_cli.models.training import Progress

log = logging.getLogger(__name__)

STDIN = "-"


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
class Prediction:
    """Forecasts by model name, the network's first, and the data that they continue."""

    history: Panel
    forecasts: dict[str, Forecast]


def inspect(source: str, read: ReadConfig) -> Inspection:
    """Read a file and describe its series."""
    panel = read_panel(source, read)
    return Inspection(source, panel, describe(panel))


def train(
    source: str, directory: Path, read: ReadConfig, model: ModelConfig, training: TrainConfig, progress: Progress
) -> TrainingSummary:
    """Read a file, train a network on all but its last steps, score it there, learn those too, and save it."""
    started = time.monotonic()
    panel = read_panel(source, read)
    with bundle.lock(directory):
        from forecast_cli.evaluation.holdout import Holdout, compare, sampling_notes, verdict
        from forecast_cli.models.recipe import choose, default_horizon
        from forecast_cli.models.recurrent import RecurrentTraining
        from forecast_cli.models.saved import Origin, pack

        horizon = training.horizon or default_horizon(panel)
        holdout = Holdout.of(panel, horizon)
        recipe = choose(panel, model, training)
        network = RecurrentTraining(recipe)
        network.fit(holdout.past, progress)
        scores = []
        if len(holdout.rows):
            scores = compare(holdout, network.forecaster(), recipe.spec.topology, HOLDOUT_BASELINES)
        else:
            log.warning("The series are too short to hold any steps out: how good the forecasts are is not known.")
        network.update(panel)
        summary = TrainingSummary(
            directory=directory,
            seconds=time.monotonic() - started,
            holdout=holdout.steps,
            scores=scores,
            verdict=verdict(scores, recipe.spec.topology),
            notes=sampling_notes(scores, recipe.spec.topology, len(holdout.rows)),
        )
        origin = Origin(source if source == STDIN else str(Path(source).resolve()), read, fingerprint(panel))
        bundle.save(
            directory, *pack(recipe, panel, origin, horizon, _as_json(asdict(summary)), network.trainer.export())
        )
    return summary


def predict(
    source: str | None, directory: Path, horizon: int | None, read: ReadConfig, against: tuple[str, ...]
) -> Prediction:
    """Load a model and continue a file, or what the model was trained on, with the baselines asked for beside it."""
    from forecast_cli.models.saved import NETWORK, TAILS, unpack

    model = unpack(bundle.load(directory, [NETWORK, TAILS]))
    if source is None:
        history = _training_data(model.origin.source, model.origin.read, read, model.tails)
    else:
        history = read_panel(source, read)
    history = _fitting(history, model.tails, source or model.origin.source, read.season_length)
    steps = horizon or model.horizon
    forecasts = {model.topology: model.forecaster.predict(history, steps)}
    if against:
        from forecast_cli.models.baselines import StatisticalForecaster

        forecasts |= {name: StatisticalForecaster(name).predict(history, steps) for name in against}
    return Prediction(history, forecasts)


def draw(prediction: Prediction, path: Path, series: tuple[str, ...]) -> None:
    """Write the picture of a prediction."""
    from forecast_cli.report.figures import draw as draw_figure

    draw_figure(prediction.history, prediction.forecasts, path, series=series)


def info(directory: Path) -> dict[str, Any]:
    """What a bundle holds, without loading its network."""
    metadata = bundle.load(directory, ()).metadata
    return {name: metadata.get(name) for name in ("created", "versions", "data", "model", "training", "files")}


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
