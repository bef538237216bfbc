"""Accuracy of recorded forecasts, for each group of forecast points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import Floats
from forecast_cli.outcomes import Accuracy, Key, Scores
from forecast_cli.words import utc_text

AGE_GROUPS = {"0": 0, "1-6": 1, "7-13": 7, "14-27": 14, "28-89": 28, "90+": 90}
"""Groups of models by age in days: label and first day."""

GROUPS = {
    "step": {"step": "step"},
    "age": {"age": " + ".join(f"(model_age >= {first})" for first in AGE_GROUPS.values() if first)},
    "job": {"job": "job"},
    "series": {"job": "job", "series": "series"},
    "month": {"month": "substr(made, 1, 7)"},
}
"""Grouping of forecast points -> its key columns: name -> SQL expression on the view `forecast_points`."""

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


def scores(ledger: Ledger, by: str, jobs: Sequence[str] = (), since: datetime | None = None) -> Scores:
    """Accuracy of the forecasts that `jobs` (default: all) made since a time (default: ever), for each group of `by`.

    by:  one of GROUPS

    Raises UsageError for a job that has never run.
    """
    ledger.check_jobs(jobs)
    where, values = _condition(jobs, since)
    keys = GROUPS[by]
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    groups = ledger.query(
        f"SELECT {', '.join(keys.values())}, min(job), max(job), {', '.join(SUMS)} FROM forecast_points "
        f"WHERE actual IS NOT NULL AND {where} GROUP BY {places} ORDER BY {places}",
        values,
    )
    rows = []
    total, scored_jobs = np.zeros(len(SUMS)), set()
    for group in groups:
        key, (first_job, last_job, *numbers) = group[: len(keys)], group[len(keys) :]
        sums = np.array(numbers, dtype=float)
        rows.append((_labelled(key, by), _accuracy(sums, first_job != last_job)))
        total += sums
        scored_jobs |= {first_job, last_job}
    made = ledger.query(f"SELECT job, count(*), min(made), max(made) FROM forecasts WHERE {where} GROUP BY 1", values)
    return Scores(
        by=by,
        keys=tuple(keys),
        rows=rows,
        overall=_accuracy(total, len(scored_jobs) > 1),
        jobs=tuple(job for job, *_ in made),
        forecasts=sum(count for _, count, *_ in made),
        first=min((first[:10] for *_, first, _ in made), default=None),
        last=max((last[:10] for *_, last in made), default=None),
    )


def _condition(jobs: Sequence[str], since: datetime | None) -> tuple[str, list[object]]:
    """An SQL condition on forecasts, and its values."""
    conditions: list[str] = ["1"]
    values: list[object] = []
    if jobs:
        conditions.append(f"job IN ({', '.join('?' * len(jobs))})")
        values += jobs
    if since is not None:
        conditions.append("made >= ?")
        values.append(utc_text(since))
    return " AND ".join(conditions), values


def _labelled(key: Key, by: str) -> Key:
    """The key of a group as the user sees it: the age of a model becomes a range of days."""
    (first, *_) = key
    return (list(AGE_GROUPS)[first],) if by == "age" and isinstance(first, int) else key


def _accuracy(sums: Floats, several_jobs: bool) -> Accuracy:
    """The figures that follow from sums over the points, in the order of SUMS."""
    points, scaled, scaled_error, naive_scaled_error, error, with_naive, naive_error, surplus, size = sums.tolist()
    if several_jobs:
        error = naive_error = surplus = math.nan
    return Accuracy(
        points=int(points),
        mase=_ratio(scaled_error, scaled),
        seasonal_naive_mase=_ratio(naive_scaled_error, scaled),
        mae=_ratio(error, points),
        seasonal_naive_mae=_ratio(naive_error, with_naive),
        bias=100 * _ratio(surplus, size),
        skill=100 * (1 - _ratio(scaled_error, naive_scaled_error)),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
