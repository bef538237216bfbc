"""Runs that start at the same moment: one does the work."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack

from forecast_cli.errors import ExitCode
from tests.jobs.job_folder import Folder, make_old
from tests.jobs.live_runs import GIVE_UP_SECONDS, LOGGING, live, restless, until

RUNS = 20


def test_one_of_twenty_runs_does_the_work_and_the_others_end_at_once(folder: Folder) -> None:
    """The run that works cannot end before the others have started: its data keep changing."""
    folder.ready("sales")
    folder.describe("sales", more='retries = 9\nretry-delay = "1s"\n')
    data = folder.path / "data" / "sales.csv"
    with ExitStack() as at_the_end:
        with restless(data):
            runs = [at_the_end.enter_context(live(folder.command("--format", "json"))).process for _ in range(RUNS)]
            until(lambda: len(still_running(runs)) == 1)
            (worker,) = still_running(runs)
            for other in runs:
                if other is not worker:
                    printed, errors = other.communicate()
                    assert (other.returncode, printed) == (ExitCode.LOCKED, "")
                    assert "Another run is working on the jobs of" in errors
            waiting = at_the_end.enter_context(live(folder.command("--wait", "--format", "json", *LOGGING)))
            waiting.await_entry(lambda entry: "Waiting for another run" in entry["message"])
            assert worker.poll() is None
        make_old(data)
        for run, outcome in ((worker, "forecast"), (waiting.process, "unchanged")):
            printed, errors = run.communicate(timeout=GIVE_UP_SECONDS)
            assert run.returncode == ExitCode.OK, errors
            assert json.loads(printed)["jobs"][0]["outcome"] == outcome
    assert folder.query("SELECT exit_code FROM runs") == [(ExitCode.OK,)] * 2
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]


def still_running(runs: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    return [run for run in runs if run.poll() is None]
