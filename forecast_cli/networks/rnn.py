"""The topology `rnn`: stacked plain recurrent layers (Elman, Cognitive Science 14, 1990).

They have no gates, so they forget early steps sooner than an LSTM.
"""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step."""
    from keras.layers import SimpleRNN

    return stack(SimpleRNN, x, spec)
