"""Heads: the outputs of a network for each predicted step, and the losses to train them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Tensor = Any
"""A tensor of the Keras backend in use."""


@dataclass(frozen=True)
class Head:
    """The size of the output layer and its losses.

    outputs:  number of outputs for each predicted step; the first is the point forecast
    losses:   name of a loss -> function of the error (target - output), element by element
    """

    outputs: int
    losses: Mapping[str, Callable[[Tensor], Tensor]]

    def loss(self, name: str) -> Callable[[Tensor, Tensor], Tensor]:
        """The Keras loss of that name: a function of target and output that returns the loss (batch,) of each window.

        target, output:  (batch, members, output_size, outputs); the target may have the size 1 instead of `members`

        The loss is a mean over all targets of a window. A missing target (NaN) has the loss 0 and no gradient.
        """
        from keras import ops

        pointwise = self.losses[name]

        def loss(target: Tensor, output: Tensor) -> Tensor:
            known = ops.logical_not(ops.isnan(target))
            error = ops.where(known, target, 0.0) - ops.where(known, output, 0.0)
            return ops.mean(pointwise(error), axis=(-3, -2, -1))

        return loss


def _absolute(error: Tensor) -> Tensor:
    from keras import ops

    return ops.abs(error)


def _squared(error: Tensor) -> Tensor:
    from keras import ops

    return ops.square(error)


def _huber(error: Tensor) -> Tensor:
    """Huber, Annals of Mathematical Statistics 35, 1964; quadratic up to an error of 1, linear beyond."""
    from keras import ops

    size = ops.abs(error)
    return ops.where(size < 1, ops.square(error) / 2, size - 0.5)


HEADS = {
    "point": Head(outputs=1, losses={"mae": _absolute, "mse": _squared, "huber": _huber}),
}
