"""The topology `lstm`: stacked LSTM layers (Hochreiter and Schmidhuber, Neural Computation 9, 1997).

They have a forget gate (Gers, Schmidhuber and Cummins, Neural Computation 12, 2000).
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step."""
    from keras.layers import LSTM

    return stack(LSTM, x, spec)
