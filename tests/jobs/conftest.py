"""Fixtures of the tests of unattended runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs.job_folder import Folder
from tests.trained_model import TrainedModel


@pytest.fixture
def folder(tmp_path: Path, airline_model: TrainedModel) -> Folder:
    """An empty folder for jobs."""
    return Folder(tmp_path, airline_model)
