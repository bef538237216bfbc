"""Dilated LSTM with residual connections: Chang et al., NeurIPS 2017; Smyl, International Journal of Forecasting 36,
2020.

Layer number l (from 0) has the dilation 2^l: it reads all steps, and passes its state from step t - 2^l to step t.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step.

    From the second layer on, the input of a layer is added to its output if both have the same width.
    """
    from keras.layers import Add, Dropout

    for depth, units in enumerate(spec.units):
        output = _dilated(x, units, 2**depth, unroll=spec.patch_size > 1)
        if spec.dropout:
            output = Dropout(spec.dropout)(output)
        x = Add()([x, output]) if depth and x.shape[-1] == units else output
    return x[:, -1, :]


def _dilated(x: Any, units: int, dilation: int, *, unroll: bool) -> Any:
    """The outputs (batch, steps, units) of an LSTM that passes its state from each step t to the step t + dilation.

    The sequence is split into `dilation` interleaved sequences, which one LSTM reads as a batch. Zeros before the first
    step make their lengths equal.
    """
    from keras import ops
    from keras.layers import LSTM, ZeroPadding1D

    steps, features = x.shape[1:]
    rows = -(-steps // dilation)
    padding = rows * dilation - steps
    padded = ZeroPadding1D((padding, 0))(x) if padding else x
    interleaved = ops.transpose(ops.reshape(padded, (-1, rows, dilation, features)), (0, 2, 1, 3))
    outputs = LSTM(units, return_sequences=True, unroll=unroll)(ops.reshape(interleaved, (-1, rows, features)))
    in_order = ops.transpose(ops.reshape(outputs, (-1, dilation, rows, units)), (0, 2, 1, 3))
    return ops.reshape(in_order, (-1, rows * dilation, units))[:, padding:, :]
