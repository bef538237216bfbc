"""A folder with a job file, data and models, and the program run on it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.run_here import run_here
from tests.trained_model import TrainedModel

AIRLINE = Path(__file__).parents[2] / "sample_data" / "airline_passengers.csv"
PROGRAM = [sys.executable, "-m", "forecast_cli"]

DEFAULTS = """
[defaults]
horizon = 3
retrain = "never"
model = "lstm+smoothing"
retries = 0
epochs = 1
units = "4"
preset = "fast"
output = ["out/{name}.csv", "out/{name}-{date}.csv"]
"""

STATISTICAL = DEFAULTS.replace('epochs = 1\nunits = "4"\n', "").replace("lstm+smoothing", "theta")
"""The same with a model that is trained in no time."""


@dataclass(frozen=True)
class Folder:
    """Jobs whose data are the first months of the airline passengers; `model` is a trained model of them."""

    path: Path
    model: TrainedModel

    @property
    def jobs(self) -> Path:
        return self.path / "jobs.toml"

    @property
    def ledger(self) -> Path:
        return self.path / "forecast-state" / "ledger.sqlite"

    def describe(self, *names: str, defaults: str = DEFAULTS, more: str = "") -> None:
        """Write the job file; `more` are further lines of the last job."""
        tables = [f'[jobs.{name}]\ndata = "data/{name}.csv"\n' for name in names]
        self.jobs.write_text(defaults + "".join(tables) + more)

    def data(self, name: str, months: int, **edits: str) -> Path:
        """Write the first `months` of the data; `edits` replace values of months, as m1950_03="17"."""
        lines = AIRLINE.read_text().splitlines()[: months + 1]
        new = {month.removeprefix("m").replace("_", "-"): value for month, value in edits.items()}
        lines = [f"{line.split(',')[0]},{new[line[:7]]}" if line[:7] in new else line for line in lines]
        path = self.path / "data" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        make_old(path)
        return path

    def trained(self, name: str) -> Path:
        """Give a job the trained model."""
        directory = self.path / "forecast-state" / "models" / name
        shutil.copytree(self.model.directory, directory)
        return directory

    def ready(self, *names: str, months: int = 120) -> None:
        """Write jobs with data and a model; nothing is forecast yet."""
        self.describe(*names)
        for name in names:
            self.data(name, months)
            self.trained(name)

    def run(self, *args: object) -> subprocess.CompletedProcess[str]:
        """Run the jobs from this process. Each job has its own process; all tests share one fork server."""
        return run_here("run", self.jobs, *args)

    def run_apart(self, *args: object, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the jobs as a user does, in a process of its own, in which `limit` is called first."""
        command = self.command(*args)
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, preexec_fn=limit)

    def command(self, *args: object) -> list[str]:
        return [*PROGRAM, "run", str(self.jobs), *map(str, args)]

    def outcomes(self, *args: object, code: int = 0) -> dict[str, dict[str, Any]]:
        """Run the jobs. Returns the entry of each job in the JSON summary."""
        done = self.run("--format", "json", *args)
        assert done.returncode == code, done.stderr
        return {job["job"]: job for job in json.loads(done.stdout)["jobs"]}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            return connection.execute(sql).fetchall()


def make_old(path: Path) -> None:
    """Set the time of the file's last change so far back that a run does not wait for it to settle."""
    os.utime(path, (time.time() - 60,) * 2)
