"""The table of models: every name that a backtest can be asked for, and how it is fitted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from forecast_cli.forecasting import Forecaster, Model, Progress
from forecast_cli.models.combined.blend import BlendTraining
from forecast_cli.models.network.defaults import choose, default_horizon
from forecast_cli.models.network.model import RecurrentTraining
from forecast_cli.models.statistical.methods import METHODS, StatisticalForecaster, check
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NetworkModel:
    """The network as `forecast train` would leave it: its defaults chosen from the panel, and all of it learned."""

    config: ModelConfig
    training: TrainConfig

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        """Raises DataError where the panel is too short to train on."""
        network = RecurrentTraining(choose(panel, self.config, self.training))
        network.fit(panel, progress)
        network.update(panel)
        return network.forecaster()


@dataclass(frozen=True)
class BlendModel:
    """The network and the statistical methods, weighted by their errors within the panel."""

    config: ModelConfig
    training: TrainConfig

    def fit(self, panel: Panel, progress: Progress) -> Forecaster:
        """Raises DataError where the panel is too short to train on."""
        horizon = self.training.horizon or default_horizon(panel)
        network = RecurrentTraining(choose(panel, self.config, self.training))
        blend = BlendTraining(network, horizon)
        blend.fit(panel, progress)
        return blend.forecaster()


@dataclass(frozen=True)
class StatisticalModel:
    """A statistical method. It has nothing to learn beforehand: it is fitted to each series that it forecasts."""

    name: str

    def fit(self, _panel: Panel, _progress: Progress) -> Forecaster:
        return StatisticalForecaster(self.name)


MODELS: dict[str, Callable[[ModelConfig, TrainConfig], Model]] = {"lstm": NetworkModel, "blend": BlendModel}
"""The models that are this program's own; every other name is a statistical method's."""


def check_names(names: Iterable[str]) -> None:
    """Raise UsageError for a name that no model has. Warn of one that differs from another in its capitals alone."""
    for name in names:
        if name not in MODELS:
            check(name, MODELS)
        if name != name.lower() in METHODS:
            log.warning("%s is statsforecast's model of that name, not the method %s.", name, name.lower())


def model_of(name: str, config: ModelConfig, training: TrainConfig) -> Model:
    """The model of that name, yet to be fitted; a name that is not in the table is a statistical method's."""
    return MODELS[name](config, training) if name in MODELS else StatisticalModel(name)
