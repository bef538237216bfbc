"""Stacked bidirectional LSTM: Schuster and Paliwal, IEEE Transactions on Signal Processing 45, 1997.

Each layer reads the window forwards and backwards. Neither direction sees a future value, because the window ends at
its origin, the last point before the forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, 2 * spec.units[-1]): the final output of each direction."""
    return stack(bidirectional, x, spec)


def bidirectional(units: int, *, return_sequences: bool, unroll: bool) -> Callable[[Any], Any]:
    """Make a layer that reads a sequence in both directions. Its output has the width 2 * units.

    This function can be the argument `layer` of `stack`.

    Keras has this too, but JAX cannot export the LSTM that Keras makes for the second direction.
    """
    from keras import ops
    from keras.layers import LSTM, Concatenate

    def layer(x: Any) -> Any:
        forwards, backwards = (LSTM(units, return_sequences=return_sequences, unroll=unroll) for _ in range(2))
        reverse = backwards(ops.flip(x, axis=1))
        return Concatenate()([forwards(x), ops.flip(reverse, axis=1) if return_sequences else reverse])

    return layer
