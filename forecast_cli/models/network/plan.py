"""How long and how fast a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how fast to train: the options of TrainConfig with every open one chosen.

    steps_per_epoch:  batches
    batch_size:       windows
    learning_rate:    of Adam, at the start
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
