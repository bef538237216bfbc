"""A compiled Keras network that all trainings in a process share.

Compiling a training step takes seconds, often longer than the training itself. A backtest trains a network of the same
shape at every cutoff. So the network is compiled once, and the trainings use it in turn, each with its own weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.models.network.keras_runtime import import_keras, jit_compile
from forecast_cli.models.network.optimizer import cosine_adam
from forecast_cli.networks.build import build
from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec

MAX_KEPT = 2
"""How many compiled networks a process keeps. `auto` may train two: up to an earlier cutoff, and on all data."""


@dataclass(eq=False)
class Values:
    """The variables of one training, as arrays: those of the network, then those of the optimizer.

    While the compiled network has the variables of this training, the arrays are out of date, because training changes
    only the variables of the network. They are brought up to date when the network gets those of another training.
    """

    arrays: list[NDArray[Any]]


class CompiledNetwork:
    """A Keras network with optimizer and loss. At any time it has the variables of one training.

    spec:        the settings of the network
    loss:        the name of the loss
    clip_norm:   the largest norm of the gradient
    is_long:     whether the training has so many steps that compiling them with XLA saves time
    """

    def __init__(self, spec: NetworkSpec, loss: str, clip_norm: float, is_long: bool) -> None:
        self.spec, self.keras = spec, import_keras()
        self.model = build(spec)
        optimizer = cosine_adam(self.keras, clip_norm)
        optimizer.build(self.model.trainable_variables)  # otherwise the first step would be traced twice
        for_training, for_prediction = jit_compile(is_long)
        self.model.compile(optimizer, HEADS[spec.head].loss(loss), jit_compile=for_training)
        self.model.make_train_function()
        self.model.jit_compile = for_prediction
        self._new_optimizer = _arrays(optimizer.variables)
        self._current: Values | None = None

    @property
    def variables(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]

    def first_values(self, seed: int) -> Values:
        """The variables at the start of a training: random weights, which depend only on the seed; a new optimizer."""
        self.keras.utils.set_random_seed(seed)
        return Values([*_arrays(build(self.spec).variables), *self._new_optimizer])

    def copied(self, values: Values) -> Values:
        """A copy of the variables of one training."""
        self.with_values(values)
        return Values(_arrays(self.variables))

    def with_values(self, values: Values) -> Any:
        """The Keras model, after it was given the variables of one training.

        If it had those of another training, they are first copied to the `Values` of that training.
        """
        if values is not self._current:
            if self._current is not None:
                self._current.arrays = _arrays(self.variables)
            for variable, array in zip(self.variables, values.arrays, strict=True):
                variable.assign(array)
            self._current = values
        return self.model


def compiled_network(spec: NetworkSpec, loss: str, clip_norm: float, is_long: bool) -> CompiledNetwork:
    """The compiled network with these settings. The same arguments give the same object, except with PyTorch.

    With PyTorch nothing is compiled, and each call gives a new object. In a shared object, the random numbers of
    dropout would depend on earlier trainings, because Keras does not keep their state in the variables of the network.
    """
    shared = import_keras().backend.backend() != "torch"
    return kept_network(spec, loss, clip_norm, is_long) if shared else CompiledNetwork(spec, loss, clip_norm, is_long)


kept_network = lru_cache(maxsize=MAX_KEPT)(CompiledNetwork)


def _arrays(variables: list[Any]) -> list[NDArray[Any]]:
    return [np.asarray(variable).copy() for variable in variables]
