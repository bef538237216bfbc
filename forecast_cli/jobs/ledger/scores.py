"""Compute the accuracy of recorded forecasts, for each group of forecast points (command `score`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.ledger.records import Floats
from forecast_cli.outcomes import Accuracy, Key, Scores
from forecast_cli.words import utc_text

AGE_GROUPS = {"0": 0, "1-6": 1, "7-13": 7, "14-27": 14, "28-89": 28, "90+": 90}
"""Groups of forecasts by the age of the model in days: label of the group -> first day."""

GROUPS = {
    "step": {"step": "step"},
    "age": {"age": " + ".join(f"(model_age >= {first})" for first in AGE_GROUPS.values() if first)},
    "job": {"job": "job"},
    "series": {"job": "job", "series": "series"},
    "month": {"month": "substr(made, 1, 7)"},
}
"""What forecast points are grouped by -> the columns that identify a group, as {name: SQL expression on the view
`forecast_points`}."""

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


Held = list[tuple[Key, float, int, float]]
"""For each group and level of intervals: the key of the group, the level in percent, the number of intervals, and the
number of intervals that contain the actual value."""


def scores(ledger: Ledger, by: str, jobs: Sequence[str] = (), since: datetime | None = None) -> Scores:
    """The accuracy of recorded forecasts, for each group of forecast points.

    by:     what points are grouped by: a key of GROUPS, such as "month"
    jobs:   the names of the jobs that made the forecasts; empty for all jobs
    since:  only forecasts made since this time; None for all

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
    inside = _intervals_held(ledger, [*keys.values()], where, values)
    rows = []
    total, scored_jobs = np.zeros(len(SUMS)), set()
    for group in groups:
        key, (first_job, last_job, *numbers) = group[: len(keys)], group[len(keys) :]
        sums = np.array(numbers, dtype=float)
        accuracy = _accuracy(sums, first_job != last_job)
        rows.append((_labelled(key, by), replace(accuracy, coverage=_coverage(inside, key))))
        total += sums
        scored_jobs |= {first_job, last_job}
    made = ledger.query(f"SELECT job, count(*), min(made), max(made) FROM forecasts WHERE {where} GROUP BY 1", values)
    return Scores(
        by=by,
        keys=tuple(keys),
        rows=rows,
        overall=replace(_accuracy(total, len(scored_jobs) > 1), coverage=_coverage(inside)),
        jobs=tuple(job for job, *_ in made),
        forecasts=sum(count for _, count, *_ in made),
        first=min((first[:10] for *_, first, _ in made), default=None),
        last=max((last[:10] for *_, last in made), default=None),
    )


def _intervals_held(ledger: Ledger, keys: list[str], where: str, values: list[object]) -> Held:
    """Count the intervals with an actual value, and those that contain it, for each group and level.

    keys:           SQL expressions that identify a group
    where, values:  an SQL condition that selects forecasts, and the values of its placeholders
    """
    places = ", ".join(str(place) for place in range(1, len(keys) + 2))
    rows = ledger.query(
        f"SELECT {', '.join(keys)}, level, count(*), total(actual BETWEEN lower AND upper) FROM interval_points "
        f"WHERE actual IS NOT NULL AND {where} GROUP BY {places} ORDER BY {places}",
        values,
    )
    return [(tuple(key), level, count, held) for *key, level, count, held in rows]


def _coverage(inside: Held, group: Key | None = None) -> dict[str, float]:
    """The percentage of intervals that contain the actual value, for each level: {"80": 78.5}.

    inside: the numbers of intervals, from `_intervals_held`
    group:  the key of a group; None takes all groups together
    """
    chosen = [(level, count, held) for key, level, count, held in inside if group in (None, key)]
    found = {}
    for level in sorted({level for level, _, _ in chosen}):
        counts, helds = zip(*[(count, held) for each, count, held in chosen if each == level], strict=True)
        found[f"{level:g}"] = 100 * sum(helds) / sum(counts)
    return found


def _condition(jobs: Sequence[str], since: datetime | None) -> tuple[str, list[object]]:
    """An SQL condition that selects the forecasts of these jobs since a time, and the values of its placeholders."""
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
    """The key of a group as it is shown to the user.

    If `by` is "age", the index of a group in AGE_GROUPS is replaced by its label, such as "7-13".
    """
    (first, *_) = key
    return (list(AGE_GROUPS)[first],) if by == "age" and isinstance(first, int) else key


def _accuracy(sums: Floats, several_jobs: bool) -> Accuracy:
    """The accuracy of a group of forecast points.

    sums:         sums over its points, in the order of SUMS
    several_jobs: whether the points are of several jobs, whose units differ
    """
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
