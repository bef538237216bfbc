"""The table of models: name of a model -> its module. The module is imported when the model is used."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.model_names import BASELINES, SMOOTHED, TREES
from forecast_cli.models.description import Description
from forecast_cli.models.statistical.methods import METHODS, check
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES

log = logging.getLogger(__name__)


class Loader(Protocol):
    """A class of forecasters that can be loaded from a bundle."""

    def load(self, description: Description, files: Mapping[str, bytes], scaling: Scaling | None = None) -> Forecaster:
        """The forecaster in a bundle, for predictions.

        description:  from the model card
        files:        logical name -> content
        scaling:      how each series is scaled. It is needed if the panels to forecast have only the last points of the
                      series. None: the scaling is computed from the panel to forecast
        """
        ...

    def load_as_scored(self, description: Description, files: Mapping[str, bytes]) -> Forecaster:
        """The forecaster in a bundle, in the state in which it was scored on the holdout."""
        ...


class Row(NamedTuple):
    """One row of the table of models.

    summary:      description in one line
    module:       the name of a module in `forecast_cli.models`. It defines the function `create(name, training)`, which
                  returns the unfitted model, and `FORECASTER`, the class that loads the model from a bundle.
    has_network:  whether the model can have a network, so that the options of networks apply to it
    knows_long_season:  whether its forecast depends on the phase in the long season, such as the time of the year
    """

    summary: str
    module: str
    has_network: bool = True
    knows_long_season: bool = True

    def create(self, name: str, training: Training) -> Model:
        """The unfitted model with this name and these options."""
        model: Model = self._imported().create(name, training)
        return model

    def forecaster(self) -> Loader:
        """The class of forecasters that loads this model from a bundle."""
        loader: Loader = self._imported().FORECASTER
        return loader

    def _imported(self) -> Any:
        return import_module(f"forecast_cli.models.{self.module}")


MODELS = {
    **{name: Row(topology.summary, "network.model") for name, topology in TOPOLOGIES.items()},
    **{
        name + SMOOTHED: Row(f"{topology.label} with exponential smoothing", "combined.smoothed")
        for name, topology in TOPOLOGIES.items()
    },
    **{
        f"{name}+{trees}": Row(f"{topology.label} corrected by {described}", "combined.hybrid")
        for name, topology in TOPOLOGIES.items()
        for trees, described in TREES.items()
    },
    "blend": Row("lstm+smoothing and statistical methods", "combined.blend"),
    "auto": Row("the best at earlier cutoffs", "combined.auto"),
    **{
        name: Row(METHODS[name].summary, "statistical.model", False, METHODS[name].knows_long_season)
        for name in BASELINES
    },
}
"""Name of a model -> its row. Any other name must be that of a model of statsforecast, such as CrostonSBA."""

OF_LIBRARY = Row("a model of statsforecast", "statistical.model", has_network=False, knows_long_season=False)
"""The row of every model of statsforecast."""


def row_of(name: str) -> Row:
    """The row of the model with this name. Raises UsageError if there is no such model.

    A name that is not in MODELS is looked up in statsforecast, which is imported only then. If it differs from a name
    in MODELS only in capital letters, as ARIMA does, a warning is logged.
    """
    if name in MODELS:
        return MODELS[name]
    check(name, MODELS)
    if name.lower() in MODELS:
        log.warning("%s is statsforecast's model of that name, not the method %s.", name, name.lower())
    return OF_LIBRARY


def model_of(name: str, training: Training) -> Model:
    """The unfitted model with this name and these options. Raises UsageError if there is no such model."""
    return row_of(name).create(name, training)
