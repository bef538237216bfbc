"""Runs that are killed at any moment: the next one simply works, and nothing is torn, lost, doubled or left behind."""

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
from tests.jobs.job_folder import Folder
from tests.jobs.live_runs import live

KILLS = 6
"""Every third of them meets a run that trains."""

JOBS = ("north", "south", "west")
TRAINING = 'retrain = "always"\noutput = ["out/west.csv", "out/west-{date}.csv", "out/west.json", "out/west.png"]\n'
HORIZON = 3

STABLE = {
    "forecasts": "SELECT id, run_id, job, model, fingerprint, horizon FROM forecasts",
    "points": "SELECT origin, step, time, forecast, naive FROM points",
    "job_runs": "SELECT run_id, job, outcome, fingerprint, scored FROM job_runs",
    "models": "SELECT job, version FROM models",
}
"""What the ledger never changes once it is there."""


def test_whatever_the_moment_of_a_kill_the_next_run_simply_works(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = folder.path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    months = 60
    folder.ready(*JOBS, months=months)
    seconds = {}
    for training in (True, False):
        months += 1
        prepare(folder, months, training)
        seconds[training] = run_well(folder)

    moments = random.Random(4)
    killed = 0
    for turn in range(KILLS):
        months += 1
        training = turn % 3 == 0
        prepare(folder, months, training)
        before = ledger_rows(folder)
        killed += kill_after(folder, moments.uniform(0, seconds[training]))
        check_files(folder)
        run_well(folder)
        check_ledger(folder, before, forecasts=months - 60)
        check_files(folder)
        check_outputs(folder)
        assert list(temporary.glob("forecast-*")) == []
    assert killed > 0


def test_what_a_run_killed_in_one_night_left_beside_its_outputs_goes_in_the_next(folder: Folder) -> None:
    folder.ready("north")
    out = folder.path / "out"
    out.mkdir()
    with subprocess.Popen(["true"]) as gone:
        pass
    left = [out / name.format(gone.pid) for name in (".north.{}.csv", ".north-2026-01-31.{}.csv")]
    others = [out / name for name in (".northern.1.csv", ".north-2026-01-31.csv", f".north.{os.getpid()}.csv")]
    for path in (*left, *others):
        path.write_text("date,forec")
    run_well(folder)
    assert {path for path in out.iterdir() if path.name.startswith(".")} == set(others)


def prepare(folder: Folder, months: int, training: bool) -> None:
    folder.describe(*JOBS, more=TRAINING if training else "")
    for name in JOBS:
        folder.data(name, months)


def kill_after(folder: Folder, seconds: float) -> bool:
    """Kill the first process of a run; whether it was still there."""
    with live(folder.command("--quiet")) as run:
        time.sleep(seconds)
        under_way = run.process.poll() is None
        code, _ = run.end(signal.SIGKILL)
        assert code == (-signal.SIGKILL if under_way else 0)
    return under_way


def run_well(folder: Folder) -> float:
    """A run that succeeds, and of which the ledger has what it says; the seconds that it took."""
    started = time.monotonic()
    done = folder.run("--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    kept = folder.query(f"SELECT job, outcome, model, scored FROM job_runs WHERE run_id = '{said['run']}' ORDER BY job")
    assert kept == [(job["job"], job["outcome"], job["model"], job["scored"]) for job in said["jobs"]]
    assert {outcome for _, outcome, _, _ in kept} <= {"forecast", "unchanged"}
    return time.monotonic() - started


def ledger_rows(folder: Folder) -> dict[str, set[tuple[Any, ...]]]:
    return {name: set(folder.query(sql)) for name, sql in STABLE.items()}


def check_ledger(folder: Folder, before: dict[str, set[tuple[Any, ...]]], forecasts: int) -> None:
    """The rows from before are there still, and each job has one forecast, whole, of all data that it was given."""
    after = ledger_rows(folder)
    assert all(rows <= after[name] for name, rows in before.items())
    assert folder.query("PRAGMA integrity_check") == [("ok",)]
    assert folder.query("PRAGMA foreign_key_check") == []
    each = "SELECT job, count(*), count(DISTINCT fingerprint) FROM forecasts GROUP BY job ORDER BY job"
    assert folder.query(each) == [(job, forecasts, forecasts) for job in JOBS]
    assert folder.query("SELECT DISTINCT count(*) FROM origins GROUP BY forecast") == [(1,)]
    assert folder.query("SELECT DISTINCT count(*) FROM points GROUP BY origin") == [(HORIZON,)]
    unaccounted = "SELECT count(*) FROM forecasts NATURAL LEFT JOIN job_runs WHERE outcome IS NOT 'forecast'"
    assert folder.query(unaccounted) == [(0,)]
    unscored = "SELECT count(*) FROM points WHERE (actual IS NULL) != (time > (SELECT max(cutoff) FROM origins))"
    assert folder.query(unscored) == [(0,)]


def check_files(folder: Folder) -> None:
    """Every output and every model is whole."""
    for path in (folder.path / "out").glob("[!.]*"):
        check_whole(path)
    for name in JOBS:
        bundle.load(folder.path / "forecast-state" / "models" / name)


def check_outputs(folder: Folder) -> None:
    """The outputs are those of the last forecast, and no temporary is beside them or beside the models."""
    for name in JOBS:
        rows = (
            "SELECT p.forecast FROM points p JOIN origins o ON o.id = p.origin "
            f"WHERE o.forecast = (SELECT max(id) FROM forecasts WHERE job = '{name}') ORDER BY step"
        )
        kept = [value for (value,) in folder.query(rows)]
        latest, dated = folder.path / "out" / f"{name}.csv", max((folder.path / "out").glob(f"{name}-*.csv"))
        assert numbers(latest) == numbers(dated) == pytest.approx(kept)
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
