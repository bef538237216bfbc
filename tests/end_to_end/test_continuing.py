"""Trainings that are cut short and continued."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast_cli import bundle
from forecast_cli.bundle.writer import CHECKPOINT
from forecast_cli.models.saved import WEIGHTS

AIRLINE = Path(__file__).parents[2] / "sample_data" / "airline_passengers.csv"
PATIENCE = 300
"""Seconds after which a process is taken to hang."""

SETTINGS = ["--preset", "fast", "--units", "8", "--epochs", "4", "--horizon", "12"]


def forecast(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "forecast_cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def train(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    result = forecast("train", AIRLINE, "-m", directory, *SETTINGS, *options)
    assert result.returncode == 0, result.stderr
    return result


def predicted(directory: Path) -> str:
    """What `forecast predict` prints as CSV, every digit of it."""
    result = forecast("predict", AIRLINE, "-m", directory, "-n", 24, "--format", "csv")
    assert result.returncode == 0, result.stderr
    return result.stdout


STOP_AFTER = """
import os, signal, sys
from forecast_cli import bundle
from forecast_cli.cli import main
from forecast_cli.models import checkpoint

write, written = bundle.write_checkpoint, 0

def write_and_stop(directory, content):
    global written
    write(directory, content)
    written += 1
    if written == {epoch}:
        os.kill(os.getpid(), signal.{signal})

bundle.write_checkpoint = write_and_stop
checkpoint.COST = 1e9  # whatever it costs: every epoch
main()
"""
"""The program, but for a signal that it sends itself once the checkpoint of an epoch is written."""


def cut_short(directory: Path, *options: str, epoch: int = 2, by: str = "SIGKILL") -> int:
    """Train until the checkpoint of that epoch; the exit code."""
    program = STOP_AFTER.format(epoch=epoch, signal=by)
    command = [sys.executable, "-c", program, "train", str(AIRLINE), "-m", str(directory), *SETTINGS, *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (directory / CHECKPOINT).is_file(), result.stderr
    return result.returncode


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("uninterrupted") / "model"
    train(directory)
    return directory


@pytest.mark.parametrize("epoch", [2, 4])
def test_a_training_that_was_killed_goes_on_to_the_very_same_model(
    uninterrupted: Path, tmp_path: Path, epoch: int
) -> None:
    assert cut_short(tmp_path, epoch=epoch) == -signal.SIGKILL

    said = train(tmp_path, "--resume").stderr

    assert f"Continuing the training in {tmp_path} after epoch {epoch}." in said
    assert predicted(tmp_path) == predicted(uninterrupted)
    assert not (tmp_path / CHECKPOINT).exists()
