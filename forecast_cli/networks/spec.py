"""What any network builder is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """The shape of one network, whatever its topology.

    topology:     a name in `networks.BUILDERS`
    input_size:   steps of one window, a multiple of patch_size
    channels:     numbers for each step
    output_size:  steps predicted by one pass
    units:        recurrent units of each layer
    dropout:      share of each layer's output dropped while training
    patch_size:   steps that the recurrence takes at once
    members:      networks that train side by side on the same batches, an ensemble
    outputs:      numbers for each predicted step, the point forecast first
    long_run:     numbers that describe the whole past of each window, 0 for none
    hidden_units: of the layer between state and long run and the output
    highway:      whether the window's values also go straight into the output, a linear autoregression
    """

    topology: str
    input_size: int
    channels: int
    output_size: int
    units: tuple[int, ...]
    dropout: float = 0.0
    patch_size: int = 1
    members: int = 1
    outputs: int = 1
    long_run: int = 0
    hidden_units: int = 32
    highway: bool = False
