"""Build Keras networks. A network maps named inputs to outputs of the shape (batch, members, output_size, outputs).

A topology is one function `encode(x, spec)` in a file of its own and one row of `TOPOLOGIES`. `build` adds the other
parts (inputs, patches, members, highway, long run, head) in the same way to every topology.

This package imports Keras only when a network is built.
"""

from forecast_cli.networks.topologies import TOPOLOGIES, Topology

__all__ = ["TOPOLOGIES", "Topology"]
