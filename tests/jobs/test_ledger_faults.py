"""A ledger that is damaged, older, full, locked, shared or killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import DataError, ForecastError, LockedError, OutputError
from forecast_cli.jobs.ledger import schema
from forecast_cli.jobs.ledger.ledger import Ledger
from tests.jobs.ledger_samples import NOON, count, enter, job_run
from tests.sample_panels import undated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite"


# --- ledgers that are not as they should be


def test_there_is_none(path: Path) -> None:
    with pytest.raises(DataError) as raised:
        Ledger.open_existing(path)
    assert "no ledger yet" in raised.value.message
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 8000], ids=["text", "torn"]
)
def test_what_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for opened in (Ledger.open, Ledger.open_existing):
        with pytest.raises(DataError) as raised:
            opened(path)
        assert str(path) in raised.value.message
        assert raised.value.hint == (
            "Move it away, and its -wal and -shm files with it; the next run begins a new one."
        )
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name)")
    content = path.read_bytes()
    with pytest.raises(DataError, match="not a ledger"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_damage_within_is_told_when_it_is_met(path: Path) -> None:
    panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
    with Ledger.open(path) as ledger:
        for drop in range(20):
            enter(ledger, panel.drop_last(drop + 1), horizon=20)
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


def test_what_was_seen_may_be_damaged_alone(path: Path) -> None:
    with Ledger.open(path) as ledger:
        enter(ledger, undated([1, 2, 3]))
        ledger.change("UPDATE seen SET panel = x'00ff'")
        with pytest.raises(DataError, match="what job sales has seen"):
            ledger.seen("sales")


def test_a_newer_ledger_is_refused_and_left_alone(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.change(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    content = path.read_bytes()
    with pytest.raises(DataError, match="newer forecast"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_an_older_ledger_is_brought_up_to_date_and_keeps_what_it_has(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = undated([1, 2, 3, 4])
    with Ledger.open(path) as ledger:
        enter(ledger, panel.drop_last(1))
    later = ("ALTER TABLE runs ADD COLUMN host TEXT", "UPDATE runs SET host = 'here'")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, later, ("CREATE TABLE notes (note TEXT)",)))

    with Ledger.open_existing(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]
        assert ledger.query("PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
        assert count(ledger, "notes") == 0
        assert ledger.score("sales", panel) == 1
    with Ledger.open(path) as ledger:
        assert ledger.query("SELECT id, host FROM runs") == [("run", "here")]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(path) as ledger:
        enter(ledger, undated([1, 2, 3]))
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
        assert raised.value.message.startswith(("Cannot make", "The ledger"))
        assert raised.value.hint


READ_ONLY = """
import os, sys
from pathlib import Path
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.scores import history, scores  # all that is imported, before the rights are gone
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
def test_a_ledger_that_is_anothers_can_be_read(in_use: bool) -> None:
    panel = undated([1, 2, 3, 4])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with Ledger.open(path) as ledger:
            enter(ledger, panel.drop_last(1))
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
        assert counts == "2 1"  # the job's run, and the run itself, which never ended
        assert "cannot be written" in refused


FULL = """
import sys
from pathlib import Path
from tests.jobs.ledger_samples import enter
from tests.sample_panels import undated
from forecast_cli.errors import OutputError
from forecast_cli.jobs.ledger.ledger import Ledger
import numpy as np, resource
panel = undated(*np.random.default_rng(0).normal(size=(30, 60)))
with Ledger.open(Path(sys.argv[1])) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    for drop in range(30, 0, -1):
        try:
            enter(ledger, panel.drop_last(drop), horizon=20)
        except OutputError as error:
            print(drop, error.message)
            break
        print(drop)
"""


@pytest.mark.parametrize("limit", [100_000, 300_000, 1_000_000])
def test_a_full_disk_loses_nothing_that_was_there(path: Path, limit: int) -> None:
    with Ledger.open(path):
        pass
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[1])))}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(limit)], env=env, capture_output=True, text=True, check=True
    )
    *entered, refused = done.stdout.splitlines()
    assert "cannot be written" in refused
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "forecasts") == count(ledger, "points") / (30 * 20) == len(entered)
        enter(ledger, undated([1, 2, 3]), run_id="next")


# --- company


def held(path: Path, until: float) -> None:
    """Keep the ledger locked for a while, as another process."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    path.with_suffix(".held").touch()
    time.sleep(until)
    connection.close()


@pytest.fixture
def hold(path: Path) -> Callable[[float], multiprocessing.Process]:
    def start(seconds: float) -> multiprocessing.Process:
        process = multiprocessing.get_context("fork").Process(target=held, args=(path, seconds), daemon=True)
        process.start()
        while not path.with_suffix(".held").exists():
            time.sleep(0.01)
        return process  # type: ignore[return-value]

    return start


def test_a_locked_ledger_is_waited_for(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path) as ledger:
        process = hold(0.6)
        ledger.start_run("run", Path("jobs.toml"), NOON)
        assert count(ledger, "runs") == 1
        process.join()


def test_a_ledger_that_stays_locked_says_so(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path, wait=0.5) as ledger:
        enter(ledger, undated([1, 2, 3]))
        process = hold(30)
        began = time.monotonic()
        with pytest.raises(LockedError) as raised:
            ledger.record(job_run(outcome="failed"))
        assert 0.5 <= time.monotonic() - began < 3
        assert "was locked by another process for 0.5 seconds" in raised.value.message
        assert ledger.has_forecast("sales", "[3]", "model", 3)  # reading goes on
        process.kill()
        process.join()
        ledger.record(job_run(outcome="failed"))


def test_a_signal_is_heard_while_waiting(path: Path, hold: Callable[[float], multiprocessing.Process]) -> None:
    with Ledger.open(path, wait=30) as ledger:
        process = hold(30)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        began = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt):
                ledger.start_run("run", Path("jobs.toml"), NOON)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert time.monotonic() - began < 2
        process.kill()
        process.join()
        assert count(ledger, "runs") == 0


def writes(path: Path, worker: int, rounds: int) -> None:
    panel = undated(*np.random.default_rng(worker).normal(size=(5, 40)))
    for turn in range(rounds):
        with Ledger.open(path) as ledger:
            known = panel.drop_last(rounds - turn)
            ledger.score(f"job{worker}", known)
            enter(ledger, known, run_id=f"{worker}-{turn}", job=f"job{worker}")
            enter(ledger, known, run_id=f"{worker}-{turn}", job="shared")


def test_several_processes_begin_and_write_one_ledger_at_once(path: Path) -> None:
    workers, rounds = 6, 8
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=writes, args=(path, worker, rounds)) for worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * workers
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "runs") == workers * rounds
        assert count(ledger, "job_runs") == 2 * workers * rounds
        own = ledger.query("SELECT job, count(*) FROM forecasts WHERE job != 'shared' GROUP BY job")
        assert own == [(f"job{worker}", rounds) for worker in range(workers)]
        assert count(ledger, "forecasts", "job = 'shared'") == rounds  # the same key, whoever came first
        assert count(ledger, "points") == (workers + 1) * rounds * 5 * 3
        scored = count(ledger, "forecast_points", "actual IS NOT NULL AND job != 'shared'")
        assert scored == workers * 5 * (1 + 2 + 3 * (rounds - 3))


def test_killed_at_any_moment_it_is_whole(path: Path) -> None:
    generator = np.random.default_rng(0)
    context = multiprocessing.get_context("fork")
    for attempt in range(12):
        process = context.Process(target=writes, args=(path, attempt, 30))
        process.start()
        time.sleep(generator.uniform(0.005, 0.15))
        process.kill()
        process.join()
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "points") == count(ledger, "forecasts") * 5 * 3
        assert count(ledger, "forecasts") > 0
        enter(ledger, undated([1, 2, 3]), run_id="next")
