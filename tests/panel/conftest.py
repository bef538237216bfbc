"""Fixtures of the tests of reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Panel]:
    """Write a file and read it."""

    def write_and_read(content: str | bytes, config: ReadConfig | None = None) -> Panel:
        path = tmp_path / "data"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_panel(str(path), config or ReadConfig())

    return write_and_read
