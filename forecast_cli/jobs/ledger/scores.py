"""What the ledger tells: the runs there were, and how good the forecasts have turned out to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.evaluation.metrics import Floats
from forecast_cli.jobs.ledger.ledger import Ledger, as_text, as_time
from forecast_cli.jobs.ledger.records import GOOD, UNFINISHED, JobRun

SCORED = ("mase", "mae", "bias", "skill")
"""The metrics that a condition can be about."""

AGES = {"0": 0, "1-6": 1, "7-13": 7, "14-27": 14, "28-89": 28, "90+": 90}
"""The ages of models, in days, that are told apart, and where each begins."""

KEYS = {
    "step": {"step": "step"},
    "age": {"age": " + ".join(f"(model_age >= {first})" for first in AGES.values() if first)},
    "job": {"job": "job"},
    "series": {"job": "job", "series": "series"},
    "month": {"month": "substr(made, 1, 7)"},
}
"""What accuracy can be told by: the columns that stand for it, and how each follows from those of `forecast_points`."""


@dataclass(frozen=True)
class Figures:
    """How good some forecasts were; NaN where there is no such figure.

    points:            steps of forecasts whose actual value is known
    mase, naive_mase:  mean of |error| / scale, of the forecast and of the naive one made at the same time
    mae, naive_mae:    mean absolute errors; none where the points are of several jobs, whose units differ
    bias:              mean error in percent of the mean absolute value, above 0 where too much was forecast; likewise
    skill:             percent by which the MASE is below that of the naive forecast
    """

    points: int
    mase: float
    naive_mase: float
    mae: float
    naive_mae: float
    bias: float
    skill: float

    @classmethod
    def of(cls, sums: Floats, several_jobs: bool) -> Figures:
        """The figures that follow from sums over the points, in the order of `SUMS`."""
        points, scaled, scaled_error, naive_scaled_error, error, with_naive, naive_error, surplus, size = sums.tolist()
        one = math.nan if several_jobs else 1.0
        return cls(
            points=int(points),
            mase=_ratio(scaled_error, scaled),
            naive_mase=_ratio(naive_scaled_error, scaled),
            mae=one * _ratio(error, points),
            naive_mae=one * _ratio(naive_error, with_naive),
            bias=one * 100 * _ratio(surplus, size),
            skill=100 * (1 - _ratio(scaled_error, naive_scaled_error)),
        )


SUMS = (
    "count(*)",
    "count(naive_scaled_error)",
    "total(scaled_error) FILTER (WHERE naive_scaled_error IS NOT NULL)",
    "total(naive_scaled_error)",
    "total(abs(error))",
    "count(naive_error)",
    "total(abs(naive_error))",
    "total(error)",
    "total(abs(actual))",
)


@dataclass(frozen=True)
class Scores:
    """Accuracy as it was, by something.

    keys:       the columns that tell the rows apart
    rows:       the values of those columns, and the figures
    jobs:       those whose forecasts are counted
    forecasts:  how many there are, made from `first` to `last`, the days; some may have no actual value yet
    """

    keys: tuple[str, ...]
    rows: list[tuple[tuple[str | int | None, ...], Figures]]
    overall: Figures
    jobs: tuple[str, ...]
    forecasts: int
    first: str | None
    last: str | None


def scores(ledger: Ledger, by: str, jobs: Sequence[str] = (), since: datetime | None = None) -> Scores:
    """Accuracy by one of `KEYS`, of the forecasts that `jobs` (all, if none is named) made since then.

    Raises UsageError for a job that the ledger does not know.
    """
    check_jobs(ledger, jobs)
    where, values = _chosen(jobs, since)
    keys = KEYS[by]
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    rows = ledger.query(
        f"SELECT {', '.join(keys.values())}, min(job), max(job), {', '.join(SUMS)} FROM forecast_points "
        f"WHERE actual IS NOT NULL AND {where} GROUP BY {places} ORDER BY {places}",
        values,
    )
    told = []
    total = np.zeros(len(SUMS))
    for row in rows:
        key, (first_job, last_job), sums = row[: len(keys)], row[len(keys) :][:2], np.array(row[len(keys) + 2 :], float)
        told.append((_labelled(key, by), Figures.of(sums, first_job != last_job)))
        total += sums
    counted = ledger.query(
        f"SELECT job, count(*), min(made), max(made) FROM forecasts WHERE {where} GROUP BY 1", values
    )
    several = len({job for row in rows for job in row[len(keys) : len(keys) + 2]}) > 1
    return Scores(
        keys=tuple(keys),
        rows=told,
        overall=Figures.of(total, several),
        jobs=tuple(row[0] for row in counted),
        forecasts=sum(row[1] for row in counted),
        first=min((row[2][:10] for row in counted), default=None),
        last=max((row[3][:10] for row in counted), default=None),
    )


def history(ledger: Ledger, limit: int, job: str | None = None, failed: bool = False) -> list[JobRun]:
    """The latest runs of jobs, the newest first: all, those of one job, or those that failed.

    A run that has no end yet stands among them once more, as UNFINISHED and without a job.

    Raises UsageError for a job that the ledger does not know.
    """
    check_jobs(ledger, [job] if job else [])
    names = [field.name for field in fields(JobRun)]
    where = ["1"] + ["job = :job"] * (job is not None) + [f"outcome NOT IN {GOOD}"] * failed
    unfinished = {"run_id": "id", "job": "''", "started": "started", "ended": "started", "outcome": f"'{UNFINISHED}'"}
    unfinished |= {"message": "'It is going on, or was killed.'", "training": "''", "scored": "0"}
    rows = ledger.query(
        f"SELECT * FROM (SELECT {', '.join(names)} FROM job_runs UNION ALL "
        f"SELECT {', '.join(unfinished.get(name, 'NULL') for name in names)} FROM runs WHERE ended IS NULL) "
        f"WHERE {' AND '.join(where)} ORDER BY started DESC, run_id, job LIMIT :limit",
        {"job": job, "limit": limit},
    )
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return [JobRun(**one | {"started": as_time(one["started"]), "ended": as_time(one["ended"])}) for one in told]


def check_jobs(ledger: Ledger, jobs: Sequence[str]) -> None:
    """Raise UsageError for a job that the ledger does not know."""
    known = [name for (name,) in ledger.query("SELECT DISTINCT job FROM job_runs UNION SELECT job FROM forecasts")]
    for job in jobs:
        if job not in known:
            raise UsageError(f"--job {job}: no such job has run yet.{did_you_mean(job, known)}")


def _chosen(jobs: Sequence[str], since: datetime | None) -> tuple[str, list[object]]:
    """The condition that chooses forecasts, and its values."""
    conditions: list[str] = ["1"]
    values: list[object] = []
    if jobs:
        conditions.append(f"job IN ({', '.join('?' * len(jobs))})")
        values += jobs
    if since is not None:
        conditions.append("made >= ?")
        values.append(as_text(since))
    return " AND ".join(conditions), values


def _labelled(key: tuple[str | int | None, ...], by: str) -> tuple[str | int | None, ...]:
    """A key as people read it: the age as a range of days."""
    (first, *_) = key
    return (list(AGES)[first],) if by == "age" and isinstance(first, int) else key


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
