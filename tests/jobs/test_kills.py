"""Runs killed at any moment: the next run works, and nothing is torn, lost, doubled or left over."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from forecast_cli import bundle
from forecast_cli.files import is_running
from tests.jobs.job_folder import Folder
from tests.jobs.live_runs import LOGGING, live

KILLS = 4
"""Every fourth killed run trains."""

MAX_PAUSE_SECONDS = 0.2
"""Longest pause between a line of the log and the kill: between two lines, anything may be going on."""

JOBS = ("north", "south", "west")
TRAINING = 'retrain = "always"\noutput = ["out/west.csv", "out/west-{date}.csv", "out/west.json", "out/west.png"]\n'
HORIZON = 3

STABLE = {
    "forecasts": "SELECT id, run_id, job, model, fingerprint, horizon FROM forecasts",
    "points": "SELECT origin, step, time, forecast, naive FROM points",
    "job_runs": "SELECT run_id, job, outcome, fingerprint, scored FROM job_runs",
    "models": "SELECT job, version FROM models",
}
"""Columns of the ledger that never change."""


def test_the_run_after_a_kill_at_any_moment_works(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = folder.path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    months = 60
    folder.ready(*JOBS, months=months)
    lines = {}
    for training in (True, False):
        months += 1
        prepare(folder, months, training)
        lines[training] = run_well(folder)

    moments = random.Random(4)
    killed = 0
    for turn in range(KILLS):
        months += 1
        training = turn % 4 == 0
        prepare(folder, months, training)
        before = ledger_rows(folder)
        killed += kill_after(folder, moments.randrange(lines[training]), moments.uniform(0, MAX_PAUSE_SECONDS))
        check_files(folder)
        run_well(folder)
        check_ledger(folder, before, forecasts=months - 60)
        check_files(folder)
        check_outputs(folder)
        assert [path.name for path in temporary.iterdir() if path.name.startswith(("forecast-", "pymp-"))] == []
    assert killed > 0


def test_temporary_files_of_a_killed_run_are_removed_by_the_next_run(folder: Folder) -> None:
    """Also those of a process that has ended, but whose parent has not noticed yet."""
    folder.ready("north")
    out = folder.path / "out"
    out.mkdir()
    with subprocess.Popen(["true"]) as gone:
        pass
    others = [out / name for name in (".northern.1.csv", ".north-2026-01-31.csv", f".north.{os.getpid()}.csv")]
    with subprocess.Popen(["true"]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        names = (f".north.{gone.pid}.csv", f".north-2026-01-31.{gone.pid}.csv", f".north.{zombie.pid}.csv")
        for path in (*[out / name for name in names], *others):
            path.write_text("date,forec")
        run_well(folder)
    assert {path for path in out.iterdir() if path.name.startswith(".")} == set(others)


def prepare(folder: Folder, months: int, training: bool) -> None:
    folder.describe(*JOBS, more=TRAINING if training else "")
    for name in JOBS:
        folder.data(name, months)


def kill_after(folder: Folder, lines: int, seconds: float) -> bool:
    """Kill the first process of a run some time after a number of lines of its log; whether it was still running."""
    with live(folder.command(*LOGGING)) as run:
        assert run.process.stderr is not None
        for _ in range(lines):
            run.process.stderr.readline()
        time.sleep(seconds)
        code, _ = run.end(signal.SIGKILL)
        assert code in (-signal.SIGKILL, 0)
    # The processes of its jobs end with it, a moment later; until then their temporary files are theirs.
    while any(map(is_running, writers(folder))):
        time.sleep(0.01)
    return code != 0


def writers(folder: Folder) -> list[int]:
    """The ids of the processes whose temporary files lie among the outputs."""
    return [int(path.name.split(".")[-2].split("-")[0]) for path in (folder.path / "out").glob(".*")]


def run_well(folder: Folder) -> int:
    """A run that succeeds and has recorded what it prints; the number of lines in its log."""
    done = folder.run_apart("--format", "json", *LOGGING)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    query = f"SELECT job, outcome, model, scored FROM job_runs WHERE run_id = '{printed['run']}' ORDER BY job"
    recorded = folder.query(query)
    assert recorded == [(job["job"], job["outcome"], job["model"], job["scored"]) for job in printed["jobs"]]
    assert {outcome for _, outcome, _, _ in recorded} <= {"forecast", "unchanged"}
    return done.stderr.count("\n")


def ledger_rows(folder: Folder) -> dict[str, set[tuple[Any, ...]]]:
    return {name: set(folder.query(sql)) for name, sql in STABLE.items()}


def check_ledger(folder: Folder, before: dict[str, set[tuple[Any, ...]]], forecasts: int) -> None:
    """Earlier rows still exist, and each job has one whole forecast of each of its data files."""
    after = ledger_rows(folder)
    assert all(rows <= after[name] for name, rows in before.items())
    assert folder.query("PRAGMA integrity_check") == [("ok",)]
    assert folder.query("PRAGMA foreign_key_check") == []
    each = "SELECT job, count(*), count(DISTINCT fingerprint) FROM forecasts GROUP BY job ORDER BY job"
    assert folder.query(each) == [(job, forecasts, forecasts) for job in JOBS]
    assert folder.query("SELECT DISTINCT count(*) FROM origins GROUP BY forecast") == [(1,)]
    assert folder.query("SELECT DISTINCT count(*) FROM points GROUP BY origin") == [(HORIZON,)]
    without_job_run = "SELECT count(*) FROM forecasts NATURAL LEFT JOIN job_runs WHERE outcome IS NOT 'forecast'"
    assert folder.query(without_job_run) == [(0,)]
    unscored = "SELECT count(*) FROM points WHERE (actual IS NULL) != (time > (SELECT max(cutoff) FROM origins))"
    assert folder.query(unscored) == [(0,)]


def check_files(folder: Folder) -> None:
    """All outputs and models are whole."""
    for path in (folder.path / "out").glob("[!.]*"):
        check_whole(path)
    for name in JOBS:
        bundle.load(folder.path / "forecast-state" / "models" / name)


def check_outputs(folder: Folder) -> None:
    """The outputs are those of the last forecast, and no temporary files are left."""
    for name in JOBS:
        rows = (
            "SELECT p.forecast FROM points p JOIN origins o ON o.id = p.origin "
            f"WHERE o.forecast = (SELECT max(id) FROM forecasts WHERE job = '{name}') ORDER BY step"
        )
        recorded = [value for (value,) in folder.query(rows)]
        latest, dated = folder.path / "out" / f"{name}.csv", max((folder.path / "out").glob(f"{name}-*.csv"))
        assert numbers(latest) == numbers(dated) == pytest.approx(recorded)
    assert list((folder.path / "out").glob(".*")) == []
    assert list((folder.path / "forecast-state").rglob("*.tmp")) == []


def check_whole(path: Path) -> None:
    match path.suffix:
        case ".csv":
            assert len(numbers(path)) == HORIZON
        case ".json":
            assert len(json.loads(path.read_text())) == HORIZON
        case ".png":
            content = path.read_bytes()
            assert content.startswith(b"\x89PNG")
            assert content.endswith(b"IEND\xaeB`\x82")


def numbers(path: Path) -> list[float]:
    text = path.read_text()
    assert text.endswith("\n")
    return [float(row["forecast"]) for row in csv.DictReader(text.splitlines())]
