"""Disks that are full, folders that are read-only, paths that are taken: the old files stay, the next run works."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder

PICTURE = 'output = ["out/sales.csv", "out/sales.png"]\n'


def no_file_beyond(size: int) -> None:
    """From now on writing more into a file fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def as_any_user() -> None:
    """From now on, permissions bind root too."""
    drop_from_bounding_set, override_permissions = 24, 1
    if os.geteuid() == 0:
        assert ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0) == 0


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def forecast_before(folder: Folder) -> Folder:
    """A folder whose job was done, and has new data."""
    folder.ready("sales")
    folder.describe("sales", more=PICTURE)
    folder.outcomes()
    folder.data("sales", 121)
    return folder


def fails(folder: Folder, code: ExitCode, words: str, limit: Callable[[], None]) -> None:
    """A run within limits: it says what is wrong, and the outputs are what they were."""
    before = contents(folder.path / "out")
    done = folder.run("--quiet", preexec_fn=limit)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(folder.path / "out") == before


def goes_well(folder: Folder) -> None:
    before = contents(folder.path / "out")
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    after = contents(folder.path / "out")
    assert (set(after), after["sales.csv"] != before["sales.csv"]) == (set(before), True)
    assert folder.query("SELECT count(*) FROM forecasts") == [(2,)]


def test_a_disk_that_is_full_for_an_output(forecast_before: Folder) -> None:
    folder = forecast_before
    room = (folder.path / "out" / "sales.png").stat().st_size // 2
    folder.describe("sales", more='output = ["out/sales.png", "out/sales.csv"]\n')
    words = f"Cannot write {folder.path}/out/sales.png: File too large."
    fails(folder, ExitCode.JOBS_FAILED, words, partial(no_file_beyond, room))
    goes_well(folder)


def test_a_disk_that_is_full_for_the_ledger(forecast_before: Folder) -> None:
    fails(forecast_before, ExitCode.USAGE, "ledger.sqlite cannot be written", partial(no_file_beyond, 1000))
    goes_well(forecast_before)


def test_a_disk_that_is_full_for_the_model(forecast_before: Folder) -> None:
    folder = forecast_before
    model = folder.path / "forecast-state" / "models" / "sales"
    before = contents(model)
    room = 2 * folder.ledger.stat().st_size
    folder.describe("sales", more=PICTURE + 'retrain = "always"\nunits = "128"\n')
    words = "Cannot write a temporary file in "
    fails(folder, ExitCode.JOBS_FAILED, words, partial(no_file_beyond, room))
    assert {name: content for name, content in contents(model).items() if name in before} == before
    folder.describe("sales", more=PICTURE)
    goes_well(folder)


def test_a_folder_of_outputs_that_is_read_only(forecast_before: Folder) -> None:
    folder = forecast_before
    (folder.path / "out").chmod(0o555)
    fails(folder, ExitCode.JOBS_FAILED, f"Cannot write {folder.path}/out/sales.csv: Permission denied.", as_any_user)
    (folder.path / "out").chmod(0o755)
    goes_well(folder)


def test_a_state_folder_that_is_read_only(forecast_before: Folder) -> None:
    folder = forecast_before
    state = folder.ledger.parent
    places = [state, *state.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    fails(folder, ExitCode.USAGE, f"Cannot write {state}/.jobs.lock: Permission denied.", as_any_user)
    for place in places:
        place.chmod(0o755 if place.is_dir() else 0o644)
    goes_well(folder)


def test_an_output_whose_place_is_taken_by_a_folder(forecast_before: Folder) -> None:
    folder = forecast_before
    taken = folder.path / "out" / "sales.csv"
    old = taken.rename(folder.path / "old.csv")
    taken.mkdir()
    done = folder.run("--quiet")
    assert done.returncode == ExitCode.JOBS_FAILED
    assert f"Cannot write {taken}: Is a directory." in done.stderr
    assert list(taken.iterdir()) == []
    taken.rmdir()
    old.rename(taken)
    goes_well(folder)
