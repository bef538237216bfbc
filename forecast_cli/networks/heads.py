"""Heads: the outputs of a network for each predicted step, and the losses for training them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Tensor = Any
"""A tensor of the Keras backend in use."""


@dataclass(frozen=True)
class Head:
    """The output layer's size and its losses.

    outputs:  numbers for each predicted step, the point forecast first
    losses:   name of a loss -> function of the error (target - output), element by element
    """

    outputs: int
    losses: Mapping[str, Callable[[Tensor], Tensor]]

    def loss(self, name: str) -> Callable[[Tensor, Tensor], Tensor]:
        """The Keras loss of that name: the mean over all targets; a missing target (NaN) adds 0, without gradient.

        target, output:  (batch, members, output_size, outputs); a target may have one member for all
        returns:         (batch,)
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
