"""What the command line's tests share: the program as a user runs it, in an empty directory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from program import AIRLINE, PROGRAM, Forecast


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


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of the airline passengers."""
    directory = tmp_path_factory.mktemp("model") / "airline"
    small = ["--units", "4", "--epochs", "1", "--horizon", "12", "--quiet"]
    subprocess.run(
        [*PROGRAM, "train", str(AIRLINE), "-m", str(directory), *small], check=True, capture_output=True, timeout=300
    )
    return directory
