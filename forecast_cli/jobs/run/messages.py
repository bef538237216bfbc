"""Messages between a run and the processes of its jobs: the request, remarks while a job works, its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from forecast_cli.outcomes import JobRun

STAGES = ("find", "read", "compare", "score", "train", "predict", "write", "record")
"""The stages of a job, in order; "train" is skipped when no training is due."""

BEGINS = "begins"
"""The remark with which a stage begins."""

Enter = Callable[[str], None]
"""A function that is called with each of STAGES when the stage begins."""


@dataclass(frozen=True)
class Request:
    """The settings of a run that each of its jobs needs.

    ledger:   path of the ledger; the file exists except in a first dry run
    now:      start of the run
    today:    the day that replaces {date} in output paths
    force:    train and forecast even if nothing changed, and accept every change in the data
    dry_run:  report what would be done without doing it
    """

    run_id: str
    ledger: Path
    now: datetime
    today: date
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Remark:
    """A line of a job's log.

    level:    as in `logging`
    seconds:  since the stage began
    """

    level: int
    message: str
    stage: str
    seconds: float


Message = Remark | JobRun
