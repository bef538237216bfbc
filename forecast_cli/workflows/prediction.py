"""The command `predict`: load a model from a bundle and forecast."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast_cli import bundle
from forecast_cli.activity import doing
from forecast_cli.errors import ModelError, UsageError, mention
from forecast_cli.forecasting import Forecast, Forecaster, all_members
from forecast_cli.options import PredictConfig, ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.trained_covariates import as_trained, check_future_values
from forecast_cli.words import counted
from forecast_cli.workflows.durations import announce_long_methods
from forecast_cli.workflows.intervals import Sums, sums_of, with_intervals
from forecast_cli.workflows.model_data import data_for, warn_of_missing_series, with_season_of

if TYPE_CHECKING:
    from forecast_cli.models.saved import SavedModel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prediction:
    """The result of a prediction.

    source:    the file with the data
    history:   the data that the forecasts continue
    forecasts: name of a model -> its forecast; the trained model is the first, and only it has intervals
    sums:      name of a model -> totals of its forecast over periods; empty if the user asked for none
    """

    source: str
    history: Panel
    forecasts: dict[str, Forecast]
    sums: dict[str, Sums] = field(default_factory=dict)


def predict(
    source: str | None, directory: Path, config: PredictConfig, read: ReadConfig, for_picture: bool = False
) -> Prediction:
    """Forecast with a saved model.

    source:    the file to forecast; None forecasts the data that the model was trained on
    directory: the directory of the bundle
    config:    the horizon, the intervals, and further models to forecast with (`config.against`): the members of the
               saved model, or statistical methods
    read:      options for reading the file
    for_picture:  whether the prediction is drawn: then it has intervals even if the user named none

    Raises UsageError for a name in `config.against` that is neither a member nor a statistical method, and if `read`
    names other covariates than the model has. Raises the errors of `continued` too.
    """
    networks = _networks_among(config.against)
    model = loaded(directory)
    _check_parts(model, networks)
    history = data_for(model, source, read)
    return continued(model, history, source or model.card.data.source, config, read.seasons, for_picture)


def loaded(directory: Path) -> SavedModel:
    """Load the model in a bundle, for predictions. Raises ModelError if the directory has no valid bundle."""
    from forecast_cli.models.files import PREDICTION_FILES
    from forecast_cli.models.saved import SavedModel

    return SavedModel.of(bundle.load(directory, PREDICTION_FILES))


def _networks_among(names: tuple[str, ...]) -> list[str]:
    """The names of models with a network, among `names`. Raises UsageError for a name that no model has."""
    if not names:
        return []
    from forecast_cli.models.table import row_of

    return [name for name in names if row_of(name).has_network]


def _check_parts(model: SavedModel, networks: list[str]) -> None:
    """Raise UsageError if one of the networks is not a member of the model."""
    if not networks:
        return
    parts = [model.name, *all_members(model.forecaster)]
    for name in networks:
        if name not in parts:
            raise UsageError(
                f"{name}: this is not a part of the model {model.name}.",
                f"Use a statistical method, or one of {', '.join(parts)}.",
                option="against",
            )


def _others(forecaster: Forecaster, names: tuple[str, ...]) -> dict[str, Forecaster]:
    """{name: forecaster} for each name: `forecaster` itself, its member of this name, or else a statistical method."""
    if not names:
        return {}
    from forecast_cli.models.statistical.model import StatisticalForecaster

    members = {forecaster.name: forecaster, **all_members(forecaster)}
    return {name: members.get(name) or StatisticalForecaster(name) for name in names}


def continued(
    model: SavedModel,
    history: Panel,
    source: str,
    config: PredictConfig,
    seasons: tuple[float, ...] | None = None,
    for_picture: bool = False,
    widening: Mapping[float, float] | None = None,
) -> Prediction:
    """Forecast a panel with a loaded model.

    history:       the data: read from a file, or the last points that the bundle keeps (`model.tails`)
    source:        the name of the data in messages
    config:        the horizon, the intervals, and further models: statistical methods, or members of the model
    seasons:       the lengths of the seasons that the user gave, in steps; None if none
    for_picture:   whether the prediction is drawn
    widening:      level of an interval in percent -> factor by which its width is multiplied; None for no factors

    Raises DataError if the data have another frequency than the model, or if values of its known-ahead covariates are
    missing in the forecast steps. Raises UsageError if `seasons` are not those of the model, ModelError if a forecast
    of the model is not finite.
    """
    from forecast_cli.models.saved import errors_as_model_error

    forecaster = model.forecaster_of_tails if history is model.tails else model.forecaster
    steps = config.horizon or model.card.horizon
    given, trained = with_season_of(model, history, source, seasons), model.card.data.covariates
    warn_of_missing_series(model, given, source)
    history = as_trained(given, trained, source)
    check_future_values(given, trained, steps, source)
    forecasters = {model.name: forecaster, **_others(forecaster, config.against)}
    announce_long_methods(_not_kept(forecasters, history, steps), history)
    with errors_as_model_error(model.bundle.directory):
        forecasts = {name: _forecast(each, history, steps) for name, each in forecasters.items()}
    _refuse_failure(model, forecasts[model.name])
    _warn_of_failures(forecasts)
    forecasts[model.name] = with_intervals(forecasts[model.name], model, history, config, for_picture, widening)
    return Prediction(source, history, forecasts, sums_of(forecasts, model, history, config))


def _not_kept(forecasters: Mapping[str, Forecaster], history: Panel, horizon: int) -> list[str]:
    """The names of the statistical methods that must be fitted, because the bundle has no forecast by them to use."""
    from forecast_cli.models.statistical.model import StatisticalForecaster

    methods = {name: each for name, each in forecasters.items() if isinstance(each, StatisticalForecaster)}
    return [name for name, method in methods.items() if method.known(history, horizon) is None]


def _forecast(forecaster: Forecaster, history: Panel, horizon: int) -> Forecast:
    doing(f"Forecasting with {forecaster.name}")
    return forecaster.predict(history, horizon)


def _refuse_failure(model: SavedModel, forecast: Forecast) -> None:
    """Raise ModelError for a forecast that is not finite.

    A statistical method may leave out some series (NaN at every step), but not all.
    """
    failed = ~np.isfinite(forecast.point).all(axis=1)
    left_out = np.isnan(forecast.point).all(axis=1)
    if failed.all() or (failed & ~left_out).any() or (failed.any() and model.card.description.network is not None):
        raise ModelError(
            f"{model.bundle.directory}: {model.name} cannot forecast {counted(int(failed.sum()), 'series', 'series')}, "
            f"first '{forecast.ids[np.argmax(failed)]}': the result is not finite.",
            f"Train the model again on these data, or with another {mention('model')}.",
        )


def _warn_of_failures(forecasts: Mapping[str, Forecast]) -> None:
    for name, forecast in forecasts.items():
        failed = int((~np.isfinite(forecast.point)).any(axis=1).sum())
        if failed:
            log.warning("%s cannot forecast %d of %d series.", name, failed, len(forecast.ids))
