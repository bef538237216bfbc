"""Heads: how many outputs a network has for each predicted step, and the losses it can be trained with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Tensor = Any
"""A tensor of the Keras backend in use."""


@dataclass(frozen=True)
class Head:
    """How many outputs a network has for each predicted step, and its losses.

    outputs:  number of outputs for each predicted step; the first is the point forecast
    losses:   name of a loss -> function that maps errors (target - output) to losses, element by element
    """

    outputs: int
    losses: Mapping[str, Callable[[Tensor], Tensor]]

    def loss(self, name: str) -> Callable[[Tensor, Tensor], Tensor]:
        """The loss function for Keras with this name. It takes target and output, and returns the loss of each window.

        target, output:  (batch, members, output_size, outputs); the target may have the size 1 instead of `members`
        returns:         (batch,), the mean loss over all targets of a window

        A missing target (NaN) has the loss 0 and no gradient.
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
    """The Huber loss of each error: quadratic for errors up to 1, linear for larger ones.

    Huber, Annals of Mathematical Statistics 35, 1964.
    """
    from keras import ops

    size = ops.abs(error)
    return ops.where(size < 1, ops.square(error) / 2, size - 0.5)


HEADS = {
    "point": Head(outputs=1, losses={"mae": _absolute, "mse": _squared, "huber": _huber}),
}
