"""Insert job runs, models, forecasts and snapshots into the ledger. The caller must have opened a transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from forecast_cli.jobs.ledger.database import Database
from forecast_cli.jobs.ledger.intervals import insert_intervals
from forecast_cli.jobs.ledger.records import (
    AnomalyRow,
    ForecastRow,
    ModelRow,
    Snapshot,
    as_integers,
    finite_or_nan,
    job_run_row,
    packed,
)
from forecast_cli.outcomes import JobRun
from forecast_cli.words import utc_text


def insert_job_run(database: Database, run: JobRun) -> None:
    """Insert the result of a job in a run. An earlier row with the same run and job is replaced."""
    row = job_run_row(run)
    places = ", ".join("?" * len(row))
    database.change(f"INSERT OR REPLACE INTO job_runs ({', '.join(row)}) VALUES ({places})", [*row.values()])


def insert_model(database: Database, model: ModelRow) -> None:
    """Insert a model, unless the same version of it is recorded already."""
    database.change(
        "INSERT INTO models VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (model.job, model.version, utc_text(model.created), model.trained_to, model.mase),
    )


def insert_forecast(database: Database, run: JobRun, row: ForecastRow) -> None:
    """Insert a forecast, unless one with the same job, data, model and horizon is recorded already.

    Forecast values that are not finite are left out.

    run: the job run that made the forecast
    """
    forecast = row.forecast
    inserted = database.change(
        "INSERT INTO forecasts (run_id, job, made, model, fingerprint, horizon, dated) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, fingerprint, model, horizon) DO NOTHING",
        (run.run_id, run.job, utc_text(row.made), row.model, row.fingerprint, forecast.horizon, row.dated),
    )
    if not inserted:
        return
    ((forecast_id,),) = database.query("SELECT max(id) FROM forecasts")
    ((last_origin,),) = database.query("SELECT coalesce(max(id), 0) FROM origins")
    series = _series_ids(database, run.job, forecast.ids.tolist())
    cutoffs, scale = as_integers(forecast.cutoff).tolist(), finite_or_nan(row.scale).tolist()
    database.change_each(
        "INSERT INTO origins (id, forecast, series, cutoff, scale) VALUES (?, ?, ?, ?, ?)",
        [
            (origin, forecast_id, *rest)
            for origin, rest in enumerate(zip(series, cutoffs, scale, strict=True), last_origin + 1)
        ],
    )
    at, step = np.nonzero(np.isfinite(forecast.point))
    database.change_each(
        "INSERT INTO points (origin, step, series, time, forecast, naive) VALUES (?, ?, ?, ?, ?, ?)",
        zip(
            (last_origin + 1 + at).tolist(),
            (step + 1).tolist(),
            np.array(series, dtype=np.int64)[at].tolist(),
            as_integers(forecast.times)[at, step].tolist(),
            forecast.point[at, step].tolist(),
            finite_or_nan(row.naive)[at, step].tolist(),
            strict=True,
        ),
    )
    insert_intervals(database, forecast_id, last_origin + 1, forecast, row.factors)


def insert_anomalies(database: Database, run: JobRun, rows: Sequence[AnomalyRow]) -> None:
    """Insert anomalies. If one with the same job, series and start is recorded already, its row is updated.

    The row gets the new peak, end, kind and values, but keeps the run that found the anomaly first.

    run: the job run that found them
    """
    fields = ("series", "dated", "start", "peak", "end", "kind", "value", "expected", "p")
    changing = ", ".join(f"{name} = excluded.{name}" for name in ("peak", "end", "kind", "value", "expected", "p"))
    database.change_each(
        f"INSERT INTO anomalies (run_id, job, {', '.join(fields)}) VALUES (?, ?{', ?' * len(fields)}) "
        f"ON CONFLICT (job, series, start) DO UPDATE SET {changing}",
        [(run.run_id, run.job, *(getattr(row, name) for name in fields)) for row in rows],
    )


def insert_snapshot(database: Database, job: str, snapshot: Snapshot) -> None:
    """Insert the snapshot of a job's data, in place of an earlier one.

    If both have the same fingerprint, the time `since` of the earlier one is kept.
    """
    panel = snapshot.panel
    database.change(
        "INSERT INTO seen (job, fingerprint, since, columns, freq, season_length, tz, panel) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET "
        "since = CASE fingerprint WHEN excluded.fingerprint THEN since ELSE excluded.since END, "
        "fingerprint = excluded.fingerprint, columns = excluded.columns, freq = excluded.freq, "
        "season_length = excluded.season_length, tz = excluded.tz, panel = excluded.panel",
        (
            job,
            snapshot.fingerprint,
            utc_text(snapshot.since),
            json.dumps(snapshot.columns),
            panel.freq,
            panel.season_length,
            panel.tz,
            packed(snapshot),
        ),
    )


def _series_ids(database: Database, job: str, names: list[str]) -> list[int]:
    """The ids in the ledger of a job's series, given by name. Series that the ledger does not have are inserted."""
    database.change_each(
        "INSERT INTO series (job, name) VALUES (?, ?) ON CONFLICT DO NOTHING", [(job, name) for name in names]
    )
    ids: dict[str, int] = dict(database.query("SELECT name, id FROM series WHERE job = ?", (job,)))
    return [ids[name] for name in names]
