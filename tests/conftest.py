"""What the whole suite shares: one small model, trained once, and interrupts that are heard."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.trained_model import TrainedModel, train_command

AIRLINE = Path(__file__).parents[1] / "sample_data" / "airline_passengers.csv"

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("no deadline", deadline=None)  # no test asserts a time
settings.load_profile("no deadline")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore interrupts, and with them every program they run.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def airline_model(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A network of the airline passengers, trained for a moment; once, however many processes run the tests."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    home = shared / "airline_model"
    directory, source, seconds = home / "model", home / AIRLINE.name, home / "seconds"
    with FileLock(shared / "airline_model.lock"):
        if not seconds.exists():
            home.mkdir()
            shutil.copy(AIRLINE, source)
            started = time.monotonic()
            subprocess.run(train_command(source, directory), check=True, capture_output=True, cwd=home, timeout=300)
            seconds.write_text(str(time.monotonic() - started))
    return TrainedModel(directory, source, float(seconds.read_text()))
