"""Recurrent layers of one kind, each on top of the one before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast_cli.networks.spec import NetworkSpec


def stack(layer: Callable[..., Any], x: Any, spec: NetworkSpec, *, return_sequences: bool = False) -> Any:
    """Encode a sequence by stacked recurrent layers, each followed by dropout.

    layer:             makes a layer from units, return_sequences and unroll: the class of a Keras recurrent layer, or a
                       function
    x:                 (batch, steps, features)
    return_sequences:  whether the result has the last layer's output of every step, not only of the last one

    Returns (batch, width), or (batch, steps, width); with a class of Keras, the width is spec.units[-1].

    Every layer except the last passes its output at each step to the next layer. A window of patches has few steps, so
    the layers are unrolled.
    """
    from keras import layers

    for depth, units in enumerate(spec.units):
        is_last = depth == len(spec.units) - 1
        x = layer(units, return_sequences=return_sequences or not is_last, unroll=spec.patch_size > 1)(x)
        if spec.dropout:
            x = layers.Dropout(spec.dropout)(x)
    return x
