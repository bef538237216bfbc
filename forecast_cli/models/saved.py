"""Save a model in a bundle, and load it again.

The bundle has the forecaster, the model card, and the last points of the series that the model was trained on (tails).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from forecast_cli import bundle
from forecast_cli.bundle import Bundle, pack_arrays, unpack_arrays
from forecast_cli.errors import DataError, ModelError, ModelMemoryError, UsageError, mention
from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.card import Data, ModelCard
from forecast_cli.models.card_checks import check_card
from forecast_cli.models.files import (
    ERRORS_FILE,
    FITTED_FILE,
    FORECASTS_FILE,
    TAILS_FILE,
    TREES_FILE,
    WEIGHTS_FILE,
    load,
)
from forecast_cli.models.network.trained import State
from forecast_cli.models.statistical.kept import pack_forecasts
from forecast_cli.models.table import Row, row_of
from forecast_cli.models.tail_checks import check_tails
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.covariates import Covariates
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.seasons import long_seasons_given

if TYPE_CHECKING:
    from forecast_cli.models.intervals import Calibration
    from forecast_cli.models.network.warm_start import EarlierNetwork

log = logging.getLogger(__name__)

PREFIX, COVARIATE_ARRAYS = "covariates_", ("past", "ahead", "start", "end")
"""The arrays of `Covariates` that are saved in TAILS_FILE are the attributes COVARIATE_ARRAYS. Their names in the file
begin with PREFIX."""


@dataclass(frozen=True)
class SavedModel:
    """A model that was loaded from a bundle.

    bundle:   the content of the bundle
    row:      the row of the model in the table of models
    card:     the description of the model
    tails:    the last points of each series of its training data
    scaling:  how each series is scaled, computed from the whole series
    """

    bundle: Bundle
    row: Row
    card: ModelCard
    tails: Panel
    scaling: Scaling

    @classmethod
    def of(cls, loaded: Bundle) -> SavedModel:
        """The model in a bundle. The bundle must be loaded with PREDICTION_FILES.

        Raises ModelError if the bundle is not valid.
        """
        card = ModelCard.of(loaded)
        try:
            row = row_of(card.name)
        except UsageError as error:
            raise ModelError(
                f"{loaded.directory}: there is no model {card.name!r} in this version of the program.",
                "Train the model again.",
            ) from error
        with errors_as_model_error(loaded.directory):
            arrays = unpack_arrays(loaded.read(TAILS_FILE))
            scaling = Scaling(**{field.name: arrays.pop(field.name) for field in fields(Scaling)})
            tails = _tails(arrays, card.data)
            check_tails(tails, scaling)
        return cls(loaded, row, card, tails, scaling)

    @property
    def name(self) -> str:
        return self.card.name

    @cached_property
    def forecaster(self) -> Forecaster:
        """The forecaster for panels of whole series. Raises ModelError if it cannot be loaded."""
        return self._loaded(None)

    @cached_property
    def forecaster_of_tails(self) -> Forecaster:
        """The forecaster for `tails`, with the scaling of whole series. Raises ModelError if it cannot be loaded."""
        return self._loaded(self.scaling)

    @cached_property
    def calibration(self) -> Calibration | None:
        """The errors for intervals. None if the bundle has none. Raises ModelError if they are not valid."""
        from forecast_cli.models.intervals import store

        with errors_as_model_error(self.bundle.directory):
            return store.unpack(self.bundle.contents)

    def as_scored(self) -> tuple[Forecaster, str]:
        """The forecaster in the state in which it was scored on the holdout.

        Returns it, and the last time of the data on which it had been trained in this state, as text.

        The bundle must be loaded with COMPARISON_FILES. If an old bundle lacks this state, the final weights are used,
        and this is logged. Raises ModelError if the forecaster cannot be loaded.
        """
        if self.card.description.network and FITTED_FILE not in self.bundle.contents:
            log.info(
                "%s: the bundle lacks the weights with which the model was scored; the final weights are used, which "
                "may have been trained on the holdout.",
                self.bundle.directory,
            )
            return self.forecaster, self.card.data.last
        description = self.card.description
        learned_to = description.scored_to or description.fitted_to or self.card.data.last
        with errors_as_model_error(self.bundle.directory):
            return self.row.forecaster().load_as_scored(description, self.bundle.contents), learned_to

    def _loaded(self, scaling: Scaling | None) -> Forecaster:
        with errors_as_model_error(self.bundle.directory):
            return self.row.forecaster().load(self.card.description, self.bundle.contents, scaling)


def save(
    directory: Path,
    card: ModelCard,
    panel: Panel,
    files: Mapping[str, bytes],
    forecasts: Mapping[str, Floats],
    calibration: Calibration | None,
) -> None:
    """Save a model in a bundle, as a whole or not at all.

    directory:  the directory of the bundle
    card:       the description of the model
    panel:      the data it was trained on; its last points are saved too
    files:      the files of the forecaster: logical name -> content
    forecasts:  of the statistical methods in the model: name -> forecast of the panel, (n, h)
    calibration: the errors for its intervals; None if too few are known

    Raises OutputError if the model cannot be written, LockedError if another process holds the lock of the directory,
    and ValueError or UsageError if the card is not valid. The card is checked before anything is written, so that a
    model that cannot be loaded does not replace the earlier one.
    """
    from forecast_cli.models.intervals import store

    check_card(card)

    tails = panel.context(card.description.context_size)
    arrays = {"ids": tails.ids, "indptr": tails.indptr, "times": tails.times, "values": tails.values}
    arrays |= vars(Scaling.of(panel))
    if tails.covariates is not None:
        known = tails.covariates.compact()
        arrays |= {PREFIX + name: getattr(known, name) for name in COVARIATE_ARRAYS}
    kept = {FORECASTS_FILE: pack_forecasts(forecasts, panel, tails)} if forecasts else {}
    if calibration is not None:
        kept[ERRORS_FILE] = store.pack(calibration)
    bundle.save(directory, card.sections(), {**files, TAILS_FILE: pack_arrays(arrays), **kept})


def _tails(arrays: Mapping[str, NDArray[Any]], data: Data) -> Panel:
    """The panel of the last points of each series, as a bundle keeps them.

    arrays: the arrays of TAILS_FILE, without those of the scaling
    data:   the description of the training data in the model card

    Raises KeyError or ValueError if arrays are missing or do not fit together.
    """
    covariates = None
    if data.covariates:
        covariates = Covariates(data.covariates, **{name: arrays[PREFIX + name] for name in COVARIATE_ARRAYS})
    return Panel(
        ids=arrays["ids"],
        freq=data.freq,
        season_length=data.season_length,
        indptr=arrays["indptr"],
        times=arrays["times"],
        values=arrays["values"],
        tz=data.tz,
        long_seasons=long_seasons_given(data.freq, data.read.seasons),
        covariates=covariates,
    )


def read_network(directory: Path) -> EarlierNetwork:
    """The network in a bundle, for a warm start, with its weights from before the training on the holdout.

    If the bundle does not have these weights, the final weights are used. Raises ModelError if there is no valid model,
    or if the model has no network.
    """
    from forecast_cli.models.network.warm_start import EarlierNetwork

    loaded = load(directory, (FITTED_FILE, WEIGHTS_FILE, TREES_FILE))
    card = ModelCard.of(loaded)
    description, data = card.description, card.data
    if description.network is None or description.windows is None:
        raise ModelError(
            f"{directory}: the model {card.name} has no network that a training could start from.",
            f"Leave out {mention('warm-start')}.",
        )
    if FITTED_FILE in loaded.contents:
        state = State(loaded.read(FITTED_FILE), description.fitted_to or data.last)
    else:
        state = State(loaded.read(WEIGHTS_FILE), data.last)
    return EarlierNetwork(
        directory=directory,
        name=card.name,
        spec=description.network,
        shape=description.windows,
        context_size=description.context_size,
        smoothing=description.smoothing,
        choice=description.choice,
        trees=description.trees,
        tree_file=loaded.contents.get(TREES_FILE),
        horizon=card.horizon,
        freq=data.freq,
        season_length=data.season_length,
        covariates=data.covariates,
        state=state,
    )


@contextmanager
def errors_as_model_error(directory: Path) -> Iterator[None]:
    """Convert errors in a `with` block that loads or runs parts of a bundle to a ModelError that names `directory`.

    A MemoryError becomes a ModelMemoryError. DataError, ModelError and ModelMemoryError are raised unchanged.
    """
    try:
        with bundle.memory_errors_of(directory):
            yield
    except (DataError, ModelError, ModelMemoryError):
        raise
    except Exception as error:  # libraries that read or run a forged part raise any type
        raise ModelError(
            f"{directory}: the parts of the model do not fit together ({error}).", "Train the model again."
        ) from error
