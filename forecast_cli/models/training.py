"""The options of a training, and what it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast_cli.options import ModelConfig, TrainConfig

if TYPE_CHECKING:
    from forecast_cli.models.network.checkpoint import Checkpoints
    from forecast_cli.models.network.warm_start import EarlierNetwork


@dataclass(frozen=True)
class Training:
    """The options of a training, and what it starts from.

    earlier:      the network of an earlier model, for a warm start
    checkpoints:  where the training saves and finds its checkpoint; None to train without
    """

    model: ModelConfig
    training: TrainConfig
    earlier: EarlierNetwork | None = None
    checkpoints: Checkpoints | None = None
