"""Stacked LSTM."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec


def build(spec: NetworkSpec) -> Any:
    """Stacked LSTM layers, the last one's final state into a dense layer of `output_size`.

    window:    (batch, input_size, channels)
    forecast:  (batch, members, output_size, outputs)
    """
    from keras import Input, Model, layers

    window = Input((spec.input_size, spec.channels), name="window")
    outputs = []
    for member in range(spec.members):
        x = layers.Reshape((spec.input_size // spec.patch_size, spec.patch_size * spec.channels))(window)
        for depth, units in enumerate(spec.units):
            last = depth == len(spec.units) - 1
            x = layers.LSTM(units, return_sequences=not last, name=f"member{member}_lstm{depth}")(x)
            if spec.dropout:
                x = layers.Dropout(spec.dropout)(x)
        outputs.append(layers.Dense(spec.output_size * spec.outputs, name=f"member{member}_output")(x))
    joined = layers.Concatenate()(outputs) if spec.members > 1 else outputs[0]
    return Model(
        {"window": window}, layers.Reshape((spec.members, spec.output_size, spec.outputs), name="forecast")(joined)
    )
