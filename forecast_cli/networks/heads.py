"""Heads: how many outputs a network has for each predicted step, and the losses it can be trained with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Tensor = Any
"""A tensor of the Keras backend in use."""


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


POINT_LOSSES = {"mae": _absolute, "mse": _squared, "huber": _huber}


@dataclass(frozen=True)
class Head:
    """The outputs of a network for each predicted step: the point forecast, then quantiles; and its losses.

    The order of the outputs is: the point forecast, the quantiles `below`, the quantiles `above`.

    below:   levels of the quantiles below the point forecast, from the median outwards: 0.25, 0.1
    above:   levels of the quantiles above the point forecast, from the median outwards: 0.75, 0.9
    losses:  name of a loss -> function that maps errors (target - output) of the point forecast to losses, element by
             element
    """

    below: tuple[float, ...] = ()
    above: tuple[float, ...] = ()
    losses: Mapping[str, Callable[[Tensor], Tensor]] = field(default_factory=lambda: POINT_LOSSES)

    @property
    def outputs(self) -> int:
        """The number of outputs for each predicted step."""
        return 1 + len(self.below) + len(self.above)

    def ordered(self, raw: Tensor) -> Tensor:
        """Convert unconstrained numbers (..., outputs) to outputs (..., outputs) whose quantiles cannot cross.

        The first number is the point forecast. Softplus makes each other number positive: it is then the distance of a
        quantile from its neighbour on the side of the point forecast. Without quantiles, the input is returned.
        """
        if self.outputs == 1:
            return raw
        from keras import ops

        point, distances = raw[..., :1], ops.softplus(raw[..., 1:])
        lower, upper = distances[..., : len(self.below)], distances[..., len(self.below) :]
        return ops.concatenate([point, point - ops.cumsum(lower, -1), point + ops.cumsum(upper, -1)], axis=-1)

    def loss(self, name: str) -> Callable[[Tensor, Tensor], Tensor]:
        """A function (target, output) -> loss of each window, for Keras.

        name:            the loss of the point forecast, a key of `losses`

        target, output:  (batch, members, output_size, outputs). In the target, the axes `members` and `outputs` may
                         have the size 1
        returns:         (batch,) the loss of the point forecast plus twice the pinball loss of each quantile, averaged
                         over members and steps. (Twice the pinball loss of the median is the absolute error.)

        A missing target (NaN) has the loss 0 and no gradient.
        """
        from keras import ops

        pointwise, levels = self.losses[name], (*self.below, *self.above)

        def loss(target: Tensor, output: Tensor) -> Tensor:
            known = ops.logical_not(ops.isnan(target))
            error = ops.where(known, target, 0.0) - ops.where(known, output, 0.0)
            total = ops.mean(pointwise(error[..., 0]), axis=(-2, -1))
            for at, level in enumerate(levels, start=1):
                total += 2 * ops.mean(_pinball(error[..., at], level), axis=(-2, -1))
            return total

        return loss


def _pinball(error: Tensor, level: float) -> Tensor:
    """The pinball loss of each error (target - quantile): Koenker and Bassett, Econometrica 46, 1978.

    level: the level of the quantile, 0 to 1
    """
    from keras import ops

    return ops.maximum(level * error, (level - 1) * error)


HEADS = {
    "point": Head(),
    "quantiles": Head(below=(0.25, 0.1, 0.025), above=(0.75, 0.9, 0.975)),
}

DEFAULT_HEAD = "point"
