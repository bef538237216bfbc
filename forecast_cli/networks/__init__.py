"""Keras networks, one builder a topology: (batch, input_size, channels) -> (batch, members, output_size)."""

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
