"""Ledgers made by earlier versions of the program."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.jobs.ledger.history import history
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.scores import scores
from forecast_cli.jobs.run.owners import claim_jobs
from tests.jobs.ledger_samples import DAY, NOON, job_run, record_forecast
from tests.sample_panels import undated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of version 1."""
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(Path(__file__).with_name("ledger_version_1.sql").read_text(encoding="utf-8"))
    return path


def tables(ledger: Ledger) -> set[tuple[str, ...]]:
    """Every table, view and index, with its columns."""
    return set(ledger.query("SELECT m.type, m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"))


def test_it_is_migrated_and_keeps_its_entries(path: Path, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger, Ledger.open(tmp_path / "new" / "ledger.sqlite") as new:
        assert tables(ledger) == tables(new)
        assert ledger.query("PRAGMA user_version") == [(5,)]
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert [(run.run_id, run.job, run.message, run.warnings) for run in history(ledger, 9)] == [
            ("run1", "sales", "3 steps. 1 series is gone: b.", ()),
            ("run0", "sales", "3 steps. 1 series is gone: b.", ()),
            ("run0", "visits", "No such file.", ()),
        ]
        assert scores(ledger, "step").overall.points == 1
        snapshot = ledger.snapshot("sales")
        assert snapshot is not None
        assert snapshot.panel.values.tolist() == [1, 2, 4, 7]


def test_it_can_be_continued(path: Path) -> None:
    panel = undated([1, 2, 4, 70, 9])
    with Ledger.open_existing(path) as ledger:
        assert ledger.score("sales", panel, 4) == 2
        record_forecast(ledger, panel, run_id="run2", at=NOON + 2 * DAY, created=NOON)
        found = ledger.query("SELECT time, actual FROM forecast_points WHERE actual IS NOT NULL ORDER BY made, time")
        assert found == [(4, 70), (5, 9), (5, 9)]
        assert ledger.has_forecast("sales", "[4]", "model", 3)
        ledger.record(job_run("run2", "visits"))
        assert len(history(ledger, 9, "visits")) == 2


def test_a_job_belongs_to_the_file_of_its_latest_run(path: Path, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger:
        assert ledger.query("SELECT job, job_file FROM owners") == [
            ("sales", "/srv/jobs.toml"),
            ("visits", "/srv/old.toml"),
        ]
        present, other = tmp_path / "present.toml", tmp_path / "other.toml"
        for file in (present, other):
            file.write_text(f'state = "{tmp_path}"\n[jobs.sales]\ndata = "x.csv"\n')
        claim_jobs(ledger, ["sales"], present)  # the recorded owners do not exist
        with pytest.raises(UsageError):
            claim_jobs(ledger, ["sales"], other)
