"""The settings of a network, whatever its topology: sizes, dropout, inputs and head."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """The settings from which `build` makes a network.

    topology:      a name in `networks.TOPOLOGIES`
    input_size:    number of steps in one window, a multiple of patch_size
    channels:      number of inputs at each step of the window: the value of the series, and further ones
    output_size:   number of steps that the network predicts at once
    units:         number of recurrent units of each layer, first to last
    dropout:       fraction of each layer's output that is dropped during training
    patch_size:    number of steps of the window that the recurrent layers read as one step
    members:       number of networks trained in parallel on the same batches (an ensemble)
    long_run:      number of values that summarise the whole past of a series (features/long_run.py); 0 without them
    hidden_units:  width of the hidden layer before the output (it exists only with a long run); the hidden layers that
                   read "ahead" are twice as wide
    highway:       whether the window's values are also connected to the output directly (a linear autoregression)
    ahead:         number of inputs for each predicted step, which are known ahead; 0 without any
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
