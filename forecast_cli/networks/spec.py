"""The shape of a network of any topology."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """The settings from which `build` makes a network.

    topology:      a name in `networks.TOPOLOGIES`
    input_size:    number of steps in one window, a multiple of patch_size
    channels:      number of values for each step of the window
    output_size:   number of steps that the network predicts at once
    units:         number of recurrent units of each layer, first to last
    dropout:       fraction of each layer's output that is dropped during training
    patch_size:    number of steps that the recurrent layers read at once
    members:       number of networks trained in parallel on the same batches (an ensemble)
    long_run:      number of values that summarise the whole past of a series (features/long_run.py); 0 without them
    hidden_units:  width of the hidden layer before the output, which exists only with a long run; half the width of the
                   hidden layers that read "ahead"
    highway:       whether the window's values are also connected to the output directly (a linear autoregression)
    ahead:         number of values that are known ahead of each predicted step; 0 without any
    head:          a name in `networks.heads.HEADS`
    """

    topology: str
    input_size: int
    channels: int
    output_size: int
    units: tuple[int, ...]
    dropout: float = 0.0
    patch_size: int = 1
    members: int = 1
    long_run: int = 0
    hidden_units: int = 32
    highway: bool = False
    ahead: int = 0
    head: str = "point"
