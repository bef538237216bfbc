"""Fixtures of the tests of the command line. Each test runs in an empty directory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import PROGRAM, Forecast
from tests.run_here import run_here
from tests.trained_model import TrainedModel


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty directory, without settings from the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith("FORECAST_") or name == "NO_COLOR":
            monkeypatch.delenv(name)


@pytest.fixture
def forecast() -> Forecast:
    """Run a command in this process, which saves the time to import its libraries."""
    return run_here


@pytest.fixture
def program() -> Forecast:
    """Run a command as a user does, in a process of its own; for tests of what `run_here` cannot show."""

    def run(*args: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [*PROGRAM, *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300, check=False)

    return run


@pytest.fixture
def model(airline_model: TrainedModel) -> Path:
    """The directory of a small model of the airline passengers."""
    return airline_model.directory
