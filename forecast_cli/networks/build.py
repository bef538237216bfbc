"""Build a Keras network from its spec: the topology, and the parts around it that all topologies share.

These parts are the inputs, patches, members, highway, long run and head.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.topologies import TOPOLOGIES

AHEAD_LAYERS = 2
"""The number of hidden layers between what is known ahead of a step and its outputs."""

VALUE_CHANNEL = 0
"""The index of the channel of a window that holds the values themselves."""


def build(spec: NetworkSpec) -> Any:
    """The untrained Keras model with the settings of `spec`.

    Inputs:  "window" (batch, input_size, channels); if spec.long_run is not 0, also "long_run" (batch, spec.long_run);
             if spec.ahead is not 0, also "ahead" (batch, output_size, spec.ahead)
    Output:  "forecast" (batch, members, output_size, outputs)

    A member has these layers:

    1. The topology encodes the window, in patches of `patch_size` steps.
    2. A dense layer, the output layer, computes the outputs of the member from the encoding; with a highway, also from
       the values of the window (LSTNet: Lai et al., SIGIR 2018); with a long run, also from the long run.
    3. With a long run, a hidden dense layer reads all these inputs too. The output layer also reads its outputs.
    4. If the topology encodes each predicted step, the output layer does not read the encoding. Instead a dense layer
       that all steps share computes outputs of a step from its encoding. These outputs are added.
    5. With "ahead", dense layers that all steps share compute outputs of a step from its encoding and from what is
       known ahead of it. These outputs are added.
    """
    from keras import Input, Model, layers

    inputs = {"window": Input((spec.input_size, spec.channels), name="window")}
    if spec.long_run:
        inputs["long_run"] = Input((spec.long_run,), name="long_run")
    if spec.ahead:
        inputs["ahead"] = Input((spec.output_size, spec.ahead), name="ahead")
    members = [_member(inputs, spec) for _ in range(spec.members)]
    joined = layers.Concatenate()(members) if spec.members > 1 else members[0]
    head = HEADS[spec.head]
    shape = (spec.members, spec.output_size, head.outputs)
    return Model(inputs, head.ordered(layers.Reshape(shape, name="forecast")(joined)))


def _member(inputs: dict[str, Any], spec: NetworkSpec) -> Any:
    """The outputs (batch, output_size * outputs) of one member."""
    from keras import layers

    window, outputs = inputs["window"], HEADS[spec.head].outputs
    patches = layers.Reshape((spec.input_size // spec.patch_size, spec.patch_size * spec.channels))(window)
    encoded = TOPOLOGIES[spec.topology].encode(patches, spec)
    has_steps = len(encoded.shape) > 2
    known = [layers.Flatten()(encoded) if has_steps else encoded]
    if spec.highway:
        known.append(layers.Flatten()(window[..., VALUE_CHANNEL]))
    if spec.long_run:
        known.append(inputs["long_run"])
        known.append(layers.Dense(spec.hidden_units, activation="silu")(_joined(known)))
    added = [layers.Flatten()(layers.Dense(outputs)(encoded))] if has_steps else []
    if len(known) > len(added):
        added.append(layers.Dense(spec.output_size * outputs)(_joined(known[len(added) :])))
    if spec.ahead:
        added.append(_from_ahead(inputs["ahead"], encoded, spec))
    return layers.Add()(added) if len(added) > 1 else added[0]


def _from_ahead(ahead: Any, encoded: Any, spec: NetworkSpec) -> Any:
    """(batch, output_size * outputs) from what is known ahead (batch, output_size, spec.ahead) and the encoding."""
    from keras import layers

    each = encoded if len(encoded.shape) > 2 else layers.RepeatVector(spec.output_size)(encoded)
    hidden = layers.Concatenate()([ahead, layers.Dense(spec.hidden_units)(each)])
    for _ in range(AHEAD_LAYERS):
        hidden = layers.Dense(2 * spec.hidden_units, activation="silu")(hidden)
    return layers.Flatten()(layers.Dense(HEADS[spec.head].outputs)(hidden))


def _joined(tensors: list[Any]) -> Any:
    """The tensors (batch, width), which may differ in width, joined into one along the width."""
    from keras import layers

    return layers.Concatenate()(tensors) if len(tensors) > 1 else tensors[0]
