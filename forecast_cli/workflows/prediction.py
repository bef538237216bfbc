"""From a model on disk to a forecast."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli import bundle
from forecast_cli.errors import DataError, UsageError
from forecast_cli.forecasting import Forecast
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import brought_to, same_steps
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import STDIN, read_panel

if TYPE_CHECKING:
    from forecast_cli.models.saved import SavedModel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prediction:
    """Forecasts by model name, the trained model's first, and the data that they continue.

    source:  the file that the data are of
    """

    source: str
    history: Panel
    forecasts: dict[str, Forecast]


def predict(
    source: str | None, directory: Path, horizon: int | None, read: ReadConfig, against: tuple[str, ...]
) -> Prediction:
    """Load a model and continue a file, or what the model was trained on, with the baselines asked for beside it."""
    from forecast_cli.models.saved import NEEDED, unpack
    from forecast_cli.models.statistical.methods import StatisticalForecaster

    baselines = {name: StatisticalForecaster(name) for name in against}
    model = unpack(bundle.load(directory, NEEDED))
    if source is None:
        history = _training_data(model.origin.source, model.origin.read, read, model.tails)
        if history is model.tails:
            model = replace(model, forecaster=model.of_tails)
    else:
        history = read_panel(source, read)
    prediction = continued(model, history, source or model.origin.source, horizon, read.season_length)
    steps = horizon or model.horizon
    beside = {name: baseline.predict(prediction.history, steps) for name, baseline in baselines.items()}
    for name, forecast in beside.items():
        failed = int((~np.isfinite(forecast.point)).any(axis=1).sum())
        if failed:
            log.warning("%s cannot forecast %d of %d series.", name, failed, len(forecast.ids))
    return replace(prediction, forecasts=prediction.forecasts | beside)


def continued(
    model: SavedModel, history: Panel, source: str, horizon: int | None, season_length: int | None = None
) -> Prediction:
    """The forecast of `history`, which was read from `source`, by a model that is loaded.

    Raises DataError where the data are not of the model's frequency, UsageError where `season_length` is not its own.
    """
    history = _fitting(history, model.tails, source, season_length)
    return Prediction(source, history, {model.name: model.forecaster.predict(history, horizon or model.horizon)})


def draw(prediction: Prediction, path: Path, series: tuple[str, ...]) -> None:
    """Write the picture of a prediction."""
    from forecast_cli.report.pictures.figures import draw as draw_figure

    draw_figure(prediction.history, prediction.forecasts, path, series=series)


def _training_data(source: str, trained_with: ReadConfig, asked: ReadConfig, tails: Panel) -> Panel:
    """The file that the model was trained on as it is now, or the ends of its series as they were."""
    if source != STDIN and Path(source).is_file():
        given = {name: value for name, value in asdict(asked).items() if value not in (None, ())}
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
            f"{season_length}: the model was trained with a season of {trained.season_length}.",
            "Leave the option out, or train a model with that season.",
            option="season",
        )
    if not same_steps(panel.freq, trained.freq):
        raise DataError(
            f"{source}: the data have the frequency {panel.freq}, the model was trained on {trained.freq}.",
            f"Give data of that frequency{brought_to(panel.freq, trained.freq)}, or train a model on these.",
        )
    return replace(panel, season_length=trained.season_length)
