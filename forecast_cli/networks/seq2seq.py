"""Encoder and decoder: Sutskever, Vinyals and Le, NeurIPS 2014; Cho et al., EMNLP 2014.

A bidirectional LSTM reads the window. An LSTM then makes one step for each predicted step.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.bilstm import bidirectional
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.output_size, spec.units[-1]), a row per predicted step.

    The first state of the decoder is computed from the final output of the encoder. At each step, the decoder reads
    this output and the number of the step divided by output_size. It does not read its own predictions, so an error at
    one step does not affect the later ones.
    """
    from keras import ops
    from keras.layers import LSTM, Concatenate, Dense, RepeatVector

    encoded = stack(bidirectional, x, spec)
    repeated = RepeatVector(spec.output_size)(encoded)
    position = ops.cumsum(ops.ones_like(repeated[..., :1]), axis=1) / spec.output_size
    inputs = Concatenate()([repeated, position])
    units = spec.units[-1]
    state = [Dense(units, activation="tanh")(encoded), Dense(units)(encoded)]
    return LSTM(units, return_sequences=True)(inputs, initial_state=state)
