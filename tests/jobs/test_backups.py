"""A ledger and its backup, by the commands that docs/cron.md gives."""

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
from tests.jobs.ledger_samples import count, enter
from tests.sample_panels import undated

GUIDE = Path(__file__).parents[2] / "docs" / "cron.md"
PANEL = undated(*np.random.default_rng(0).normal(size=(30, 60)))


def told() -> str:
    """The commands that put a backup in the place of a damaged ledger."""
    (block,) = [block for block in GUIDE.read_text(encoding="utf-8").split("```") if "mkdir damaged" in block]
    return block.removeprefix("sh\n")


def enters_and_dies(path: Path) -> None:
    """Leave what was entered last in the log of SQLite, as a killed run does."""
    with Ledger.open(path) as ledger:
        for drop in range(9, 0, -1):
            enter(ledger, PANEL.drop_last(drop), run_id=str(drop))
        os._exit(1)


def test_a_backup_takes_the_place_of_what_a_killed_run_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backup = tmp_path / "forecast-state" / "ledger.sqlite", tmp_path / "backup" / "ledger.sqlite"
    monkeypatch.chdir(tmp_path)
    backup.parent.mkdir()
    with Ledger.open(path) as ledger, closing(sqlite3.connect(backup)) as other:
        enter(ledger, PANEL.drop_last(10), run_id="first")
        ledger._connection.backup(other)
    process = multiprocessing.get_context("fork").Process(target=enters_and_dies, args=(path,))
    process.start()
    process.join()
    assert path.with_name("ledger.sqlite-wal").stat().st_size > 0
    subprocess.run(["/bin/sh", "-ec", told().replace("/backup/", f"{backup.parent}/")], check=True)

    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert ledger.query("SELECT id FROM runs") == [("first",)]
        enter(ledger, PANEL, run_id="next")
        assert count(ledger, "forecasts") == 2
    assert sorted(file.name for file in (tmp_path / "damaged").iterdir())[:2] == ["ledger.sqlite", "ledger.sqlite-shm"]
