"""What became of a job, and how a job's process tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast_cli.jobs.ledger.records import JobRun

STAGES = ("find", "read", "compare", "score", "train", "predict", "write", "record")
"""What a job goes through, in this order; training is left out where it is not due."""

SUCCEEDED = ("forecast", "unchanged", "planned")
"""Outcomes that are none of failed, timeout, died and interrupted."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    outcome:   forecast (made and written), unchanged (nothing was to be done), planned (a dry run), failed, timeout,
               died (its process ended by itself or was killed) or interrupted
    stage:     the one it ended in
    message:   why, in a sentence or two
    hint:      what to do about a failure
    warnings:  what was noticed in the data
    training:  "" (not due), "trained", or "kept" (the old model was better than a new one)
    last:      the last time in the data, as text
    scored:    earlier forecasts whose actual values have come with these data
    outputs:   files written
    again:     whether trying again may help
    """

    job: str
    outcome: str
    stage: str
    message: str
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
    seconds: float = 0.0
    again: bool = False

    @property
    def succeeded(self) -> bool:
        return self.outcome in SUCCEEDED

    @property
    def noticed(self) -> str:
        """The warnings, a sentence each."""
        return " ".join(f"{warning.removesuffix('.')}." for warning in self.warnings)

    def recorded(self, run_id: str, started: datetime, ended: datetime) -> JobRun:
        """The row of the ledger that tells of it."""
        from forecast_cli.jobs.ledger.records import JobRun

        return JobRun(
            run_id=run_id,
            job=self.job,
            started=started,
            ended=ended,
            outcome=self.outcome,
            stage=self.stage,
            message=self.message,
            fingerprint=self.fingerprint,
            last=self.last,
            series=self.series,
            points=self.points,
            model=self.model,
            training=self.training,
            scored=self.scored,
            noticed=self.noticed or None,
        )


@dataclass(frozen=True)
class Remark:
    """A line of a job's log."""

    level: int
    message: str
    stage: str
    seconds: float


Message = Remark | Outcome
