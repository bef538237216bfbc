"""Messages between a run and the processes of its jobs: the request to a job, and remarks from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from forecast_cli.outcomes import JobRun

STAGES = ("find", "read", "compare", "score", "train", "predict", "write", "record")
"""The stages of a job, in order. A job leaves out the stages that it does not need, such as "train" if no training is
due."""

BEGINS = "begins"
"""The text of the remark that is sent when a stage begins."""

Enter = Callable[[str], None]
"""A function that a job calls when a stage begins, with the name of the stage."""


@dataclass(frozen=True)
class Request:
    """The settings of a run. Each of its jobs gets them.

    run_id:   the id of the run
    ledger:   the path of the ledger; the file exists, except in a dry run before the first run
    now:      when the run started
    today:    the day that replaces {date} in output paths
    force:    whether to train and forecast even if nothing changed, and to accept every change in the data
    dry_run:  whether to report what would be done, without doing it
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

    level:    the level, such as logging.INFO
    message:  the text
    stage:    the stage of the job
    seconds:  how long ago the stage began
    """

    level: int
    message: str
    stage: str
    seconds: float


Message = Remark | JobRun
