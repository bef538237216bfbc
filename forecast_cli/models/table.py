"""The table of models: name of a model -> its module. The module is imported when the model is used."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from forecast_cli.features.scaling import Scaling
from forecast_cli.forecasting import Forecaster, Model
from forecast_cli.model_names import SMOOTHED, TREES
from forecast_cli.models.description import Description
from forecast_cli.models.statistical.methods import METHODS, check
from forecast_cli.models.training import Training
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import COVARIATE_OPTIONS, NETWORK_OPTIONS
from forecast_cli.words import and_joined

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
    uses_covariates:  whether its forecast depends on covariates of any kind
    """

    summary: str
    module: str
    has_network: bool = True
    knows_long_season: bool = True
    uses_covariates: bool = True

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
        name: Row(method.summary, "statistical.model", False, method.knows_long_season, method.takes_regressors)
        for name, method in METHODS.items()
    },
}
"""Name of a model -> its row. Any other name must be that of a model of statsforecast, such as CrostonSBA."""

OF_LIBRARY = Row("a model of statsforecast", "statistical.model", False, False, False)
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


def unused_options(names: Sequence[str]) -> dict[str, str]:
    """{name of an option: the reason} for the options that none of the models with these names uses.

    A reason is a sentence without the full stop, such as "the model theta has no network". The names must be valid.
    """
    rows = [MODELS.get(name, OF_LIBRARY) for name in names]
    several = len(names) > 1
    models = f"the models {and_joined(names)}" if several else f"the model {names[0]}"
    unused: dict[str, str] = {}
    if not any(row.has_network for row in rows):
        unused |= dict.fromkeys(NETWORK_OPTIONS, f"{models} {'have' if several else 'has'} no network")
    if not any(row.uses_covariates for row in rows):
        unused |= dict.fromkeys(COVARIATE_OPTIONS, f"{models} {'use' if several else 'uses'} no covariates")
    return unused


def model_of(name: str, training: Training) -> Model:
    """The unfitted model with this name and these options. Raises UsageError if there is no such model."""
    return row_of(name).create(name, training)
