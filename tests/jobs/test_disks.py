"""Full disks, read-only folders, folders in place of files: old files stay, and the next run works."""

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

TABLES = 'output = ["out/sales.csv", "out/sales.json"]\n'


def limit_file_size(size: int) -> None:
    """From now on, writing more into a file fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def obey_permissions() -> None:
    """From now on, permissions apply to root too."""
    drop_from_bounding_set, override_permissions = 24, 1
    if os.geteuid() == 0:
        assert ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0) == 0


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def second_run(folder: Folder) -> Folder:
    """A folder whose job was done once, and has new data."""
    return done_once(folder, TABLES)


def done_once(folder: Folder, output: str) -> Folder:
    folder.ready("sales")
    folder.describe("sales", more=output)
    folder.outcomes()
    folder.data("sales", 121)
    return folder


def assert_fails(folder: Folder, code: ExitCode, words: str, limit: Callable[[], None]) -> None:
    """A run with a limit says what is wrong and leaves the outputs unchanged."""
    before = contents(folder.path / "out")
    done = folder.run_apart("--quiet", limit=limit)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(folder.path / "out") == before


def assert_succeeds(folder: Folder) -> None:
    """A run without a limit forecasts and replaces the outputs."""
    before = contents(folder.path / "out")
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    after = contents(folder.path / "out")
    assert (set(after), after["sales.csv"] != before["sales.csv"]) == (set(before), True)
    assert folder.query("SELECT count(*) FROM forecasts") == [(2,)]


def test_no_room_for_an_output(folder: Folder) -> None:
    """A picture, which is larger than the ledger and the tables."""
    done_once(folder, 'output = ["out/sales.csv", "out/sales.png"]\n')
    room = (folder.path / "out" / "sales.png").stat().st_size // 2
    folder.describe("sales", more='output = ["out/sales.png", "out/sales.csv"]\n')
    words = f"Cannot write {folder.path}/out/sales.png: File too large."
    assert_fails(folder, ExitCode.JOBS_FAILED, words, partial(limit_file_size, room))
    assert_succeeds(folder)


def test_no_room_for_the_ledger(second_run: Folder) -> None:
    assert_fails(second_run, ExitCode.USAGE, "ledger.sqlite cannot be written", partial(limit_file_size, 1000))
    assert_succeeds(second_run)


def test_no_room_for_the_model(second_run: Folder) -> None:
    folder = second_run
    model = folder.path / "forecast-state" / "models" / "sales"
    before = contents(model)
    room = 2 * folder.ledger.stat().st_size
    folder.describe("sales", more=TABLES + 'retrain = "always"\nunits = "128"\n')
    words = "Cannot write a temporary file in "
    assert_fails(folder, ExitCode.JOBS_FAILED, words, partial(limit_file_size, room))
    assert {name: content for name, content in contents(model).items() if name in before} == before
    folder.describe("sales", more=TABLES)
    assert_succeeds(folder)


def test_a_read_only_folder_for_outputs(second_run: Folder) -> None:
    folder = second_run
    (folder.path / "out").chmod(0o555)
    assert_fails(
        folder, ExitCode.JOBS_FAILED, f"Cannot write {folder.path}/out/sales.csv: Permission denied.", obey_permissions
    )
    (folder.path / "out").chmod(0o755)
    assert_succeeds(folder)


def test_a_read_only_state_folder(second_run: Folder) -> None:
    folder = second_run
    state = folder.ledger.parent
    places = [state, *state.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    assert_fails(folder, ExitCode.USAGE, f"Cannot write {state}/.jobs.lock: Permission denied.", obey_permissions)
    for place in places:
        place.chmod(0o755 if place.is_dir() else 0o644)
    assert_succeeds(folder)


def test_a_folder_in_place_of_an_output(second_run: Folder) -> None:
    folder = second_run
    output = folder.path / "out" / "sales.csv"
    old = output.rename(folder.path / "old.csv")
    output.mkdir()
    done = folder.run("--quiet")
    assert done.returncode == ExitCode.JOBS_FAILED
    assert f"Cannot write {output}: Is a directory." in done.stderr
    assert list(output.iterdir()) == []
    output.rmdir()
    old.rename(output)
    assert_succeeds(folder)
