"""The table of models: the module of each, by name. A module is imported when its model is used."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.models.card import Description
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES

log = logging.getLogger(__name__)


class Loader(Protocol):
    """A class of forecasters that a bundle can load."""

    def load(self, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None) -> Forecaster:
        """The forecaster of a bundle, for predictions.

        scaling:  of the whole series, if the panels to forecast contain only their ends
        """
        ...

    def load_as_scored(self, description: Description, files: Mapping[str, bytes]) -> Forecaster:
        """The forecaster in the state in which it was scored."""
        ...


class Row(NamedTuple):
    """One row of the table.

    module:  the module of `forecast_cli.models` that defines `create`, from a name and a Training to an unfitted model,
             and `FORECASTER`, the class that loads such a model from a bundle
    """

    module: str

    def create(self, name: str, training: Training) -> Model:
        """The unfitted model of that name."""
        model: Model = self._imported().create(name, training)
        return model

    def forecaster(self) -> Loader:
        """The class that loads such a model from a bundle."""
        loader: Loader = self._imported().FORECASTER
        return loader

    def _imported(self) -> Any:
        return import_module(f"forecast_cli.models.{self.module}")


MODELS = {
    **{name: Row("combined.smoothed") for name in TOPOLOGIES},
    "blend": Row("combined.blend"),
}
"""The models that can be trained and saved. Every other name is a statistical method's."""


def check_names(names: Iterable[str]) -> None:
    """Raise UsageError for a name without a model; warn of one that differs from a method's only in its capitals."""
    from forecast_cli.models.statistical.methods import METHODS, check

    for name in names:
        if name not in MODELS:
            check(name, MODELS)
        if name != name.lower() in METHODS:
            log.warning("%s is statsforecast's model of that name, not the method %s.", name, name.lower())


def model_of(name: str, training: Training) -> Model:
    """The unfitted model of that name."""
    if name in MODELS:
        return MODELS[name].create(name, training)
    from forecast_cli.models.statistical.methods import StatisticalModel

    return StatisticalModel(name)
