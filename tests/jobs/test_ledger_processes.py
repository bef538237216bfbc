"""Several processes use one ledger: locks, signals and kills."""

from __future__ import annotations

import math
import multiprocessing
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import LockedError
from forecast_cli.jobs.ledger.ledger import Ledger
from tests.jobs.ledger_samples import NOON, count, job_run, record_forecast
from tests.jobs.live_runs import GIVE_UP_SECONDS
from tests.sample_panels import undated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite"


@contextmanager
def locked_elsewhere(path: Path) -> Iterator[sqlite3.Connection]:
    """The ledger is locked for writing until the connection commits, or the context ends."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@pytest.mark.slow
def test_a_locked_ledger_is_waited_for(path: Path) -> None:
    with Ledger.open(path) as ledger, locked_elsewhere(path) as other:
        release = threading.Timer(0.6, other.execute, ("COMMIT",))
        release.start()
        ledger.start_run("run", Path("jobs.toml"), NOON)
        assert count(ledger, "runs") == 1
        release.join()


@pytest.mark.slow
def test_a_ledger_that_stays_locked_is_reported(path: Path) -> None:
    with Ledger.open(path, wait=0.5) as ledger:
        record_forecast(ledger, undated([1, 2, 3]))
        with locked_elsewhere(path):
            with pytest.raises(LockedError) as raised:
                ledger.record(job_run(outcome="failed"))
            assert "was locked by another process for 0.5 seconds" in raised.value.message
            assert ledger.has_forecast("sales", "[3]", "model", 3)  # reading is still possible
        ledger.record(job_run(outcome="failed"))


def test_a_signal_interrupts_the_wait_for_a_lock(path: Path) -> None:
    with Ledger.open(path, wait=math.inf) as ledger:
        with locked_elsewhere(path):
            before = signal.signal(signal.SIGALRM, signal.default_int_handler)
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.3)
                with pytest.raises(KeyboardInterrupt):
                    ledger.start_run("run", Path("jobs.toml"), NOON)
            finally:
                signal.signal(signal.SIGALRM, before)
        assert count(ledger, "runs") == 0


def write_rounds(path: Path, worker: int, rounds: int, done: Connection | None = None) -> None:
    """Record forecasts of two jobs in each round, and report its end through `done`."""
    panel = undated(*np.random.default_rng(worker).normal(size=(5, 40)))
    for turn in range(rounds):
        with Ledger.open(path) as ledger:
            known = panel.drop_last(rounds - turn)
            ledger.score(f"job{worker}", known)
            record_forecast(ledger, known, run_id=f"{worker}-{turn}", job=f"job{worker}")
            record_forecast(ledger, known, run_id=f"{worker}-{turn}", job="shared")
        if done is not None:
            done.send(turn)


def test_several_processes_create_and_write_one_ledger(path: Path) -> None:
    workers, rounds = 6, 8
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_rounds, args=(path, worker, rounds)) for worker in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(GIVE_UP_SECONDS)
    assert [process.exitcode for process in processes] == [0] * workers
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "runs") == workers * rounds
        assert count(ledger, "job_runs") == 2 * workers * rounds
        own = ledger.query("SELECT job, count(*) FROM forecasts WHERE job != 'shared' GROUP BY job")
        assert own == [(f"job{worker}", rounds) for worker in range(workers)]
        assert count(ledger, "forecasts", "job = 'shared'") == rounds  # the same key, whichever process was first
        assert count(ledger, "points") == (workers + 1) * rounds * 5 * 3
        scored = count(ledger, "forecast_points", "actual IS NOT NULL AND job != 'shared'")
        assert scored == workers * 5 * (1 + 2 + 3 * (rounds - 3))


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_a_whole_ledger(path: Path) -> None:
    """Each process is killed some milliseconds after one of its first rounds."""
    generator = np.random.default_rng(0)
    context = multiprocessing.get_context("fork")
    for attempt in range(12):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=write_rounds, args=(path, attempt, 30, sender))
        process.start()
        sender.close()
        for _ in range(attempt % 4):
            receiver.recv()
        time.sleep(generator.uniform(0, 0.03))
        process.kill()
        process.join()
    with Ledger.open(path) as ledger:
        assert ledger.query("PRAGMA integrity_check") == [("ok",)]
        assert count(ledger, "points") == count(ledger, "forecasts") * 5 * 3
        assert count(ledger, "forecasts") > 0
        record_forecast(ledger, undated([1, 2, 3]), run_id="next")
