"""Adam with a learning rate that falls along half a cosine: Loshchilov and Hutter, ICLR 2017, equation 5."""

from __future__ import annotations

import math
from typing import Any


def cosine_adam(keras: Any, clip_norm: float) -> Any:
    """An Adam optimizer (Kingma and Ba, ICLR 2015) with a method `begin`, which sets the learning rates of a training.

    clip_norm:  maximum norm of all gradients together

    The learning rate is computed from variables of the optimizer. So a training step that is compiled once can be used
    by trainings with other rates, with every backend of Keras.
    """

    class CosineAdam(keras.optimizers.Adam):  # type: ignore[misc]
        def build(self, variables: list[Any]) -> None:
            super().build(variables)
            for name in ("peak", "total", "first"):
                setattr(self, name, self.add_variable(shape=(), dtype="float32", name=name))
            self.total.assign(1.0)

        def begin(self, peak: float, total: int, done: int = 0) -> None:
            """Let the rate fall from `peak` to zero over `total` steps, of which `done` have been made already."""
            self.peak.assign(peak)
            self.total.assign(total)
            self.first.assign(int(self.iterations) - done)

        def _get_current_learning_rate(self) -> Any:
            if not self.built:
                return super()._get_current_learning_rate()
            ops = keras.ops
            step = ops.cast(self.iterations, "float32") - self.first
            return self.peak * (1 + ops.cos(math.pi * step / self.total)) / 2

    return CosineAdam(global_clipnorm=clip_norm)
