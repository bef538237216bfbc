"""A job's own process: how it begins, what it tells, and when it must end. Light to import; the work is not."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.run.outcome import STAGES, Remark


@dataclass(frozen=True)
class Request:
    """What every job of a run is told.

    ledger:   its path; it is there but for a dry run
    today:    the {date} in the paths of outputs
    force:    train and forecast even if nothing changed, and let pass what changed in the data
    dry_run:  find out what would be done, and do nothing
    """

    run_id: str
    ledger: Path
    now: datetime
    today: date
    force: bool = False
    dry_run: bool = False


def in_process(request: Request, job: Job, channel: Connection) -> None:
    """Work on a job in this process, which is there for nothing else, and send remarks and the outcome."""
    _live_and_die_with_the_run()
    teller = Teller(channel)
    logger = logging.getLogger("forecast_cli")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(teller)
    logging.captureWarnings(True)
    from forecast_cli.jobs.run.work import attempt

    outcome = attempt(request, job, teller.enter)
    if outcome.succeeded:
        teller.leave()
    channel.send(outcome)


class Teller(logging.Handler):
    """Sends what is logged, and how long each stage took, through a channel."""

    def __init__(self, channel: Connection) -> None:
        super().__init__()
        self.channel, self.stage, self.entered = channel, STAGES[0], time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self._send(record.levelno, self.format(record))

    def enter(self, stage: str) -> None:
        """One stage ends and the next begins."""
        if stage != STAGES[0]:
            self.leave()
        self.stage, self.entered = stage, time.monotonic()
        self._send(logging.DEBUG, "begins")

    def leave(self) -> None:
        """A stage ends."""
        self._send(logging.INFO, "done")

    def _send(self, level: int, message: str) -> None:
        self.channel.send(Remark(level, message, self.stage, round(time.monotonic() - self.entered, 3)))


def _live_and_die_with_the_run() -> None:
    """Signals are the run's to handle; where it dies, this process and what it started die with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setpgid(0, 0)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
