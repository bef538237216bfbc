"""Stacked sLSTM, an LSTM with exponential gates and a normaliser: Beck et al., xLSTM, NeurIPS 2024."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step."""
    from keras.layers import RNN

    from forecast_cli.networks.cells import SLSTMCell

    return stack(lambda units, **options: RNN(SLSTMCell(units), **options), x, spec)
