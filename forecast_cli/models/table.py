"""The table of models: for each name the unfitted model, and the class that loads it from a bundle."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from forecast_cli.forecasting import Model
from forecast_cli.models.combined.blend import BLEND, BlendForecaster, BlendModel
from forecast_cli.models.combined.smoothed import SmoothedForecaster, SmoothedModel
from forecast_cli.models.network.checkpoint import Checkpoints
from forecast_cli.models.statistical.methods import METHODS, StatisticalModel, check
from forecast_cli.models.warm_start import EarlierNetwork
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.options import ModelConfig, TrainConfig

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """The options of a training, and the state that it continues.

    earlier:      the network of an earlier model, for a warm start
    checkpoints:  where the training saves its state
    """

    model: ModelConfig
    training: TrainConfig
    earlier: EarlierNetwork | None = None
    checkpoints: Checkpoints | None = None


@dataclass(frozen=True)
class Row:
    """One row of the table.

    create:      an unfitted model
    forecaster:  the class that loads such a model from a bundle
    """

    create: Callable[[Training], Model]
    forecaster: type[SmoothedForecaster] | type[BlendForecaster]


def _network(topology: str, training: Training) -> SmoothedModel:
    return SmoothedModel(topology, training.model, training.training, training.earlier, training.checkpoints)


def _blend(training: Training) -> BlendModel:
    return BlendModel(_network(next(iter(TOPOLOGIES)), training))


MODELS = {
    **{name: Row(partial(_network, name), SmoothedForecaster) for name in TOPOLOGIES},
    BLEND: Row(_blend, BlendForecaster),
}
"""The models that can be trained and saved. Every other name is a statistical method's."""


def check_names(names: Iterable[str]) -> None:
    """Raise UsageError for a name without a model; warn of one that differs from a method's only in its capitals."""
    for name in names:
        if name not in MODELS:
            check(name, MODELS)
        if name != name.lower() in METHODS:
            log.warning("%s is statsforecast's model of that name, not the method %s.", name, name.lower())


def model_of(name: str, training: Training) -> Model:
    """The unfitted model of that name."""
    return MODELS[name].create(training) if name in MODELS else StatisticalModel(name)
