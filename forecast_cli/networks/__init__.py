"""Build Keras networks. A network maps named inputs to an array (batch, members, output_size, outputs).

Members are the networks of an ensemble. `output_size` is the number of predicted steps. The outputs of a step are its
point forecast and, with some heads, its quantiles.

A topology is the recurrent part of a network: one function `encode(x, spec)` in a file of its own, and one row of
`TOPOLOGIES`. The module `build` describes the other parts, and adds them in the same way to every topology.

This package imports Keras only when a network is built.
"""

from forecast_cli.networks.topologies import TOPOLOGIES, Topology

__all__ = ["TOPOLOGIES", "Topology"]
