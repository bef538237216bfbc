"""Stacked LSTM with additive attention over its outputs: Bahdanau, Cho and Bengio, ICLR 2015, equations 5 and 6."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, 2 * spec.units[-1]).

    The result joins the LSTM's output at the last step, and a weighted mean of its outputs at all steps. The weight of
    a step is computed from the outputs at this step and at the last one.
    """
    from keras.layers import LSTM, AdditiveAttention, Concatenate, Dense, Flatten

    outputs = stack(LSTM, x, spec, return_sequences=True)
    last = outputs[:, -1:, :]
    query, keys = Dense(spec.units[-1], use_bias=False)(last), Dense(spec.units[-1], use_bias=False)(outputs)
    context = AdditiveAttention()([query, outputs, keys])
    return Flatten()(Concatenate()([last, context]))
