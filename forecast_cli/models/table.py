"""The table of models: model name -> module. A module is imported when its model is used."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.models.description import Description
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import BASELINES, HYBRIDS, SMOOTHED

log = logging.getLogger(__name__)


class Loader(Protocol):
    """A forecaster class with methods that load a forecaster from a bundle."""

    def load(self, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None) -> Forecaster:
        """The forecaster of a bundle, for predictions.

        scaling:  fitted to the whole series, if the panels to forecast have only the last points of each series
        """
        ...

    def load_as_scored(self, description: Description, files: Mapping[str, bytes]) -> Forecaster:
        """The forecaster in the state in which it was scored."""
        ...


class Row(NamedTuple):
    """One row of the table.

    module:       the module in `forecast_cli.models` that defines `create(name, training)`, which returns the unfitted
                  model, and `FORECASTER`, the class that loads the fitted model from a bundle
    has_network:  whether the model can have a network, and so uses the options of networks
    """

    module: str
    has_network: bool = True

    def create(self, name: str, training: Training) -> Model:
        """The unfitted model of that name."""
        model: Model = self._imported().create(name, training)
        return model

    def forecaster(self) -> Loader:
        """The class that loads this model from a bundle."""
        loader: Loader = self._imported().FORECASTER
        return loader

    def _imported(self) -> Any:
        return import_module(f"forecast_cli.models.{self.module}")


MODELS = {
    **{name: Row("network.model") for name in TOPOLOGIES},
    **{name + SMOOTHED: Row("combined.smoothed") for name in TOPOLOGIES},
    **{name: Row("combined.hybrid") for name in HYBRIDS},
    "blend": Row("combined.blend"),
    "auto": Row("combined.auto"),
    **{name: Row("statistical.model", has_network=False) for name in BASELINES},
}
"""The models by name. Any other name must be the name of a statsforecast model."""

OF_LIBRARY = Row("statistical.model", has_network=False)
"""The row of every model of statsforecast."""


def row_of(name: str) -> Row:
    """The row of a model. Raises UsageError if there is no model of that name.

    Logs a warning if a name differs only in capitals from a name in MODELS, such as ARIMA.

    statsforecast is imported only for a name that is not in MODELS.
    """
    if name in MODELS:
        return MODELS[name]
    from forecast_cli.models.statistical.methods import check

    check(name, MODELS)
    if name.lower() in MODELS:
        log.warning("%s is statsforecast's model of that name, not the method %s.", name, name.lower())
    return OF_LIBRARY


def model_of(name: str, training: Training) -> Model:
    """The unfitted model of that name. Raises UsageError if there is none."""
    return row_of(name).create(name, training)
