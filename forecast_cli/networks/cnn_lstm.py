"""Causal convolutions over the window, then stacked LSTM: Sainath et al., ICASSP 2015, for a series of values."""

from __future__ import annotations

from typing import Any

from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.networks.stack import stack

KERNEL_SIZE = 3
DILATIONS = (1, 2)


def encode(x: Any, spec: NetworkSpec) -> Any:
    """Encode x (batch, steps, features). Returns (batch, spec.units[-1]), the LSTM's output at the last step.

    There are two convolutions, each with spec.units[0] filters. The output of the second one at a step depends on x at
    this step and at the six steps before it.
    """
    from keras.layers import LSTM, Conv1D

    for dilation in DILATIONS:
        x = Conv1D(spec.units[0], KERNEL_SIZE, padding="causal", dilation_rate=dilation, activation="silu")(x)
    return stack(LSTM, x, spec)
