"""Runs that cannot start: exit code and message say why, and no job is started."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder
from tests.jobs.live_runs import GIVE_UP_SECONDS, live, until


def assert_refused(folder: Folder, code: ExitCode, *words: str) -> None:
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") <= 2
    assert all(word in done.stderr for word in words), done.stderr
    assert not (folder.path / "out").exists()


def ledger_of_a_run(folder: Folder) -> Path:
    """The ledger of a finished run whose outputs were removed."""
    folder.ready("sales")
    folder.outcomes()
    for path in (folder.path / "out").iterdir():
        path.unlink()
    (folder.path / "out").rmdir()
    return folder.ledger


@pytest.mark.parametrize("damage", ["overwritten", "header", "text"])
def test_a_damaged_ledger_is_refused(folder: Folder, damage: str) -> None:
    ledger = ledger_of_a_run(folder)
    content = ledger.read_bytes()
    ledger.write_bytes(
        {
            "overwritten": content[:4096] + b"\xff" * (len(content) - 4096),
            "header": b"\0" * 100 + content[100:],
            "text": b"not a ledger\n" * 500,
        }[damage]
    )
    damaged = ledger.read_bytes()
    assert_refused(folder, ExitCode.DATA, str(ledger), "Move it away", "the next run starts a new one.")
    assert ledger.read_bytes() == damaged
    ledger.rename(ledger.with_suffix(".damaged"))
    assert folder.outcomes()["sales"]["outcome"] == "forecast"


def test_a_ledger_of_a_newer_program_is_refused(folder: Folder) -> None:
    ledger = ledger_of_a_run(folder)
    with closing(sqlite3.connect(ledger)) as newer:
        newer.execute("PRAGMA user_version = 99")
    assert_refused(folder, ExitCode.DATA, str(ledger), "newer forecast", "Update forecast")


def test_a_locked_ledger_is_waited_for(folder: Folder) -> None:
    ledger = ledger_of_a_run(folder)
    folder.data("sales", 121)
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other, live(folder.command()) as run:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: ledger in run.open_files())
        other.execute("COMMIT")
        printed, errors = run.process.communicate(timeout=GIVE_UP_SECONDS)
    assert run.process.returncode == ExitCode.OK, errors
    assert " forecast " in printed


def test_an_invalid_job_file_is_refused(folder: Folder) -> None:
    folder.ready("sales", "visits")
    folder.describe("sales", "visits", more="horzion = 3\n")
    line = 1 + folder.jobs.read_text().splitlines().index("horzion = 3")
    assert_refused(folder, ExitCode.USAGE, f"{folder.jobs}:{line}: [jobs.visits] horzion", "Did you mean 'horizon'?")
    assert not folder.ledger.exists()


def test_a_missing_job_file_is_refused(folder: Folder) -> None:
    assert_refused(folder, ExitCode.USAGE, f"{folder.jobs}: no such file.", "forecast init")
