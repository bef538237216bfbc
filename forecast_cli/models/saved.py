"""A model in a bundle: the forecaster, the last points of the series that it was trained on, and the model card."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli import bundle
from forecast_cli.bundle import Bundle, pack_arrays, unpack_arrays
from forecast_cli.errors import ModelError, UsageError, mention
from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster
from forecast_cli.models.card import ModelCard
from forecast_cli.models.files import FITTED_FILE, TAILS_FILE, TREES_FILE, WEIGHTS_FILE
from forecast_cli.models.network.trained import State
from forecast_cli.models.table import Row, row_of
from forecast_cli.panel.panel import Panel

if TYPE_CHECKING:
    from forecast_cli.models.network.warm_start import EarlierNetwork

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedModel:
    """A model that was loaded from a bundle.

    tails:    the last points of each series of its training data
    scaling:  fitted to the whole series
    """

    bundle: Bundle
    row: Row
    card: ModelCard
    tails: Panel
    scaling: Scaling

    @classmethod
    def of(cls, loaded: Bundle) -> SavedModel:
        """The model in a bundle that was loaded with PREDICTION_FILES. Raises ModelError if the bundle is not valid."""
        card = ModelCard.of(loaded)
        try:
            row = row_of(card.name)
        except UsageError as error:
            raise ModelError(
                f"{loaded.directory}: there is no model {card.name!r} in this version of the program.",
                "Train the model again.",
            ) from error
        arrays = unpack_arrays(loaded.read(TAILS_FILE))
        with _parts_of(loaded.directory):
            scaling = Scaling(**{field.name: arrays.pop(field.name) for field in fields(Scaling)})
            tails = Panel(**arrays, freq=card.data.freq, season_length=card.data.season_length, tz=card.data.tz)
        return cls(loaded, row, card, tails, scaling)

    @property
    def name(self) -> str:
        return self.card.name

    @cached_property
    def forecaster(self) -> Forecaster:
        """The forecaster for any panel. Raises ModelError if it cannot be loaded."""
        return self._loaded(None)

    @cached_property
    def forecaster_of_tails(self) -> Forecaster:
        """The forecaster for `tails`, scaled as the whole series. Raises ModelError if it cannot be loaded."""
        return self._loaded(self.scaling)

    def as_scored(self) -> tuple[Forecaster, str]:
        """The forecaster in the state that was scored, and the last time of the data it had been trained on, as text.

        Needs a bundle that was loaded with COMPARISON_FILES. If an old bundle lacks that state, the final network
        weights are used, and a message says so. Raises ModelError if the forecaster cannot be loaded.
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
        with _parts_of(self.bundle.directory):
            return self.row.forecaster().load_as_scored(description, self.bundle.contents), learned_to

    def _loaded(self, scaling: Scaling | None) -> Forecaster:
        with _parts_of(self.bundle.directory):
            return self.row.forecaster().load(self.card.description, self.bundle.contents, scaling)


def save(directory: Path, card: ModelCard, panel: Panel, files: Mapping[str, bytes]) -> None:
    """Write the bundle of a model that was trained on `panel`, complete or not at all.

    files:  the files that the forecaster saves

    Raises the errors of `bundle.save`.
    """
    tails = panel.context(card.description.context_size)
    arrays = {"ids": tails.ids, "indptr": tails.indptr, "times": tails.times, "values": tails.values}
    arrays |= vars(Scaling.of(panel))
    bundle.save(directory, card.sections(), {**files, TAILS_FILE: pack_arrays(arrays)})


def read_network(directory: Path) -> EarlierNetwork:
    """The network in a bundle, for a warm start. Raises ModelError if there is no valid model with a network.

    If the bundle has no weights from before the training on the holdout, the final weights are used.
    """
    from forecast_cli.models.network.warm_start import EarlierNetwork

    loaded = bundle.load(directory, (FITTED_FILE, WEIGHTS_FILE, TREES_FILE))
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
        state=state,
    )


@contextmanager
def _parts_of(directory: Path) -> Iterator[None]:
    """Raise ModelError if the parts of a bundle do not fit together."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{directory}: the parts of the model do not fit together ({error}).", "Train the model again."
        ) from error
