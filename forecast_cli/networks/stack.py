"""Stack recurrent layers of one kind: each layer reads the output of the layer before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast_cli.networks.spec import NetworkSpec


def stack(layer: Callable[..., Any], x: Any, spec: NetworkSpec, *, return_sequences: bool = False) -> Any:
    """Encode a sequence with stacked recurrent layers, each followed by dropout.

    Every layer except the last passes its output at each step to the next layer. If windows are read in patches, they
    have few steps, and the layers are unrolled.

    layer:             a class of Keras recurrent layers, or a function with the same arguments units, return_sequences,
                       unroll
    x:                 (batch, steps, features)
    return_sequences:  whether the result has the last layer's output of every step, or of the last step only
    returns:           (batch, width), or (batch, steps, width) with `return_sequences`. The width is that of the last
                       layer's output: spec.units[-1] for a class of Keras
    """
    from keras import layers

    for depth, units in enumerate(spec.units):
        is_last = depth == len(spec.units) - 1
        x = layer(units, return_sequences=return_sequences or not is_last, unroll=spec.patch_size > 1)(x)
        if spec.dropout:
            x = layers.Dropout(spec.dropout)(x)
    return x
