"""Whatever is in the file of a ledger: `history` and `score` show it, or say that it is damaged."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from forecast_cli.cli import run
from forecast_cli.jobs.ledger import database
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import MAX_SNAPSHOT_BYTES
from tests.jobs.ledger_samples import DAY, NOON, record_forecast
from tests.sample_panels import undated

LEDGER = (Path(__file__).parents[1] / "fixtures" / "ledger.sqlite").read_bytes()
VALUES = ("CAST(x'ff80fe' AS TEXT)", "'x'", "-9223372036854775808", "9e999", "x'00'", "''", "zeroblob(100)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "ledger.sqlite").write_bytes(LEDGER)
    return tmp_path / "ledger.sqlite"


def assert_shown_or_damaged(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("history", "score"):
        code = run([command, "--ledger", str(path)])
        shown = capsys.readouterr().err
        assert code == 0 or (code == 5 and str(path) in shown), f"{command} ended with {code}: {shown}"


def changed(path: Path, statement: str) -> bool:
    """Change the ledger with an SQL statement. Returns whether SQLite allows it."""
    path.write_bytes(LEDGER)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.executescript(statement)
        connection.commit()
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return True


def statements(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    names = connection.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    all_statements = [f"DROP {kind} {name}" for kind, name in names]
    for kind, table in names:
        if kind == "table":
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            all_statements += [f"UPDATE {table} SET {column} = {value}" for column in columns for value in VALUES]
    connection.close()
    return all_statements


@pytest.mark.slow
def test_any_value_in_any_column(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for statement in random.Random(5).sample(statements(path), 120):
        if changed(path, statement):
            assert_shown_or_damaged(path, capsys)


@pytest.mark.slow
def test_every_value_in_every_column(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for statement in statements(path):
        if changed(path, statement):
            assert_shown_or_damaged(path, capsys)


def test_a_job_file_whose_path_is_not_utf_8_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job_file = tmp_path / "j\udcff.toml"
    job_file.write_text('[jobs.a]\nmodel = "theta"\ndata = "none.csv"\n')
    assert run(["run", str(job_file)]) == 2
    assert "is not UTF-8" in capsys.readouterr().err


def test_bytes_are_flipped(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(1)
    for _ in range(60):
        content = bytearray(LEDGER)
        for _ in range(chance.choice([1, 4, 40, 400])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        for rest in path.parent.iterdir():
            rest.unlink()
        path.write_bytes(content)
        assert_shown_or_damaged(path, capsys)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("PRAGMA user_version = -1", "the version of its tables is -1"),
        ("PRAGMA user_version = -2147483648", "the version of its tables is -2147483648"),
        ("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END", "it has triggers"),
        ("UPDATE job_runs SET job = CAST(x'ff80fe' AS TEXT)", "Could not decode"),
        ("UPDATE job_runs SET started = 'yesterday'", "it has no valid job runs"),
        ("DROP TABLE job_runs", "no such table"),
        ("ALTER TABLE job_runs RENAME TO old; CREATE VIEW job_runs AS SELECT * FROM old", "job_runs is a view"),
    ],
)
def test_the_damage_is_named(path: Path, capsys: pytest.CaptureFixture[str], statement: str, reason: str) -> None:
    assert changed(path, statement)
    assert run(["history", "--ledger", str(path)]) == 5
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "source", "reason"),
    [
        ("x", "(WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r)", "more than 0 s"),
        ("hex(zeroblob(1900000000))", "runs", "too big"),
    ],
)
def test_a_view_without_end(
    path: Path,
    value: str,
    source: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(database, "MAX_SECONDS", 0)
    Ledger.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(forecast_points)")]
        values = ", ".join(f"{value} AS {column}" for column in columns)
        connection.executescript(
            f"DROP VIEW forecast_points; CREATE VIEW forecast_points AS SELECT {values} FROM {source}"
        )
    assert run(["score", "--ledger", str(path)]) == 5
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("command", ["history", "score"])
def test_a_ledger_for_which_the_memory_is_too_small_is_no_internal_error(
    path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Ledger, "_execute", fail)
    assert run([command, "--ledger", str(path)]) == 5
    assert f"The ledger {path} is too large: there is not enough memory to read it." in capsys.readouterr().err


@pytest.mark.slow
def test_a_snapshot_that_unpacks_to_far_more_than_its_size_is_damage(path: Path) -> None:
    import zlib

    from forecast_cli.errors import DataError

    packer = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    content = b"".join(packer.compress(zeros) for _ in range((MAX_SNAPSHOT_BYTES >> 20) + 2)) + packer.flush()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE seen SET panel = ?", (content,))
    with Ledger.open(path) as ledger, pytest.raises(DataError, match="no valid snapshot of job sales"):
        ledger.snapshot("sales")


def test_a_clock_two_years_ahead_does_not_empty_the_ledger(tmp_path: Path) -> None:
    panel = undated([float(value) for value in range(40)])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        for day in range(20):
            record_forecast(ledger, panel.drop_last(20 - day), run_id=f"run{day}", at=NOON + day * DAY)
        ahead = NOON + 750 * DAY
        ledger.start_run("wrong", Path("jobs.toml"), ahead)
        assert ledger.trusted_now(ahead) <= NOON + 20 * DAY
        ledger.prune(ledger.trusted_now(ahead) - timedelta(days=365))
        assert ledger.query("SELECT count(*) FROM forecasts") == [(20,)]
        assert ledger.trusted_now(NOON) == NOON
