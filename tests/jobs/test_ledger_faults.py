"""Damaged, older, full, locked and shared ledgers, and processes killed while writing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, ForecastError, OutputError
from forecast_cli.jobs.ledger import schema
from forecast_cli.jobs.ledger.ledger import Ledger
from tests.jobs.ledger_samples import count, record_forecast
from tests.sample_panels import undated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite"


# --- missing, damaged, newer and older ledgers


def test_a_missing_ledger_is_refused(path: Path) -> None:
    with pytest.raises(DataError) as raised:
        Ledger.open_existing(path)
    assert "no ledger yet" in raised.value.message
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 8000], ids=["text", "torn"]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for opened in (Ledger.open, Ledger.open_existing):
        with pytest.raises(DataError) as raised:
            opened(path)
        assert str(path) in raised.value.message
        assert raised.value.hint == (
            "Move it away together with its -wal and -shm files; the next run starts a new one."
        )
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name)")
    content = path.read_bytes()
    with pytest.raises(DataError, match="not a ledger"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_damage_inside_the_file_is_reported_when_it_is_read(path: Path) -> None:
    panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
    with Ledger.open(path) as ledger:
        for drop in range(20):
            record_forecast(ledger, panel.drop_last(drop + 1), horizon=20)
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xaa" * 64
    path.write_bytes(content)

    def use() -> None:
        with Ledger.open(path) as ledger:
            ledger.score("sales", panel)

    with pytest.raises(DataError, match="damaged") as raised:
        use()
    assert str(path) in raised.value.message


def test_a_damaged_snapshot_is_reported(path: Path) -> None:
    with Ledger.open(path) as ledger:
        record_forecast(ledger, undated([1, 2, 3]))
        ledger.change("UPDATE seen SET panel = x'00ff'")
        with pytest.raises(DataError, match="no valid snapshot of job sales"):
            ledger.snapshot("sales")


def test_a_newer_ledger_is_refused_and_left_alone(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.change(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    content = path.read_bytes()
    with pytest.raises(DataError, match="newer forecast"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_an_older_ledger_is_migrated_and_keeps_its_entries(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = undated([1, 2, 3, 4])
    with Ledger.open(path) as ledger:
        record_forecast(ledger, panel.drop_last(1))
    later = ("ALTER TABLE runs ADD COLUMN host TEXT", "UPDATE runs SET host = 'here'")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, later, ("CREATE TABLE notes (note TEXT)",)))

    with Ledger.open_existing(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]
        assert ledger.query("PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
        assert count(ledger, "notes") == 0
        assert ledger.score("sales", panel) == 1
    with Ledger.open(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]


def test_a_failed_migration_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(path) as ledger:
        record_forecast(ledger, undated([1, 2, 3]))
    present = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*present, ("CREATE TABLE notes (note TEXT)", "NONSENSE")))
    with pytest.raises(ForecastError):
        Ledger.open(path)
    monkeypatch.setattr(schema, "MIGRATIONS", present)
    with Ledger.open(path) as ledger:
        assert count(ledger, "forecasts") == 1
        assert count(ledger, "sqlite_master", "name = 'notes'") == 0


# --- places that cannot be written


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "ledger.sqlite", Path("/proc/ledger.sqlite"), tmp_path):
        with pytest.raises(OutputError) as raised:
            Ledger.open(place)
        assert raised.value.message.startswith(("Cannot create", "The ledger"))
        assert raised.value.hint


READ_ONLY = """
import os, sys
from pathlib import Path
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.history import history
from forecast_cli.jobs.ledger.scores import scores  # all imports come before the permissions are dropped
if os.getuid() == 0:
    os.setuid(65534)
with Ledger.open_existing(Path(sys.argv[1])) as ledger:
    print(len(history(ledger, 9)), scores(ledger, "step").overall.points)
    try:
        ledger.start_run("x", Path("jobs.toml"), __import__("datetime").datetime.now())
    except OutputError as error:
        print(error.message)
"""


@pytest.mark.parametrize("in_use", [False, True])
def test_a_ledger_of_another_user_can_be_read(in_use: bool) -> None:
    panel = undated([1, 2, 3, 4])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger.open(path) as ledger:
            record_forecast(ledger, panel.drop_last(1))
            ledger.score("sales", panel)
            if not in_use:
                ledger.close()
            for file in path.parent.iterdir():
                file.chmod(0o444)
            path.parent.chmod(0o555)
            done = subprocess.run(
                [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=False
            )
            path.parent.chmod(0o755)
        assert done.stderr == ""
        counts, refused = done.stdout.splitlines()
        assert counts == "2 1"  # the job run, and the run itself, which has no end
        assert "cannot be written" in refused


FULL = """
import sys
from pathlib import Path
from tests.jobs.ledger_samples import record_forecast
from tests.sample_panels import undated
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger.ledger import Ledger
import numpy as np, resource
panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
with Ledger.open(Path(sys.argv[1])) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    for drop in range(30, 0, -1):
        try:
            record_forecast(ledger, panel.drop_last(drop), horizon=20)
        except OutputError as error:
            print(drop, error.message)
            break
        print(drop)
"""


@pytest.mark.slow
@pytest.mark.parametrize("limit", [100_000, 300_000, 1_000_000])
def test_a_full_disk_loses_no_earlier_entries(path: Path, limit: int) -> None:
    with Ledger.open(path):
        pass
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[1])))}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(limit)], env=env, capture_output=True, text=True, check=True
    )
    *recorded, refused = done.stdout.splitlines()
    assert "cannot be written" in refused
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "forecasts") == count(ledger, "points") / (30 * 20) == len(recorded)
        record_forecast(ledger, undated([1, 2, 3]), run_id="next")


# --- several processes
