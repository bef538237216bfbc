"""A small model for tests, and how it is trained."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainedModel:
    """A bundle, to be read or copied only; a copy of the file that it was trained on; how long that took."""

    directory: Path
    source: Path
    seconds: float


def train_command(source: Path, directory: Path, seed: int = 0) -> list[str]:
    """The command line of a short training."""
    settings = ["--preset", "fast", "--epochs", "1", "--units", "8", "--horizon", "12", "--seed", str(seed)]
    return [sys.executable, "-m", "forecast_cli", "train", str(source), "-m", str(directory), *settings]
