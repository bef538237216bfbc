"""The command `predict`: load a model from a bundle and forecast."""

from __future__ import annotations

import logging
import os.path
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast_cli import bundle
from forecast_cli.activity import doing
from forecast_cli.errors import DataError, DataMemoryError, ModelError, UsageError, mention
from forecast_cli.forecasting import Forecast, Forecaster, all_members
from forecast_cli.option_fields import as_typed
from forecast_cli.options import PredictConfig, ReadConfig
from forecast_cli.panel.calendar import resampling_hint, same_steps
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import STDIN, read_panel
from forecast_cli.panel.trained_covariates import as_trained, check_future_values
from forecast_cli.words import counted, seasons_text
from forecast_cli.workflows.durations import announce_long_methods
from forecast_cli.workflows.intervals import Sums, sums_of, with_intervals

if TYPE_CHECKING:
    from forecast_cli.models.card import Data
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


def data_for(model: SavedModel, source: str | None, read: ReadConfig) -> Panel:
    """Read the data that a model is used on, with the columns that it was trained on.

    source:  the file to read; None takes the data that the model was trained on (see `_training_data`)
    read:    options for reading the file

    Raises UsageError if `read` names other covariates than the model has.
    """
    _check_covariates(read, model.card.data)
    if source is None:
        return _training_data(model.card.data, read, model.tails)
    return read_panel(source, _with_trained_covariates(read, model.card.data), continues=model.tails.freq)


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


def _training_data(trained: Data, asked: ReadConfig, tails: Panel) -> Panel:
    """The data to continue if the user names no file: the file that the model was trained on, read again.

    If the file no longer exists, the last points that the bundle keeps are returned.

    trained: the training data, and the options they were read with
    asked:   options for reading that the user gives for the prediction; they have precedence
    tails:   the last points of each series, from the bundle

    Raises ModelError if the file cannot be read with these options. Raises DataError if the file no longer exists and
    the user gives a file of future values.
    """
    source = trained.source
    if source != STDIN and os.path.isfile(source):  # unlike pathlib, False for a path that no system allows
        given = {name: value for name, value in asdict(asked).items() if value not in (None, ())}
        again = replace(trained.read, **given)
        if again.future_file is not None and asked.future_file is None and not Path(again.future_file).is_file():
            log.info("%s no longer exists: no future values are read from it.", again.future_file)
            again = replace(again, future_file=None)
        try:
            panel = read_panel(source, _with_trained_covariates(again, trained), continues=tails.freq)
        except DataMemoryError:
            raise
        except (DataError, UsageError) as error:
            # The path comes from the bundle, perhaps a forged one: the message shows nothing of the file's content.
            raise ModelError(
                f"{source}: the file that the model was trained on cannot be read with the options of that training.",
                "Name the file with the data to continue.",
            ) from error
        log.info("Continuing %s, which ends at %s.", source, panel.span[1])
        return panel
    why = "standard input cannot be read again" if source == STDIN else f"{source} no longer exists"
    if asked.future_file is not None:
        raise DataError(f"{asked.future_file}: cannot be used, as {why}.", "Name the file with the data to continue.")
    log.info("Continuing the data kept in the model, which end at %s (%s).", tails.span[1], why)
    return tails


def _with_trained_covariates(read: ReadConfig, trained: Data) -> ReadConfig:
    """The options for reading a file, with the covariates and the columns that a model was trained on.

    They are returned unchanged if the model has no covariates.

    read:    options for reading. Those that the user gave for dates, values, ids and the file of static covariates have
             precedence over those of the training. The names of covariates are always those of the training
    trained: the training data of the model
    """
    if not trained.covariates:
        return read
    named: dict[str, Any] = {
        kind: tuple(column.name for column in trained.covariates if column.kind == kind)
        for kind in (FUTURE, PAST, STATIC)
    }
    return replace(
        read,
        **named,
        covariates=read.covariates or trained.read.covariates,
        static_file=read.static_file or trained.read.static_file,
        date_column=read.date_column or trained.read.date_column,
        value_columns=read.value_columns or trained.read.value_columns,
        id_columns=read.id_columns or trained.read.id_columns,
    )


def _check_covariates(asked: ReadConfig, trained: Data) -> None:
    """Check the covariates that the user names against those of the model.

    Raises UsageError for covariates that the model does not have; for only some of the model's covariates of one kind,
    unless the training chose its covariates itself ("auto"); and for a file of future values if the model has no
    known-ahead covariates.
    """
    for kind in (FUTURE, PAST, STATIC):
        names = tuple(column.name for column in trained.covariates if column.kind == kind)
        chosen = getattr(asked, kind)
        incomplete = set(chosen) < set(names) and trained.read.covariates != "auto"
        if chosen and (incomplete or not set(chosen) <= set(names)):
            text = f"with {as_typed(names)}" if names else "without such columns"
            raise UsageError(
                f"{as_typed(chosen)}: the model was trained {text}.",
                "Leave the option out, or train a model with these columns.",
                kind,
            )
    if asked.future_file is not None and not any(column.kind == FUTURE for column in trained.covariates):
        raise UsageError(
            f"{asked.future_file}: the model was trained without columns that are known ahead.",
            "Leave the option out, or train a model with such columns.",
            "future-file",
        )


def with_season_of(model: SavedModel, panel: Panel, source: str, seasons: tuple[float, ...] | None) -> Panel:
    """The panel with the season length that the model was trained with.

    source:   the name of the data in messages
    seasons:  the lengths of the seasons that the user gave, in steps; None if none

    Raises DataError if the frequency of the panel is not that of the model, UsageError if `seasons` are not those of
    the model.
    """
    trained, windows = model.tails, model.card.description.windows
    longer = windows.long_seasons if windows else ()
    if seasons and (seasons[0] != trained.season_length or seasons[1:] not in ((), longer)):
        raise UsageError(
            f"{seasons_text(seasons)}: the model was trained with {seasons_text((trained.season_length, *longer))}.",
            "Leave the option out, or train a model with that season.",
            option="season",
        )
    if not same_steps(panel.freq, trained.freq):
        raise DataError(
            f"{source}: the data have the frequency {panel.freq}, the model was trained on {trained.freq}.",
            f"Give data of that frequency{resampling_hint(panel.freq, trained.freq)}, or train a model on these.",
        )
    return replace(panel, season_length=trained.season_length, season_found=False)
