"""Recurrent layers of one kind, stacked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast_cli.networks.spec import NetworkSpec


def stack(layer: Callable[..., Any], x: Any, spec: NetworkSpec) -> Any:
    """Encode a sequence by stacked recurrent layers, each followed by dropout.

    layer:    makes a layer from units, return_sequences and unroll: the class of a Keras recurrent layer, or a function
    x:        (batch, steps, features)
    returns:  (batch, width), the last layer's final output; of Keras's classes the width is spec.units[-1]

    Every layer but the last returns its whole sequence to the next one. A window of patches has few steps, so its
    recurrence is unrolled.
    """
    from keras import layers

    for depth, units in enumerate(spec.units):
        is_last = depth == len(spec.units) - 1
        x = layer(units, return_sequences=not is_last, unroll=spec.patch_size > 1)(x)
        if spec.dropout:
            x = layers.Dropout(spec.dropout)(x)
    return x
