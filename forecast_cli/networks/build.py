"""Build a Keras network from its spec: the topology, and the parts around it that all topologies share.

These parts are the inputs, patches, members, highway, long run and head.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.topologies import TOPOLOGIES

VALUE_CHANNEL = 0
"""The index of the channel of a window that holds the values themselves."""


def build(spec: NetworkSpec) -> Any:
    """The untrained Keras model with the settings of `spec`.

    Inputs:  "window" (batch, input_size, channels); if spec.long_run is not 0, also "long_run" (batch, spec.long_run)
    Output:  "forecast" (batch, members, output_size, outputs)

    Each member encodes the window by the topology, in patches of `patch_size` steps, and maps the encoding to its
    outputs by a dense layer. With a highway, that layer also gets the window's values (LSTNet: Lai et al., SIGIR 2018).
    With a long run, it also gets the long run, and the output of a hidden layer over all its other inputs.
    """
    from keras import Input, Model, layers

    inputs = {"window": Input((spec.input_size, spec.channels), name="window")}
    if spec.long_run:
        inputs["long_run"] = Input((spec.long_run,), name="long_run")
    members = [_member(inputs, spec) for _ in range(spec.members)]
    joined = layers.Concatenate()(members) if spec.members > 1 else members[0]
    shape = (spec.members, spec.output_size, HEADS[spec.head].outputs)
    return Model(inputs, layers.Reshape(shape, name="forecast")(joined))


def _member(inputs: dict[str, Any], spec: NetworkSpec) -> Any:
    """The outputs (batch, output_size * outputs) of one member."""
    from keras import layers

    window = inputs["window"]
    patches = layers.Reshape((spec.input_size // spec.patch_size, spec.patch_size * spec.channels))(window)
    x = TOPOLOGIES[spec.topology].encode(patches, spec)
    if spec.highway:
        x = layers.Concatenate()([x, layers.Flatten()(window[..., VALUE_CHANNEL])])
    if spec.long_run:
        x = layers.Concatenate()([x, inputs["long_run"]])
        hidden = layers.Dense(spec.hidden_units, activation="silu")(x)
        x = layers.Concatenate()([x, hidden])
    return layers.Dense(spec.output_size * HEADS[spec.head].outputs)(x)
