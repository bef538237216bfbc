"""Runs that cannot begin: the exit code and the words say why, and no job was started."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder


def refused(folder: Folder, code: ExitCode, *words: str) -> None:
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") <= 2
    assert all(word in done.stderr for word in words), done.stderr
    assert not (folder.path / "out").exists()


def begun(folder: Folder) -> Path:
    """The ledger of a run that is over; its outputs are gone."""
    folder.ready("sales")
    folder.outcomes()
    for path in (folder.path / "out").iterdir():
        path.unlink()
    (folder.path / "out").rmdir()
    return folder.ledger


@pytest.mark.parametrize("damage", ["overwritten", "header", "text"])
def test_a_damaged_ledger(folder: Folder, damage: str) -> None:
    ledger = begun(folder)
    content = ledger.read_bytes()
    ledger.write_bytes(
        {
            "overwritten": content[:4096] + b"\xff" * (len(content) - 4096),
            "header": b"\0" * 100 + content[100:],
            "text": b"not a ledger\n" * 500,
        }[damage]
    )
    damaged = ledger.read_bytes()
    refused(folder, ExitCode.DATA, str(ledger), "Move it away", "the next run begins a new one.")
    assert ledger.read_bytes() == damaged
    ledger.rename(ledger.with_suffix(".damaged"))
    assert folder.outcomes()["sales"]["outcome"] == "forecast"


def test_a_ledger_of_a_newer_program(folder: Folder) -> None:
    ledger = begun(folder)
    with closing(sqlite3.connect(ledger)) as newer:
        newer.execute("PRAGMA user_version = 99")
    refused(folder, ExitCode.DATA, str(ledger), "newer forecast", "Update forecast")


def test_a_ledger_that_is_locked_for_a_while_is_waited_for(folder: Folder) -> None:
    ledger = begun(folder)
    folder.data("sales", 121)
    with closing(sqlite3.connect(ledger, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(3.0, other.execute, ("COMMIT",))
        release.start()
        try:
            assert folder.outcomes()["sales"]["outcome"] == "forecast"
        finally:
            release.join()


def test_a_job_file_that_is_not_valid(folder: Folder) -> None:
    folder.ready("sales", "visits")
    folder.describe("sales", "visits", more="horzion = 3\n")
    line = 1 + folder.jobs.read_text().splitlines().index("horzion = 3")
    refused(folder, ExitCode.USAGE, f"{folder.jobs}:{line}: [jobs.visits] horzion", "Did you mean 'horizon'?")
    assert not folder.ledger.exists()


def test_a_job_file_that_is_not_there(folder: Folder) -> None:
    refused(folder, ExitCode.USAGE, f"{folder.jobs}: no such file.", "forecast init")
