"""Sample entries for ledgers under test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from forecast_cli.evaluation.metrics import naive_scale
from forecast_cli.evaluation.naive import naive_forecast
from forecast_cli.forecasting import Forecast
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import ForecastRow, ModelRow, Snapshot
from forecast_cli.models.intervals.around import quantile_levels, with_quantiles
from forecast_cli.outcomes import JobRun
from forecast_cli.panel.calendar import future_times
from forecast_cli.panel.panel import Panel
from tests.sample_panels import Floats

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def forecast_of(panel: Panel, point: Floats) -> Forecast:
    """The forecast `point` (n, h) after the end of `panel`."""
    return Forecast(panel.ids, panel.ends, future_times(panel.freq, panel.ends, point.shape[1]), point)


def job_run(run_id: str = "run", job: str = "sales", at: datetime = NOON, outcome: str = "forecast") -> JobRun:
    """A job run of one second."""
    return JobRun(run_id, job, at, at + timedelta(seconds=1), outcome)


def record_forecast(
    ledger: Ledger,
    panel: Panel,
    error: float = 1.0,
    horizon: int = 3,
    run_id: str = "run",
    job: str = "sales",
    at: datetime = NOON,
    model: str = "model",
    created: datetime | None = None,
    levels: tuple[float, ...] = (),
) -> None:
    """Record a forecast of `panel`: the naive forecast plus `error`. Starts the run if needed.

    levels: levels in percent of intervals that reach from 1 below the forecast to 1 above it
    """
    naive = naive_forecast(panel, horizon)
    forecast = forecast_of(panel, naive + error)
    if levels:
        half = np.ones((*naive.shape, len(levels)))
        forecast = with_quantiles(forecast, half, quantile_levels(levels), np.full(len(panel), -np.inf))
    fingerprint = f"{panel.lengths.tolist()}"
    if not ledger.query("SELECT 1 FROM runs WHERE id = ?", (run_id,)):
        ledger.start_run(run_id, Path("jobs.toml"), at)
    ledger.record(
        job_run(run_id, job, at),
        ModelRow(job, model, created or at),
        ForecastRow(model, fingerprint, at, forecast, naive, naive_scale(panel), dict.fromkeys(levels, 1.0)),
        Snapshot.of(panel, fingerprint, at, ("date", "value")),
    )


def count(ledger: Ledger, table: str, where: str = "1") -> int:
    """The number of rows in a table."""
    ((rows,),) = ledger.query(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(rows)
