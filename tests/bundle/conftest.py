"""Fixtures of the tests of bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli import bundle
from tests.bundle.bundle_samples import FILES, SECTIONS


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "forecast-model"


@pytest.fixture
def saved(directory: Path) -> Path:
    bundle.save(directory, SECTIONS, FILES)
    return directory
