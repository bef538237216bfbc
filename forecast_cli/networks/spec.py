"""The shape of a network of any topology."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """The settings from which `build` makes a network.

    topology:      a name in `networks.TOPOLOGIES`
    input_size:    steps of one window, a multiple of patch_size
    channels:      numbers for each step of the window
    output_size:   steps predicted by one pass
    units:         recurrent units of each layer, first to last
    dropout:       fraction of each layer's output that is dropped during training
    patch_size:    steps that the recurrence takes at once
    members:       networks trained in parallel on the same batches, an ensemble
    long_run:      numbers that describe the whole past of each window, 0 for none
    hidden_units:  width of the hidden layer between encoding and output, if there is a long run
    highway:       whether the window's values are also connected to the output directly, a linear autoregression
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
    head: str = "point"
