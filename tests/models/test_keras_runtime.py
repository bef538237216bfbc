"""Keras without the user's settings and without optional modules, and its temporary files."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import OutputError
from forecast_cli.models.network.keras_runtime import temporary
from tests.models.saved_models import POSITIVE, trained_again

FLOATS = "from forecast_cli.models.network.keras_runtime import import_keras; print(import_keras().config.floatx())"


HEAVY = """
import sys
print({"matplotlib", "sklearn"} & {*sys.modules})
import matplotlib, sklearn
print(sklearn.__name__)
"""


@pytest.mark.slow
def test_settings_of_keras_in_the_home_folder_change_nothing(tmp_path: Path) -> None:
    settings = tmp_path / ".keras" / "keras.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"floatx": "float16"}))
    assert printed(FLOATS, tmp_path) == "float32\n"


@pytest.mark.slow
def test_keras_leaves_no_settings_and_imports_nothing_that_is_not_needed(tmp_path: Path) -> None:
    """What was not imported can be imported later."""
    assert printed(FLOATS + HEAVY, tmp_path) == "float32\nset()\nsklearn\n"
    assert not (tmp_path / ".keras").exists()


def printed(code: str, home: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_HOME"}
    environment |= {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, text=True, capture_output=True, check=True)
    return done.stdout


def fill_the_disk() -> None:
    with temporary("weights") as path:
        path.write_bytes(b"some")
        Path("/dev/full").write_bytes(b"and too many")


def test_a_full_temporary_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OutputError, match=r"temporary file in .*: No space left on device\.") as caught:
        fill_the_disk()
    assert caught.value.hint is not None
    assert "TMPDIR" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_folders_of_killed_processes_are_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, others = tmp_path / f"forecast-keras-{ended.pid}-abc", tmp_path / f"forecast-keras-{os.getppid()}-abc"
    for folder in (left, others, tmp_path / "forecast-keras-x-y"):
        folder.mkdir()
    with temporary("file") as path:
        assert path.parent.name.startswith(f"forecast-keras-{os.getpid()}-")
    assert not left.exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([others.name, "forecast-keras-x-y"])


@pytest.mark.slow
def test_memory_is_reused_after_a_training() -> None:
    trained_again("lstm", POSITIVE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    for _ in range(100):
        np.ones(375_000)  # 732 pages: each would be a fault if the memory came from the kernel each time

    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 10_000
