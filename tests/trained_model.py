"""A small network of the airline passengers, trained once for all tests, and the command line that trains it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forecast_cli.model_names import DEFAULT_NETWORK

SETTINGS = ("--preset", "fast", "--epochs", "1", "--units", "8", "--horizon", "12")
"""Options of `forecast train` that make a training short."""


@dataclass(frozen=True)
class TrainedModel:
    """A trained network, for reading only: copy its directory before changing it.

    directory: the bundle
    source:    the file it was trained on, a copy of the airline passengers
    """

    directory: Path
    source: Path


def train_arguments(source: Path, directory: Path, seed: int = 0) -> list[str]:
    """The arguments of `forecast` for a short training."""
    return ["train", str(source), "-m", str(directory), "--model", DEFAULT_NETWORK, *SETTINGS, "--seed", str(seed)]
