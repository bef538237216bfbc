"""How long and how fast a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how fast to train: the options of TrainConfig, each with a value.

    steps_per_epoch:  number of batches in an epoch
    batch_size:       number of windows in a batch
    learning_rate:    learning rate of Adam at the start
    clip_norm:        maximum norm of the gradient
    loss:             a loss of the network's head
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float
    clip_norm: float
    loss: str
    seed: int
