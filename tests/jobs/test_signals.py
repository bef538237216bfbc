"""Runs that are told to stop, in every stage: they do, at once, with nothing left running and the ledger told."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from forecast_cli.bundle.writer import CHECKPOINT
from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder
from tests.jobs.live_runs import SPEAKING, LiveRun, live, restless, until

PROMPT = 5.0
"""Seconds in which its last process has ended; it takes a tenth of that where the machine has nothing else to do."""

SIGNALS = ((signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED))


def stops_where(folder: Folder, where: Callable[[LiveRun], object], *args: str) -> None:
    """A run stops at each of the signals once it is `where` it should be, and the ledger says that "sales" was cut."""
    for sent, code in SIGNALS:
        with live(folder.command(*SPEAKING, *args)) as run:
            where(run)
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT) == (code, True)
        last = "(SELECT id, exit_code, ended FROM runs ORDER BY started DESC LIMIT 1)"
        assert folder.query(f"SELECT exit_code, ended IS NOT NULL FROM {last}") == [(code, 1)]
        row = f"SELECT outcome FROM job_runs JOIN {last} ON id = run_id WHERE job = 'sales'"
        assert folder.query(row) == [("interrupted",)]


def goes_well(folder: Folder) -> None:
    """The next run does what those that were stopped did not, and leaves nothing beside its outputs."""
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    assert list((folder.path / "out").glob(".*")) == []
    assert list((folder.path / "forecast-state").rglob("*.tmp")) == []


def test_while_it_waits_for_data_that_are_not_there(folder: Folder) -> None:
    folder.ready("visits", "sales")
    data = folder.path / "data" / "sales.csv"
    late = data.rename(data.with_suffix(".late"))
    folder.describe("visits", "sales", more='retries = 3\nretry-delay = "100s"\n')

    def waiting(run: LiveRun) -> None:
        told = [run.await_entry(visits_are_done_or_sales_wait) for _ in range(2)]
        assert {entry["job"] for entry in told} == {"visits", "sales"}

    def visits_are_done_or_sales_wait(entry: dict[str, object]) -> bool:
        return "outcome" in entry or "Trying again in 100 s" in str(entry["message"])

    stops_where(folder, waiting)
    outcomes = folder.query("SELECT outcome FROM job_runs WHERE job = 'visits' ORDER BY started")
    assert outcomes == [("forecast",), ("unchanged",)]
    late.rename(data)
    goes_well(folder)


def test_while_its_data_are_still_being_written(folder: Folder) -> None:
    folder.ready("sales")
    with restless(folder.path / "data" / "sales.csv"):
        stops_where(folder, lambda run: run.await_stage("find"))
    folder.data("sales", 120)
    goes_well(folder)


@pytest.mark.parametrize("stage", ["read", "predict", "write"])
def test_while_it_works(folder: Folder, stage: str) -> None:
    folder.ready("sales")
    many_series(folder.path / "data" / "sales.csv")
    folder.describe("sales", more='output = ["out/sales.png", "out/sales.csv"]\n')
    stops_where(folder, lambda run: run.await_stage(stage))
    assert not (folder.path / "out" / "sales.csv").exists()
    folder.data("sales", 120)
    folder.describe("sales")
    goes_well(folder)


def many_series(path: Path) -> None:
    """Data that take a while to be read and forecast."""
    months = [f"{year}-{month:02}-01" for year in range(1990, 2000) for month in range(1, 13)]
    rows = [f"s{series},{month},{series % 7 + step + 1}" for series in range(1500) for step, month in enumerate(months)]
    path.write_text("\n".join(["id,month,value", *rows]) + "\n")
    os.utime(path, (time.time() - 60,) * 2)


def test_while_it_trains(folder: Folder) -> None:
    folder.describe("sales", more="epochs = 5000\n")
    folder.data("sales", 120)
    checkpoint = folder.path / "forecast-state" / "models" / "sales" / CHECKPOINT

    def training(run: LiveRun) -> None:
        run.await_stage("train")
        until(checkpoint.exists)
        checkpoint.unlink()

    stops_where(folder, training)
    folder.describe("sales")
    goes_well(folder)


def test_while_it_waits_for_another_run(folder: Folder) -> None:
    folder.ready("sales")
    folder.ledger.parent.mkdir(exist_ok=True)
    for sent, code in SIGNALS:
        lock = FileLock(folder.ledger.parent / ".jobs.lock")
        with lock, live(folder.command(*SPEAKING, "--wait")) as run:
            run.await_entry(lambda entry: "Waiting" in entry["message"])
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT) == (code, True)
    goes_well(folder)


def test_while_another_process_keeps_the_ledger(folder: Folder) -> None:
    folder.ready("sales")
    folder.outcomes()
    folder.data("sales", 121)
    for sent, code in SIGNALS:
        with closing(sqlite3.connect(folder.ledger, isolation_level=None)) as other, live(folder.command()) as run:
            other.execute("BEGIN IMMEDIATE")
            until(lambda run=run: folder.ledger in run.open_files())
            ended, seconds = run.end(sent)
        assert (ended, seconds < PROMPT) == (code, True)
    goes_well(folder)
