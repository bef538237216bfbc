"""Stacked LSTM whose gates see the cell state: Gers and Schmidhuber, IJCNN 2000."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the output at the last step."""
    from keras.layers import RNN

    from forecast_cli.networks.cells import PeepholeCell

    return stack(lambda units, **options: RNN(PeepholeCell(units), **options), x, spec)
