"""Runs that are stopped by a signal: they end at once, with no process left running, and record the interruption."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from forecast_cli.bundle.writer import CHECKPOINT
from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import STATISTICAL, Folder, make_old
from tests.jobs.live_runs import LOGGING, LiveRun, live, restless, until

PROMPT_SECONDS = 60.0
"""Limit for the end of the last process. It takes half a second on an idle machine; without the signal, the run would
go on for much longer."""

SIGNALS = ((signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED))

SLOW_STAGES = {
    "read": (6000, 3, "out/sales.csv"),
    "predict": (1500, 5000, "out/sales.csv"),
    "write": (10, 3, "out/pipe.csv"),
}
"""Series, horizon and output with which a stage takes so long that a signal arrives before its end."""


def assert_stops(folder: Folder, ready: Callable[[LiveRun], object], *args: str) -> None:
    """A run stops at each signal once it is `ready`, and the ledger says that the job "sales" was interrupted."""
    for sent, code in SIGNALS:
        with live(folder.command(*LOGGING, *args)) as run:
            ready(run)
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT_SECONDS) == (code, True)
        last = "(SELECT id, exit_code, ended FROM runs ORDER BY started DESC LIMIT 1)"
        assert folder.query(f"SELECT exit_code, ended IS NOT NULL FROM {last}") == [(code, 1)]
        row = f"SELECT outcome FROM job_runs JOIN {last} ON id = run_id WHERE job = 'sales'"
        assert folder.query(row) == [("interrupted",)]


def assert_next_run_succeeds(folder: Folder) -> None:
    """The next run forecasts, and leaves no temporary files."""
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    assert list((folder.path / "out").glob(".*")) == []
    assert list((folder.path / "forecast-state").rglob("*.tmp")) == []


def test_a_run_that_waits_for_missing_data(folder: Folder) -> None:
    folder.ready("visits", "sales")
    data = folder.path / "data" / "sales.csv"
    late = data.rename(data.with_suffix(".late"))
    folder.describe("visits", "sales", more='retries = 3\nretry-delay = "1000s"\n')

    def ready(run: LiveRun) -> None:
        entries = [run.await_entry(visits_ended_or_sales_waits) for _ in range(2)]
        assert {entry["job"] for entry in entries} == {"visits", "sales"}

    def visits_ended_or_sales_waits(entry: dict[str, object]) -> bool:
        return "outcome" in entry or "Trying again in 1000 s" in str(entry["message"])

    assert_stops(folder, ready)
    outcomes = folder.query("SELECT outcome FROM job_runs WHERE job = 'visits' ORDER BY started")
    assert outcomes == [("forecast",), ("unchanged",)]
    late.rename(data)
    assert_next_run_succeeds(folder)


def test_a_run_whose_data_are_being_written(folder: Folder) -> None:
    folder.ready("sales")
    folder.describe("sales", more='retries = 9\nretry-delay = "1s"\n')
    with restless(folder.path / "data" / "sales.csv"):
        assert_stops(folder, lambda run: run.await_stage("find"))
    folder.data("sales", 120)
    assert_next_run_succeeds(folder)


@pytest.mark.parametrize("stage", SLOW_STAGES)
def test_a_run_in_the_middle_of_a_stage(folder: Folder, stage: str) -> None:
    series, horizon, output = SLOW_STAGES[stage]
    folder.ready("sales")
    write_long_data(folder.path / "data" / "sales.csv", series)
    folder.describe("sales", more=f'horizon = {horizon}\noutput = ["{output}", "out/last.csv"]\n')
    (folder.path / "out").mkdir()
    os.mkfifo(folder.path / "out" / "pipe.csv")  # without a reader, writing to it blocks
    assert_stops(folder, lambda run: run.await_stage(stage))
    assert not (folder.path / "out" / "last.csv").exists()
    folder.data("sales", 120)
    folder.describe("sales")
    assert_next_run_succeeds(folder)


def write_long_data(path: Path, series: int) -> None:
    """Data of many series of 120 months."""
    months = [f"{year}-{month:02}-01" for year in range(1990, 2000) for month in range(1, 13)]
    rows = [f"s{row},{month},{row % 7 + step + 1}" for row in range(series) for step, month in enumerate(months)]
    path.write_text("\n".join(["id,month,value", *rows]) + "\n")
    make_old(path)


def test_a_run_that_trains(folder: Folder) -> None:
    folder.describe("sales", more="epochs = 5000\n")
    folder.data("sales", 120)
    checkpoint = folder.path / "forecast-state" / "models" / "sales" / CHECKPOINT

    def ready(run: LiveRun) -> None:
        run.await_stage("train")
        until(checkpoint.exists)
        checkpoint.unlink()

    assert_stops(folder, ready)
    folder.describe("sales", defaults=STATISTICAL)  # the next run trains too, but in no time
    assert_next_run_succeeds(folder)


def test_a_run_that_waits_for_another_run(folder: Folder) -> None:
    folder.ready("sales")
    folder.ledger.parent.mkdir(exist_ok=True)
    for sent, code in SIGNALS:
        lock = FileLock(folder.ledger.parent / ".jobs.lock")
        with lock, live(folder.command(*LOGGING, "--wait")) as run:
            run.await_entry(lambda entry: "Waiting" in entry["message"])
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT_SECONDS) == (code, True)
    assert_next_run_succeeds(folder)


def test_a_run_that_waits_for_a_locked_ledger(folder: Folder) -> None:
    folder.ready("sales")
    folder.outcomes()
    folder.data("sales", 121)
    for sent, code in SIGNALS:
        with closing(sqlite3.connect(folder.ledger, isolation_level=None)) as other, live(folder.command()) as run:
            other.execute("BEGIN IMMEDIATE")
            until(lambda run=run: folder.ledger in run.open_files())
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT_SECONDS) == (code, True)
    assert_next_run_succeeds(folder)
