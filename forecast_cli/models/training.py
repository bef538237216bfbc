"""The options of a training, and the network or checkpoint that it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.options import ModelConfig, TrainConfig

if TYPE_CHECKING:
    from forecast_cli.models.network.checkpoint import Checkpoints
    from forecast_cli.models.network.warm_start import EarlierNetwork


@dataclass(frozen=True)
class Training:
    """The options of a training, and the network or checkpoint that it starts from.

    model:        options for the size of the network
    training:     options for the training
    earlier:      the network of an earlier model, for a warm start; None starts from random weights
    checkpoints:  where the training saves and finds its checkpoint; None trains without checkpoints
    """

    model: ModelConfig
    training: TrainConfig
    earlier: EarlierNetwork | None = None
    checkpoints: Checkpoints | None = None
