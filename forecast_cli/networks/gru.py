"""The topology `gru`: stacked layers of gated recurrent units (Cho et al., EMNLP 2014), as Keras implements them."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step."""
    from keras.layers import GRU

    return stack(GRU, x, spec)
