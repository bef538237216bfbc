"""Recurrent cells that Keras does not have, written in `keras.ops`: the LSTM with peepholes, and the sLSTM.

Both read an input x_t (batch, features), and pass states (batch, units) from step to step. As in the LSTM of Keras, the
recurrent kernels are orthogonal matrices at first, and the bias of the forget gate is 1.

This module imports Keras. So a topology imports this module only when a network is built.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

GATES = 4

SMALLEST_NORMALISER = 1e-6
"""Lower bound of the sLSTM's normaliser. It is needed if the exponential of an input gate is zero in float32."""


class _Cell(keras.layers.Layer):  # type: ignore[misc]
    """Base class of cells with four gates. Weights: W (features, 4 * units), U (units, 4 * units), b (4 * units).

    A subclass sets `number_of_states` and defines `call`, which computes one step.
    """

    number_of_states: int

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = self.output_size = units
        self.state_size = [units] * self.number_of_states

    def build(self, input_shape: tuple[int, ...]) -> None:
        units = self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], GATES * units), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(units, GATES * units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(GATES * units,), initializer=_forget_bias_one, name="bias")

    def gates(self, x: Any, h: Any) -> list[Any]:
        """W x + U h + b, split into input gate, forget gate, candidate and output gate, each (batch, units).

        x: (batch, features) the input of the step
        h: (batch, units) the output of the cell at the step before
        """
        joined: list[Any] = ops.split(
            ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias, GATES, -1
        )
        return joined


def _forget_bias_one(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """The biases of four gates: 1 for the second one, the forget gate, otherwise 0."""
    units = shape[0] // GATES
    return ops.concatenate([ops.zeros(units, dtype), ops.ones(units, dtype), ops.zeros(2 * units, dtype)])


@keras.saving.register_keras_serializable("forecast")
class PeepholeCell(_Cell):
    """An LSTM cell whose gates see the cell state c: Gers and Schmidhuber, IJCNN 2000.

    p are vectors (units,). A prime (') marks a state after the step.

    i = sigmoid(W_i x + U_i h + p_i * c + b_i)
    f = sigmoid(W_f x + U_f h + p_f * c + b_f)
    c' = f * c + i * tanh(W_c x + U_c h + b_c)
    o = sigmoid(W_o x + U_o h + p_o * c' + b_o)
    h' = o * tanh(c')
    """

    number_of_states = 2

    def build(self, input_shape: tuple[int, ...]) -> None:
        super().build(input_shape)
        self.peepholes = self.add_weight(shape=(3, self.units), initializer="zeros", name="peepholes")

    def call(self, x: Any, states: list[Any], training: bool | None = None) -> tuple[Any, list[Any]]:  # noqa: ARG002
        h, c = states
        i, f, candidate, o = self.gates(x, h)
        i, f = ops.sigmoid(i + self.peepholes[0] * c), ops.sigmoid(f + self.peepholes[1] * c)
        c = f * c + i * ops.tanh(candidate)
        h = ops.sigmoid(o + self.peepholes[2] * c) * ops.tanh(c)
        return h, [h, c]


@keras.saving.register_keras_serializable("forecast")
class SLSTMCell(_Cell):
    """The sLSTM cell: Beck et al., xLSTM, NeurIPS 2024, section 2.2, with the sigmoid as the forget gate.

    A prime (') marks a state after the step.

    i, f, z, o = W x + U h + b            input gate, forget gate, candidate, output gate
    l = log sigmoid(f)
    m' = max(l + m, i)                    the stabiliser: without it, exp(i) could overflow
    c' = exp(l + m - m') * c + exp(i - m') * tanh(z)
    n' = exp(l + m - m') * n + exp(i - m')                          the normaliser
    h' = sigmoid(o) * c' / max(n', SMALLEST_NORMALISER)
    """

    number_of_states = 4

    def call(self, x: Any, states: list[Any], training: bool | None = None) -> tuple[Any, list[Any]]:  # noqa: ARG002
        h, c, n, m = states
        i, f, z, o = self.gates(x, h)
        decayed = m - ops.softplus(-f)
        stabiliser = ops.maximum(decayed, i)
        kept, added = ops.exp(decayed - stabiliser), ops.exp(i - stabiliser)
        c, n = kept * c + added * ops.tanh(z), kept * n + added
        h = ops.sigmoid(o) * c / ops.maximum(n, SMALLEST_NORMALISER)
        return h, [h, c, n, stabiliser]
