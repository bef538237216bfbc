"""Keras networks: named inputs in, (batch, members, output_size, outputs) out.

A topology is one function `encode(x, spec)` in a file of its own and one row of `TOPOLOGIES`. Everything else that a
network has (inputs, patches, members, highway, long run, head) belongs to `build`, for all topologies.

This package imports Keras only when a network is built.
"""

from forecast_cli.networks.topologies import TOPOLOGIES, Topology

__all__ = ["TOPOLOGIES", "Topology"]
