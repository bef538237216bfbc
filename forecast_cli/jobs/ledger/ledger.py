"""The ledger: each run, each forecast made, and what came instead, in one SQLite file.

    run -- job run                 what a run did
    model                          what forecast
    forecast -- origin -- point    a forecast, its series, their steps; the actual value is filled in when it has come
    seen                           what the data looked like at the last run

Several processes may use it at once. What is written is written in whole transactions: after a kill, whatever the
moment, a transaction is there or it is not.
"""

from __future__ import annotations

import json
import logging
import math
import zlib
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from forecast_cli import __version__
from forecast_cli.errors import DataError, ModelError
from forecast_cli.jobs.ledger.actuals import values_at
from forecast_cli.jobs.ledger.database import MOVE_AWAY, Database
from forecast_cli.jobs.ledger.owners import check_owner
from forecast_cli.jobs.ledger.records import (
    Evidence,
    Floats,
    ForecastRow,
    JobRun,
    ModelRow,
    Seen,
    as_counts,
    packed,
    unpacked,
)
from forecast_cli.panel.panel import Panel

__all__ = ["Evidence", "ForecastRow", "JobRun", "Ledger", "ModelRow", "Seen"]

log = logging.getLogger(__name__)

WAIT = 30.0


class Ledger(Database):
    """The ledger, open. See `Database` for what each method raises."""

    @classmethod
    def open(cls, path: Path, wait: float = WAIT) -> Self:
        """Open the ledger, begun with its folder where there is none yet, brought up to date where it is older."""
        return cls.begin(path, wait)

    @classmethod
    def open_existing(cls, path: Path, wait: float = WAIT) -> Self:
        """Open a ledger that is there. Raises DataError where there is none."""
        if not path.is_file():
            raise DataError(f"There is no ledger yet at {path}.", "'forecast run jobs.toml' begins one.")
        return cls.existing(path, wait)

    def claim(self, jobs: Collection[str], job_file: Path) -> None:
        """Enter that these jobs are those of a job file.

        Raises UsageError where one is that of another file, see `check_owner`.
        """
        with self.transaction():
            for job, owner in self.query("SELECT job, job_file FROM owners WHERE job_file != ?", (str(job_file),)):
                if job in jobs:
                    check_owner(job, Path(owner), job_file, self.path)
            self.change_each(
                "INSERT INTO owners VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET job_file = excluded.job_file",
                [(job, str(job_file)) for job in jobs],
            )

    def start_run(self, run_id: str, job_file: Path, started: datetime) -> None:
        self.change(
            "INSERT INTO runs (id, job_file, started, program_version) VALUES (?, ?, ?, ?)",
            (run_id, str(job_file), as_text(started), __version__),
        )

    def finish_run(self, run_id: str, ended: datetime, exit_code: int) -> None:
        self.change("UPDATE runs SET ended = ?, exit_code = ? WHERE id = ?", (as_text(ended), int(exit_code), run_id))

    def seen(self, job: str) -> Seen | None:
        """What the data of a job looked like when they were last recorded."""
        rows = self.query(
            "SELECT panel, fingerprint, since, columns, freq, season_length, tz FROM seen WHERE job = ?", (job,)
        )
        if not rows:
            return None
        content, fingerprint, since, columns, *calendar = rows[0]
        try:
            return unpacked(content, fingerprint, as_time(since), tuple(json.loads(columns)), *calendar)
        except (ModelError, zlib.error, KeyError, TypeError, ValueError) as error:
            raise DataError(f"The ledger {self.path} is damaged: what job {job} has seen.", MOVE_AWAY) from error

    def last_training(self, job: str) -> datetime | None:
        """When a run last trained a model for the job, be it that the old one was kept."""
        ((ended,),) = self.query("SELECT max(ended) FROM job_runs WHERE job = ? AND training != ''", (job,))
        return None if ended is None else as_time(ended)

    def has_forecast(self, job: str, fingerprint: str, model: str, horizon: int) -> bool:
        """Whether that model has forecast these very data so far ahead."""
        key = (job, fingerprint, model, horizon)
        where = "job = ? AND fingerprint = ? AND model = ? AND horizon = ?"
        return bool(self.query(f"SELECT 1 FROM forecasts WHERE {where}", key))

    def score(self, job: str, panel: Panel, restated_from: np.datetime64 | int | None = None) -> int:
        """Give the forecasts of a job the actual values that have come; how many there were.

        Those that were known already are corrected from the time `restated_from` on, where the panel has another value.
        """
        times = as_counts(panel.times)
        if not len(times):
            return 0
        first, last = int(times.min()), int(times.max())
        came = self._differing(job, panel, "IS NULL", first, last)
        corrected = []
        if restated_from is not None:
            since = int(as_counts(np.array(restated_from)))
            corrected = self._differing(job, panel, "IS NOT NULL", since, last)
        if came or corrected:
            with self.transaction():
                self.change_each("UPDATE points SET actual = ? WHERE origin = ? AND step = ?", [*came, *corrected])
        if corrected:
            values = "1 actual value" if len(corrected) == 1 else f"{len(corrected)} actual values"
            verb = "was" if len(corrected) == 1 else "were"
            log.info("Corrected %s of earlier forecasts, which %s restated.", values, verb)
        return len(came)

    def _differing(self, job: str, panel: Panel, actual: str, first: int, last: int) -> list[tuple[float, int, int]]:
        """Value in the panel, origin and step of the points from `first` to `last` whose actual value is another one.

        Those alone whose `actual` "IS NULL" or "IS NOT NULL". What the panel does not have differs from nothing.
        """
        points = self.query(
            "SELECT s.name, p.time, p.actual, p.origin, p.step FROM series s JOIN points p ON p.series = s.id "
            f"WHERE s.job = ? AND p.actual {actual} AND p.time BETWEEN ? AND ?",
            (job, first, last),
        )
        values = values_at(panel, [point[0] for point in points], np.array([point[1] for point in points], np.int64))
        return [
            (value, origin, step)
            for value, (_, _, known, origin, step) in zip(values.tolist(), points, strict=True)
            if value != known and not math.isnan(value)
        ]

    def evidence(self, job: str, model: str, last: int) -> Evidence:
        """How the `last` latest forecasts of a model turned out, of those of which any actual value is known."""
        ((mase, naive, points),) = self.query(
            "SELECT avg(abs(p.forecast - p.actual) / o.scale), avg(abs(p.naive - p.actual) / o.scale), count(*) "
            "FROM points p JOIN origins o ON o.id = p.origin "
            "WHERE p.actual IS NOT NULL AND p.naive IS NOT NULL AND o.scale > 0 AND o.forecast IN ("
            "SELECT f.id FROM forecasts f WHERE f.job = ? AND f.model = ? AND EXISTS (SELECT 1 FROM origins o "
            "JOIN points p ON p.origin = o.id WHERE o.forecast = f.id AND p.actual IS NOT NULL) "
            "ORDER BY f.id DESC LIMIT ?)",
            (job, model, last),
        )
        return Evidence(math.nan if mase is None else mase, math.nan if naive is None else naive, points)

    def record(
        self,
        job_run: JobRun,
        model: ModelRow | None = None,
        forecast: ForecastRow | None = None,
        seen: Seen | None = None,
    ) -> None:
        """Enter what a job did, in one transaction.

        Entered again, nothing is doubled: of a job run the last entry counts, of a model, and of a forecast by the same
        model from the same data over the same horizon, the first.
        """
        job = job_run.job
        with self.transaction():
            self._enter_job_run(job_run)
            if model is not None:
                self.change(
                    "INSERT INTO models VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (model.job, model.version, as_text(model.created), model.trained_to, model.mase),
                )
            if forecast is not None:
                self._enter_forecast(job_run, forecast)
            if seen is not None:
                self._enter_seen(job, seen)

    def prune(self, before: datetime) -> None:
        """Forget the forecasts and runs from before then, and what nothing refers to any more; return their room."""
        then = (as_text(before),)
        with self.transaction():
            forgotten = self.change("DELETE FROM forecasts WHERE made < ?", then)
            forgotten += self.change("DELETE FROM job_runs WHERE started < ?", then)
            self.change(
                "DELETE FROM runs WHERE started < ? AND NOT EXISTS (SELECT 1 FROM forecasts WHERE run_id = runs.id) "
                "AND NOT EXISTS (SELECT 1 FROM job_runs WHERE run_id = runs.id)",
                then,
            )
            if forgotten:
                self._forget_the_unused(then)
                self._return_room()
        if forgotten:
            log.info("Forgot what the ledger had from before %s.", before.date())

    def _forget_the_unused(self, then: tuple[str]) -> None:
        self.change(
            "DELETE FROM models WHERE created < ? AND NOT EXISTS "
            "(SELECT 1 FROM forecasts f WHERE f.job = models.job AND f.model = models.version)",
            then,
        )
        self.change("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM origins WHERE series = series.id)")
        self.change("DELETE FROM seen WHERE since < ? AND job NOT IN (SELECT job FROM job_runs)", then)

    def _return_room(self) -> None:
        """Shorten the file by what is free in it."""
        ((pages,),) = self.query("PRAGMA freelist_count")
        for _ in range(pages):  # Python takes this statement one step far, which is one page
            self.change("PRAGMA incremental_vacuum")

    def _enter_job_run(self, run: JobRun) -> None:
        values = vars(run) | {"started": as_text(run.started), "ended": as_text(run.ended)}
        names = ", ".join(values)
        self.change(
            f"INSERT OR REPLACE INTO job_runs ({names}) VALUES ({', '.join('?' * len(values))})", [*values.values()]
        )

    def _enter_forecast(self, job_run: JobRun, row: ForecastRow) -> None:
        job, forecast = job_run.job, row.forecast
        new = self.change(
            "INSERT INTO forecasts (run_id, job, made, model, fingerprint, horizon, dated) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, fingerprint, model, horizon) DO NOTHING",
            (job_run.run_id, job, as_text(row.made), row.model, row.fingerprint, forecast.horizon, row.dated),
        )
        if not new:
            return
        ((number,),) = self.query("SELECT max(id) FROM forecasts")
        ((taken,),) = self.query("SELECT coalesce(max(id), 0) FROM origins")
        names = forecast.ids.tolist()
        self.change_each(
            "INSERT INTO series (job, name) VALUES (?, ?) ON CONFLICT DO NOTHING", [(job, name) for name in names]
        )
        numbers: dict[str, int] = dict(self.query("SELECT name, id FROM series WHERE job = ?", (job,)))
        series = [numbers[name] for name in names]
        origins = range(taken + 1, taken + 1 + len(names))
        cutoffs, scale = as_counts(forecast.cutoff).tolist(), _finite_or_nan(row.scale).tolist()
        self.change_each(
            "INSERT INTO origins (id, forecast, series, cutoff, scale) VALUES (?, ?, ?, ?, ?)",
            [(id_, number, *rest) for id_, *rest in zip(origins, series, cutoffs, scale, strict=True)],
        )
        made_for, step = np.nonzero(np.isfinite(forecast.point))
        self.change_each(
            "INSERT INTO points (origin, step, series, time, forecast, naive) VALUES (?, ?, ?, ?, ?, ?)",
            zip(
                (made_for + taken + 1).tolist(),
                (step + 1).tolist(),
                np.array(series, dtype=np.int64)[made_for].tolist(),
                as_counts(forecast.times)[made_for, step].tolist(),
                forecast.point[made_for, step].tolist(),
                _finite_or_nan(row.naive)[made_for, step].tolist(),
                strict=True,
            ),
        )

    def _enter_seen(self, job: str, seen: Seen) -> None:
        panel = seen.panel
        self.change(
            "INSERT INTO seen (job, fingerprint, since, columns, freq, season_length, tz, panel) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET "
            "since = CASE fingerprint WHEN excluded.fingerprint THEN since ELSE excluded.since END, "
            "fingerprint = excluded.fingerprint, columns = excluded.columns, freq = excluded.freq, "
            "season_length = excluded.season_length, tz = excluded.tz, panel = excluded.panel",
            (
                job,
                seen.fingerprint,
                as_text(seen.since),
                json.dumps(seen.columns),
                panel.freq,
                panel.season_length,
                panel.tz,
                packed(seen),
            ),
        )


def as_text(time: datetime) -> str:
    """A time as the ledger keeps it: UTC, ISO 8601, always as long, so that texts compare as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _finite_or_nan(values: Floats) -> Floats:
    """NaN, which SQLite keeps as NULL, for all that is no number."""
    return np.where(np.isfinite(values), values, np.nan)
