"""Stacked bidirectional LSTM: Schuster and Paliwal, IEEE Transactions on Signal Processing 45, 1997.

Each layer reads the window forwards and backwards. Both directions see known values only, because the window ends at
the origin.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, 2 * spec.units[-1]): the final output of each direction."""
    from keras.layers import LSTM, Bidirectional

    return stack(lambda units, **options: Bidirectional(LSTM(units, **options)), x, spec)
