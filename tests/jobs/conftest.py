"""Fixtures of the tests of unattended runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.jobs.run import fork_server
from tests.jobs.job_folder import Folder
from tests.trained_model import TrainedModel

# All jobs that `Folder.run` runs are copies of one process, and most of those that train would import this for
# themselves. Runs in a process of their own import it as a user's run does.
fork_server.PRELOADED = (*fork_server.PRELOADED, "statsforecast.models")


@pytest.fixture
def folder(tmp_path: Path, airline_model: TrainedModel) -> Folder:
    """An empty folder for jobs."""
    return Folder(tmp_path, airline_model)
