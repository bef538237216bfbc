"""Runs that start at the same instant: one does the work."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder
from tests.jobs.live_runs import SPEAKING, live, restless, until

RUNS = 20


def test_of_twenty_runs_one_does_the_work_and_nineteen_end_at_once(folder: Folder) -> None:
    folder.ready("sales")
    folder.describe("sales", more='retries = 9\nretry-delay = "1s"\n')
    with ExitStack() as at_the_end:
        with restless(folder.path / "data" / "sales.csv"):  # so that the one that works cannot have ended before
            runs = [at_the_end.enter_context(live(folder.command("--format", "json"))).process for _ in range(RUNS)]
            until(lambda: len(still_there(runs)) == 1)
            (worker,) = still_there(runs)
            for other in runs:
                if other is not worker:
                    told, errors = other.communicate()
                    assert (other.returncode, told) == (ExitCode.LOCKED, "")
                    assert "Another run is at the jobs of" in errors
            waiting = at_the_end.enter_context(live(folder.command("--wait", "--format", "json", *SPEAKING)))
            waiting.await_entry(lambda entry: "Waiting for another run" in entry["message"])
            assert worker.poll() is None
        for run, outcome in ((worker, "forecast"), (waiting.process, "unchanged")):
            told, errors = run.communicate(timeout=300)
            assert run.returncode == ExitCode.OK, errors
            assert json.loads(told)["jobs"][0]["outcome"] == outcome
    assert folder.query("SELECT exit_code FROM runs") == [(ExitCode.OK,)] * 2
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]


def still_there(runs: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    return [run for run in runs if run.poll() is None]
