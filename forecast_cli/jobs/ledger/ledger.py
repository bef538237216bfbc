"""The ledger: runs, forecasts and their actual values, in one SQLite file.

    run -- job run                 a run, and what each job did in it
    model                          a model that made forecasts
    forecast -- origin -- point    a forecast, each series in it, each step of it; the actual value is added later
    seen                           a snapshot of each job's data at the last run
    anomaly                        a range of surprising points in the data of a job
    owner                          the job file that each job belongs to

Several processes may use the ledger at the same time. Each change is one transaction: if a process is killed, either
the whole change is recorded or nothing.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from forecast_cli import __version__
from forecast_cli.errors import DataError, UsageError, did_you_mean
from forecast_cli.jobs.ledger.actuals import values_at
from forecast_cli.jobs.ledger.database import Database
from forecast_cli.jobs.ledger.entries import (
    insert_anomalies,
    insert_forecast,
    insert_job_run,
    insert_model,
    insert_snapshot,
)
from forecast_cli.jobs.ledger.intervals import width_factors
from forecast_cli.jobs.ledger.records import (
    AnomalyRow,
    Evidence,
    ForecastRow,
    ModelRow,
    Snapshot,
    as_integers,
    unpacked,
)
from forecast_cli.jobs.ledger.retention import prune
from forecast_cli.outcomes import JobRun
from forecast_cli.panel.panel import Panel
from forecast_cli.words import counted, utc_text

log = logging.getLogger(__name__)

LOCK_WAIT_SECONDS = 30.0
RUNS_OF_CLOCK = 11
"""`Ledger.trusted_now` takes the median of the times of this many last runs. So the time of a wrong clock is taken when
more than half of them have been made with it."""


class Ledger(Database):
    """The open ledger. Every method can raise the errors of `Database`."""

    @classmethod
    def open(cls, path: Path, wait: float = LOCK_WAIT_SECONDS) -> Self:
        """Open the ledger. It is created if it does not exist, and migrated if it is of an older version.

        wait: how many seconds to wait while another process has the file locked
        """
        return cls.create(path, wait)

    @classmethod
    def open_existing(cls, path: Path, wait: float = LOCK_WAIT_SECONDS) -> Self:
        """Open an existing ledger. Raises DataError if the file does not exist."""
        if not path.is_file():
            raise DataError(f"There is no ledger yet at {path}.", "'forecast run jobs.toml' creates one.")
        return cls.existing(path, wait)

    # --- runs

    def owners(self, jobs: Collection[str]) -> dict[str, Path]:
        """The job files that own jobs, as {name of the job: path}, sorted by name. Jobs without owner are left out."""
        rows = self.query("SELECT job, job_file FROM owners ORDER BY job")
        return {job: Path(job_file) for job, job_file in rows if job in jobs}

    def claim(self, jobs: Collection[str], job_file: Path, owners: Mapping[str, Path]) -> bool:
        """Make a job file the owner of the named jobs. Returns whether this was done.

        owners: the owners as the caller read them. If another run has changed an owner since, nothing is done.
        """
        with self.transaction():
            if self.owners(jobs) != owners:
                return False
            self.change_each(
                "INSERT INTO owners VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET job_file = excluded.job_file",
                [(job, str(job_file)) for job in jobs],
            )
        return True

    def start_run(self, run_id: str, job_file: Path, started: datetime) -> None:
        self.change(
            "INSERT INTO runs (id, job_file, started, program_version) VALUES (?, ?, ?, ?)",
            (run_id, str(job_file), utc_text(started), __version__),
        )

    def finish_run(self, run_id: str, ended: datetime, exit_code: int) -> None:
        self.change("UPDATE runs SET ended = ?, exit_code = ? WHERE id = ?", (utc_text(ended), int(exit_code), run_id))

    def recorded_jobs(self, run_id: str) -> set[str]:
        """The names of the jobs whose result in this run is recorded already."""
        return {job for (job,) in self.query("SELECT job FROM job_runs WHERE run_id = ?", (run_id,))}

    def check_jobs(self, jobs: Collection[str]) -> None:
        """Raise UsageError for a job that has never run."""
        known = [job for (job,) in self.query("SELECT DISTINCT job FROM job_runs UNION SELECT job FROM forecasts")]
        for job in jobs:
            if job not in known:
                raise UsageError(f"{job}: no such job has run yet.{did_you_mean(job, known)}", option="job")

    # --- one job

    def record(
        self,
        job_run: JobRun,
        model: ModelRow | None = None,
        forecast: ForecastRow | None = None,
        snapshot: Snapshot | None = None,
        anomalies: Sequence[AnomalyRow] = (),
    ) -> None:
        """Record what a job did in a run, in one transaction.

        A job run replaces an earlier row with the same run and job. A model is not recorded again if the ledger has the
        same version of it. A forecast is not recorded again if the ledger has one with the same job, data, model and
        horizon. So recording the same again adds no rows.
        """
        with self.transaction():
            insert_job_run(self, job_run)
            if model is not None:
                insert_model(self, model)
            if forecast is not None:
                insert_forecast(self, job_run, forecast)
            insert_anomalies(self, job_run, anomalies)
            if snapshot is not None:
                insert_snapshot(self, job_run.job, snapshot)

    def snapshot(self, job: str) -> Snapshot | None:
        """The snapshot of a job's data at its last recorded run; None if there is none."""
        rows = self.query(
            "SELECT panel, fingerprint, since, columns, freq, season_length, tz FROM seen WHERE job = ?", (job,)
        )
        if not rows:
            return None
        content, fingerprint, since, columns, *calendar = rows[0]
        with self.intact(f"snapshot of job {job}"):
            return unpacked(content, fingerprint, datetime.fromisoformat(since), tuple(json.loads(columns)), *calendar)

    def last_training(self, job: str) -> datetime | None:
        """When the last training of the job's model ended; None if there was none.

        A training counts even if the old model was kept after it.
        """
        ((ended,),) = self.query("SELECT max(ended) FROM job_runs WHERE job = ? AND training != ''", (job,))
        with self.intact("times of trainings"):
            return None if ended is None else datetime.fromisoformat(ended)

    def has_forecast(self, job: str, fingerprint: str, model: str, horizon: int) -> bool:
        """Whether a forecast is recorded with this job, data, model and horizon.

        fingerprint: the digest of the data
        model:       the version of the model
        """
        key = (job, fingerprint, model, horizon)
        where = "job = ? AND fingerprint = ? AND model = ? AND horizon = ?"
        return bool(self.query(f"SELECT 1 FROM forecasts WHERE {where}", key))

    def width_factors(self, job: str, levels: Sequence[float]) -> dict[float, float]:
        """Level of an interval in percent -> the factor on its width, as `intervals.width_factors` computes it."""
        return width_factors(self, job, levels)

    # --- actual values

    def score(self, job: str, panel: Panel, restated_from: np.datetime64 | int | None = None) -> int:
        """Store the actual values in a panel with the earlier forecasts of a job.

        Returns the number of forecast points that got their first actual value.

        restated_from: stored actual values at this time or later are corrected if the panel has another value; None
                       corrects none
        """
        times = as_integers(panel.times)
        if not len(times):
            return 0
        first, last = int(times.min()), int(times.max())
        new = self._changed_actuals(job, panel, "IS NULL", first, last)
        corrected = []
        if restated_from is not None:
            since = int(as_integers(np.array(restated_from)))
            corrected = self._changed_actuals(job, panel, "IS NOT NULL", since, last)
        if new or corrected:
            with self.transaction():
                self.change_each("UPDATE points SET actual = ? WHERE origin = ? AND step = ?", [*new, *corrected])
        if corrected:
            log.info("Corrected %s of earlier forecasts.", counted(len(corrected), "restated actual value"))
        return len(new)

    def _changed_actuals(
        self, job: str, panel: Panel, condition: str, first: int, last: int
    ) -> list[tuple[float, int, int]]:
        """The forecast points of a job whose stored actual value differs from the panel, as (value, origin, step).

        condition:   "IS NULL" for points without a stored actual value, "IS NOT NULL" for those with one
        first, last: only points between these times, as integers
        """
        points = self.query(
            "SELECT s.name, p.time, p.actual, p.origin, p.step FROM series s JOIN points p ON p.series = s.id "
            f"WHERE s.job = ? AND p.actual {condition} AND p.time BETWEEN ? AND ?",
            (job, first, last),
        )
        values = values_at(panel, [point[0] for point in points], np.array([point[1] for point in points], np.int64))
        return [
            (value, origin, step)
            for value, (_, _, stored, origin, step) in zip(values.tolist(), points, strict=True)
            if value != stored and not math.isnan(value)
        ]

    def evidence(self, job: str, model: str, limit: int) -> Evidence:
        """The accuracy of the latest forecasts of a model. At most `limit` forecasts with an actual value are used.

        model: the version of the model
        """
        ((mase, naive, points),) = self.query(
            "SELECT avg(abs(p.forecast - p.actual) / o.scale), avg(abs(p.naive - p.actual) / o.scale), count(*) "
            "FROM points p JOIN origins o ON o.id = p.origin "
            "WHERE p.actual IS NOT NULL AND p.naive IS NOT NULL AND o.scale > 0 AND o.forecast IN ("
            "SELECT f.id FROM forecasts f WHERE f.job = ? AND f.model = ? AND EXISTS (SELECT 1 FROM origins o "
            "JOIN points p ON p.origin = o.id WHERE o.forecast = f.id AND p.actual IS NOT NULL) "
            "ORDER BY f.id DESC LIMIT ?)",
            (job, model, limit),
        )
        return Evidence(math.nan if mase is None else mase, math.nan if naive is None else naive, points)

    # --- retention

    def trusted_now(self, now: datetime) -> datetime:
        """The median start time of the last runs, or `now` if this is earlier.

        So a clock that goes wrong for a few runs does not make all entries old.
        """
        rows = self.query("SELECT started FROM runs ORDER BY rowid DESC LIMIT ?", (RUNS_OF_CLOCK,))
        with self.intact("times of runs"):
            times = sorted(datetime.fromisoformat(started) for (started,) in rows)
            return min(now, times[(len(times) - 1) // 2]) if times else now

    def prune(self, before: datetime) -> None:
        """Delete entries from before a time, as `retention.prune` does."""
        prune(self, before)
