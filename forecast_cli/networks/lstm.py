"""Stacked LSTM."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec

VALUE = 0
"""The channel of the values themselves."""


def build(spec: NetworkSpec) -> Any:
    """Stacked LSTM layers, the last one's final state into a dense layer of `output_size`.

    Where windows come with a long run, the dense layer sees it beside the state: as it is, and through a hidden
    layer that both go into. The highway is that of LSTNet (Lai et al., SIGIR 2018): the dense layer sees the window's
    values too.

    window:    (batch, input_size, channels)
    long_run:  (batch, long_run), where spec.long_run is not 0
    forecast:  (batch, members, output_size, outputs)
    """
    from keras import Input, Model, layers

    window = Input((spec.input_size, spec.channels), name="window")
    inputs = {"window": window}
    if spec.long_run:
        inputs["long_run"] = Input((spec.long_run,), name="long_run")
    outputs = []
    for member in range(spec.members):
        x = layers.Reshape((spec.input_size // spec.patch_size, spec.patch_size * spec.channels))(window)
        for depth, units in enumerate(spec.units):
            last = depth == len(spec.units) - 1
            name = f"member{member}_lstm{depth}"
            x = layers.LSTM(units, return_sequences=not last, unroll=spec.patch_size > 1, name=name)(x)
            if spec.dropout:
                x = layers.Dropout(spec.dropout)(x)
        if spec.highway:
            x = layers.Concatenate()([x, layers.Flatten()(window[..., VALUE])])
        if spec.long_run:
            x = layers.Concatenate()([x, inputs["long_run"]])
            hidden = layers.Dense(spec.hidden_units, activation="silu", name=f"member{member}_hidden")(x)
            x = layers.Concatenate()([x, hidden])
        outputs.append(layers.Dense(spec.output_size * spec.outputs, name=f"member{member}_output")(x))
    joined = layers.Concatenate()(outputs) if spec.members > 1 else outputs[0]
    return Model(inputs, layers.Reshape((spec.members, spec.output_size, spec.outputs), name="forecast")(joined))
