"""Restore a ledger from a backup with the commands in docs/cron.md."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.jobs.ledger.ledger import Ledger
from tests.jobs.ledger_samples import count, record_forecast
from tests.sample_panels import undated

GUIDE = Path(__file__).parents[2] / "docs" / "cron.md"
PANEL = undated(*np.random.default_rng(0).normal(size=(30, 60)))


def restore_commands() -> str:
    """The commands that replace a damaged ledger by its backup."""
    (block,) = [block for block in GUIDE.read_text(encoding="utf-8").split("```") if "mkdir damaged" in block]
    return block.removeprefix("sh\n")


def record_and_die(path: Path) -> None:
    """Leave the last entries in the write-ahead log of SQLite, as a killed run does."""
    with Ledger.open(path) as ledger:
        for drop in range(9, 0, -1):
            record_forecast(ledger, PANEL.drop_last(drop), run_id=str(drop))
        os._exit(1)


def test_a_backup_replaces_the_ledger_of_a_killed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backup = tmp_path / "forecast-state" / "ledger.sqlite", tmp_path / "backup" / "ledger.sqlite"
    monkeypatch.chdir(tmp_path)
    backup.parent.mkdir()
    with Ledger.open(path) as ledger, closing(sqlite3.connect(backup)) as other:
        record_forecast(ledger, PANEL.drop_last(10), run_id="first")
        ledger._connection.backup(other)
    process = multiprocessing.get_context("fork").Process(target=record_and_die, args=(path,))
    process.start()
    process.join()
    assert path.with_name("ledger.sqlite-wal").stat().st_size > 0
    subprocess.run(["/bin/sh", "-ec", restore_commands().replace("/backup/", f"{backup.parent}/")], check=True)

    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert ledger.query("SELECT id FROM runs") == [("first",)]
        record_forecast(ledger, PANEL, run_id="next")
        assert count(ledger, "forecasts") == 2
    assert sorted(file.name for file in (tmp_path / "damaged").iterdir())[:2] == ["ledger.sqlite", "ledger.sqlite-shm"]
