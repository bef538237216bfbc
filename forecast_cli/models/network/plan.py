"""How long and how fast a network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how fast a network is trained. All options have a value here.

    epochs:           the largest number of epochs
    steps_per_epoch:  the number of batches in an epoch
    batch_size:       the number of windows in a batch
    learning_rate:    the learning rate of the Adam optimizer at the start
    clip_norm:        the largest norm of the gradient; larger gradients are scaled down to it
    loss:             the name of a loss of the network's head, such as "mae"
    seed:             of the random numbers
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    learning_rate: float
    clip_norm: float
    loss: str
    seed: int
