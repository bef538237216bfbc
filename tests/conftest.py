"""Fixtures and settings of the whole suite."""

from __future__ import annotations

import gc
import os
import shutil
import signal

import pytest
from filelock import FileLock
from hypothesis import settings

from forecast_cli.bundle.metadata import METADATA
from tests.run_here import run_here
from tests.sample_panels import AIRLINE
from tests.trained_model import TrainedModel, train_arguments

gc.set_threshold(100_000, 20, 100)  # collections over the many objects of TensorFlow took a tenth of the time
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(threads, "1")  # networks of tests are small, and every core has a process that runs tests

settings.register_profile("no deadline", deadline=None)  # no test asserts a time
settings.register_profile("many", deadline=None, max_examples=5000)  # pytest --hypothesis-profile many
settings.load_profile("no deadline")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background makes them, and all programs that they start, ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of a trained network as slow, and start with the files that have slow tests.

    The short files at the end keep all worker processes busy until the last moment.
    """
    for item in items:
        if "airline_model" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def airline_model(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A small network of the airline passengers, trained once for all processes that run tests."""
    own = tmp_path_factory.getbasetemp()
    home = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "airline_model"
    model = TrainedModel(home / "model", home / AIRLINE.name)
    with FileLock(home.with_suffix(".lock")):
        if not (model.directory / METADATA).exists():
            home.mkdir(exist_ok=True)
            shutil.copy(AIRLINE, model.source)
            done = run_here(*train_arguments(model.source, model.directory), home=home)
            assert done.returncode == 0, done.stderr
    return model
