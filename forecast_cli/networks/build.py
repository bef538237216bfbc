"""Build a Keras network from its spec: the topology, and the parts around it that all topologies share.

patches   groups of neighbouring steps of the window, which the recurrent layers read as one step
members   networks that are trained in parallel, an ensemble
highway   a linear connection from the values of the window to the outputs
long run  an input that summarises the whole past of a series, see features/long_run.py
head      the outputs for each predicted step: a point forecast, or also quantiles
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.topologies import TOPOLOGIES

AHEAD_LAYERS = 2
"""The number of hidden layers between the input "ahead" of a predicted step and the outputs of the step."""

VALUE_CHANNEL = 0
"""The index of the channel of a window that holds the values of the series."""


def build(spec: NetworkSpec) -> Any:
    """The untrained Keras model with the settings of `spec`.

    Inputs:  "window" (batch, input_size, channels); if spec.long_run is not 0, also "long_run" (batch, spec.long_run);
             if spec.ahead is not 0, also "ahead" (batch, output_size, spec.ahead)
    Output:  "forecast" (batch, members, output_size, outputs)

    In each member, the topology encodes the window, in patches of `patch_size` steps. The outputs of a member are
    computed by `Head.ordered` from the sum of these parts, of which some may not exist:

    1. The output layer, a dense layer. It reads the encoding; with a highway, also the values of the window (LSTNet:
       Lai et al., SIGIR 2018); with a long run, also the long run, and the outputs of a hidden dense layer that reads
       all these inputs.
    2. If the topology encodes each predicted step: a dense layer, shared by all steps, that reads the encoding of the
       step. The output layer (part 1) then does not read the encoding; without other inputs, it does not exist.
    3. With "ahead": dense layers, shared by all steps, that read the encoding and the values of "ahead" at each step.
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
    """The outputs (batch, output_size * outputs) of one member, before `Head.ordered`."""
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
    """(batch, output_size * outputs) part 3 of a member's outputs (see `build`), from the input "ahead".

    ahead:    (batch, output_size, spec.ahead) the inputs that are known ahead, at each predicted step
    encoded:  (batch, width) the encoding of the window, or (batch, output_size, width) one for each predicted step
    """
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
