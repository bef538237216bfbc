"""Keras networks, one builder a topology: windows in, (batch, members, output_size, outputs) out."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from forecast_cli.networks.spec import NetworkSpec

BUILDERS = {
    "lstm": "forecast_cli.networks.lstm:build",
}


def build_network(spec: NetworkSpec) -> Any:
    """The untrained Keras model of `spec`."""
    module, function = BUILDERS[spec.topology].split(":")
    return getattr(import_module(module), function)(spec)


__all__ = ["BUILDERS", "NetworkSpec", "build_network"]
