"""A job that also finds anomalies: on the first night, on a night with a spike, and on a night without news."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.jobs.job_folder import make_old
from tests.run_here import run_here

JOBS = """
[jobs.sales]
data = "sales.csv"
model = "seasonal-naive"
horizon = 5
preset = "fast"
retries = 0
detect = true
alarm-rate = 0.0005
output = "out.csv"
"""
START, DAYS = date(2023, 1, 1), 400
VALUES = 100 + 10 * (np.arange(DAYS + 3) % 7) + np.random.default_rng(0).normal(0, 1, DAYS + 3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "jobs.toml").write_text(JOBS)
    return tmp_path


def night(home: Path, days: int, spike: int | None = None) -> dict[str, Any]:
    """Deliver the first `days`, with a spike on day `spike`, and run the job."""
    values = VALUES[:days].copy()
    if spike is not None:
        values[spike] += 60
    rows = [f"{START + timedelta(day)},{value:.3f}" for day, value in enumerate(values)]
    (home / "sales.csv").write_text("\n".join(["date,sales", *rows]) + "\n")
    make_old(home / "sales.csv")
    done = run_here("run", "jobs.toml", "--format", "json", home=home)
    assert done.returncode == 0, done.stderr
    (job,) = json.loads(done.stdout)["jobs"]
    return dict(job)


def recorded(home: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(home / "forecast-state" / "ledger.sqlite") as ledger:
        return ledger.execute("SELECT job, start, kind FROM found_anomalies ORDER BY start").fetchall()


@pytest.mark.slow
def test_a_new_anomaly_is_warned_of_once_and_stays_in_the_ledger(home: Path) -> None:
    first = night(home, DAYS)
    before = recorded(home)
    second = night(home, DAYS + 1, spike=DAYS)
    third = night(home, DAYS + 2, spike=DAYS)

    moment = str(START + timedelta(DAYS))
    assert not [text for text in first["warnings"] if "Anomaly" in text]
    assert [text for text in second["warnings"] if "Anomaly" in text] == [f"Anomaly: spike at {moment}."]
    assert not [text for text in third["warnings"] if "Anomaly" in text]
    new = [row for row in recorded(home) if row not in before]
    assert [(job, start[:10]) for job, start, _ in new] == [("sales", moment)]


@pytest.mark.slow
def test_data_that_are_too_short_to_judge_are_forecast(home: Path) -> None:
    job = night(home, 40)

    assert job["outcome"] == "forecast"
    assert any("too short" in text for text in job["warnings"])
