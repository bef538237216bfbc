"""Ledgers that earlier versions of the program made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.scores import history, scores
from tests.jobs.ledger_samples import DAY, NOON, enter, job_run
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


def test_it_gets_the_tables_of_a_new_one_and_keeps_what_it_has(path: Path, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger, Ledger.open(tmp_path / "new" / "ledger.sqlite") as new:
        assert tables(ledger) == tables(new)
        assert ledger.query("PRAGMA user_version") == [(2,)]
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert [(run.run_id, run.job, run.message, run.noticed) for run in history(ledger, 9)] == [
            ("run1", "sales", "3 steps. 1 series is gone: b.", None),
            ("run0", "sales", "3 steps. 1 series is gone: b.", None),
            ("run0", "visits", "No such file.", None),
        ]
        assert scores(ledger, "step").overall.points == 1
        seen = ledger.seen("sales")
        assert seen is not None
        assert seen.panel.values.tolist() == [1, 2, 4, 7]


def test_it_goes_on_with_it(path: Path) -> None:
    panel = undated([1, 2, 4, 70, 9])
    with Ledger.open_existing(path) as ledger:
        assert ledger.score("sales", panel, 4) == 2
        enter(ledger, panel, run_id="run2", at=NOON + 2 * DAY, created=NOON)
        found = ledger.query("SELECT time, actual FROM forecast_points WHERE actual IS NOT NULL ORDER BY made, time")
        assert found == [(4, 70), (5, 9), (5, 9)]
        assert ledger.has_forecast("sales", "[4]", "model", 3)
        ledger.record(job_run("run2", "visits"))
        assert len(history(ledger, 9, "visits")) == 2


def test_a_job_is_that_of_the_file_that_had_it_last(path: Path, tmp_path: Path) -> None:
    with Ledger.open(path) as ledger:
        assert ledger.query("SELECT job, job_file FROM owners") == [
            ("sales", "/srv/jobs.toml"),
            ("visits", "/srv/old.toml"),
        ]
        present, other = tmp_path / "present.toml", tmp_path / "other.toml"
        for file in (present, other):
            file.write_text(f'state = "{tmp_path}"\n[jobs.sales]\ndata = "x.csv"\n')
        ledger.claim(["sales"], present)  # the files that had it are not there
        with pytest.raises(UsageError):
            ledger.claim(["sales"], other)
