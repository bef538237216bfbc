"""Entries for ledgers under test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from forecast_cli.evaluation.metrics import naive_scale
from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.forecasting import Forecast
from forecast_cli.jobs.ledger.ledger import ForecastRow, JobRun, Ledger, ModelRow, Seen
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def forecast_of(panel: Panel, point: np.ndarray) -> Forecast:  # type: ignore[type-arg]
    """The forecast `point` (n, h) of what follows `panel`."""
    cutoff = panel.times[panel.indptr[1:] - 1]
    return Forecast(panel.ids, cutoff, future_times(panel.freq, cutoff, point.shape[1]), point)


def job_run(run_id: str = "run", job: str = "sales", at: datetime = NOON, outcome: str = "forecast") -> JobRun:
    return JobRun(run_id, job, at, at + timedelta(seconds=1), outcome)


def enter(
    ledger: Ledger,
    panel: Panel,
    error: float = 1.0,
    horizon: int = 3,
    run_id: str = "run",
    job: str = "sales",
    at: datetime = NOON,
    model: str = "model",
    created: datetime | None = None,
) -> None:
    """Record that a job forecast `panel`: the naive forecast and `error` more."""
    naive = naive_forecast(panel, horizon)
    print_ = f"{panel.lengths.tolist()}"
    if not ledger.query("SELECT 1 FROM runs WHERE id = ?", (run_id,)):
        ledger.start_run(run_id, Path("jobs.toml"), at)
    ledger.record(
        job_run(run_id, job, at),
        ModelRow(job, model, created or at),
        ForecastRow(model, print_, at, forecast_of(panel, naive + error), naive, naive_scale(panel)),
        Seen.of(panel, print_, at, ("date", "value")),
    )


def count(ledger: Ledger, table: str, where: str = "1") -> int:
    ((rows,),) = ledger.query(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(rows)
