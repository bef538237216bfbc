"""Fixtures of the tests of the command line: the program run as by a user, in an empty directory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import PROGRAM, Forecast
from tests.trained_model import TrainedModel


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith("FORECAST_") or name == "NO_COLOR":
            monkeypatch.delenv(name)


@pytest.fixture
def forecast() -> Forecast:
    """Run the program in a process of its own."""

    def run(*args: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture
def model(airline_model: TrainedModel) -> Path:
    """A small model of the airline passengers."""
    return airline_model.directory
