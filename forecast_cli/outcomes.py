"""Results of unattended runs. `jobs/` creates them, and `report/` shows them as tables.

A run executes the jobs of a job file; a job makes one forecast. The ledger is the database that records runs,
forecasts and actual values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

SUCCEEDED = ("forecast", "unchanged", "planned")
FAILED = ("failed", "timeout", "interrupted", "died")

UNFINISHED = "unfinished"
"""Shown in place of an outcome for a run that is still running or was killed."""

Key = tuple[str | int | None, ...]


@dataclass(frozen=True)
class JobRun:
    """The result of one job in one run.

    outcome:      "forecast" (made and written), "unchanged" (nothing to do), "planned" (dry run), "failed", "timeout",
                  "interrupted" (the run was stopped), "died" (the job's process ended or was killed), or UNFINISHED
    stage:        the stage in which the job ended, such as "read" or "train"
    message:      what was done or why it failed, in one or two sentences
    hint:         what to do about a failure
    warnings:     warnings about the data, a sentence each
    training:     "" (not due), "trained", or "kept" (trained, but the old model forecasts better)
    fingerprint:  the SHA-256 of the data
    last:         last time in the data, as text
    series:       number of series in the data
    points:       number of points in the data
    model:        version of the model that made the forecast
    scored:       number of earlier forecast points whose actual value became known in this run
    outputs:      files that were written
    retryable:    whether another attempt may succeed
    """

    run_id: str
    job: str
    started: datetime
    ended: datetime
    outcome: str
    stage: str | None = None
    message: str | None = None
    hint: str | None = None
    warnings: tuple[str, ...] = ()
    training: str = ""
    fingerprint: str | None = None
    last: str | None = None
    series: int | None = None
    points: int | None = None
    model: str | None = None
    scored: int = 0
    outputs: tuple[str, ...] = ()
    retryable: bool = False

    @property
    def succeeded(self) -> bool:
        return self.outcome in SUCCEEDED

    @property
    def unfinished(self) -> bool:
        return self.outcome == UNFINISHED

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds()

    @property
    def noticed(self) -> str:
        """The warnings as one text; "" without warnings."""
        return " ".join(f"{warning.removesuffix('.')}." for warning in self.warnings)


@dataclass(frozen=True)
class RunSummary:
    """The result of one run of a job file.

    seconds:       how long the run took
    job_runs:      the results of its jobs, in the order of the job file
    ledger_error:  why the ledger could not record everything; None if it recorded everything
    """

    run_id: str
    started: datetime
    seconds: float
    job_runs: tuple[JobRun, ...]
    ledger_error: str | None = None

    @property
    def failed(self) -> list[JobRun]:
        return [job_run for job_run in self.job_runs if not job_run.succeeded]


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of recorded forecasts. A figure that cannot be computed is NaN.

    points:  number of forecast points whose actual value is known
    mase:    mean of |error| / scale; the scale of a series is the mean absolute difference between its values one
             season apart. Only points for which there is also a seasonal naive forecast count
    mae:     mean absolute error; NaN for points of several jobs, because their units differ
    seasonal_naive_mase, seasonal_naive_mae:  MASE and MAE of the seasonal naive forecast, over the points that have one
    bias:    mean error in percent of the mean absolute actual value, positive if forecasts are too high; NaN for
             points of several jobs
    skill:   percent by which the MASE is below that of the seasonal naive forecast; negative if it is above
    coverage:  level of intervals in percent, as text such as "80" -> percent of actual values in them
    """

    points: int
    mase: float
    seasonal_naive_mase: float
    mae: float
    seasonal_naive_mae: float
    bias: float
    skill: float
    coverage: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """Accuracy of the recorded forecasts, for each group of forecast points and for all together.

    by:         what the points are grouped by: one of `options.GROUPINGS`, such as "month"
    keys:       names of the columns that identify a group
    rows:       for each group: the values in these columns, and its accuracy
    overall:    accuracy over all groups
    jobs:       names of the jobs that made these forecasts
    forecasts:  number of forecasts, with or without actual values
    first:      day of the earliest forecast; None if there are no forecasts
    last:       day of the latest forecast; None if there are no forecasts
    """

    by: str
    keys: tuple[str, ...]
    rows: list[tuple[Key, Accuracy]]
    overall: Accuracy
    jobs: tuple[str, ...]
    forecasts: int
    first: str | None
    last: str | None
