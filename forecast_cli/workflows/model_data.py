"""The data that a saved model is used on, with the columns and the season that it was trained with."""

from __future__ import annotations

import logging
import math
import os.path
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import DataError, DataMemoryError, MissingColumnError, ModelError, UsageError, mention
from forecast_cli.option_fields import as_typed
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import resampling_hint, same_steps
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import STDIN, read_panel
from forecast_cli.words import counted, seasons_text

if TYPE_CHECKING:
    from forecast_cli.models.card import Data
    from forecast_cli.models.saved import SavedModel

log = logging.getLogger(__name__)

LACKING = {
    FUTURE: "The model was trained with this column: add it, or name a second file with its future values with "
    f"{mention('future-file')}.",
    PAST: "The model was trained with this column: add it, or train a model without it.",
    STATIC: "The model was trained with this column: add it, or name a file that has it for each series with "
    f"{mention('static-file')}.",
}
"""What the user can do if the data lack a covariate of the model, for each kind."""

SAME_SEASON = 0.001
"""Two lengths of a season that differ by at most this share mean the same: 365.25 and 365.2425 days are a year."""


def data_for(model: SavedModel, source: str | None, read: ReadConfig) -> Panel:
    """Read the data that a model is used on, with the columns that it was trained on.

    source:  the file to read; None takes the data that the model was trained on (see `_training_data`)
    read:    options for reading the file

    Raises UsageError if `read` names other covariates than the model has, DataError if the file lacks one of them.
    """
    _check_covariates(read, model.card.data)
    if source is None:
        return _training_data(model.card.data, read, model.tails)
    try:
        return read_panel(source, _with_trained_covariates(read, model.card.data), continues=model.tails.freq)
    except MissingColumnError as error:
        if error.option not in LACKING:
            raise
        raise DataError(error.message, LACKING[error.option]) from error


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
    if seasons and not _same_seasons(seasons, (trained.season_length, *longer)):
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


def warn_of_missing_series(model: SavedModel, panel: Panel, source: str) -> None:
    """Warn of series that the model was trained on jointly with the others, and that the panel does not have.

    source:   the name of the data in messages
    """
    windows, given = model.card.description.windows, set(panel.ids.tolist())
    missing = [name for name in (windows.joint if windows else ()) if name not in given]
    if missing:
        log.warning(
            "%s: %s missing, first '%s': the joint model forecasts the others without %s",
            source,
            counted(len(missing), "series of the training is", "series of the training are"),
            missing[0],
            "it" if len(missing) == 1 else "them",
        )


def _same_seasons(given: tuple[float, ...], trained: tuple[float, ...]) -> bool:
    """Whether the seasons that the user gave are those of the model: the shortest of them, or all."""
    alike = all(math.isclose(one, other, rel_tol=SAME_SEASON) for one, other in zip(given, trained, strict=False))
    return alike and len(given) in (1, len(trained))
