"""The process of one job: what it sends to the run, and when it must end.

This module has no heavy imports, because the run imports it. Only the job's process imports `work`.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait

from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.file.keys import with_keys
from forecast_cli.jobs.run.messages import BEGINS, STAGES, Remark, Request


def in_process(request: Request, job: Job, channel: Connection) -> None:
    """Do a job in its own process; send remarks and the result through `channel`."""
    _end_with_the_run()
    sender = RemarkSender(channel)
    logger = logging.getLogger("forecast_cli")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(sender)
    logging.captureWarnings(True)
    from forecast_cli.jobs.run.work import attempt

    job_run = attempt(request, job, sender.begin)
    if job_run.succeeded:
        sender.end()
    channel.send(job_run)


class RemarkSender(logging.Handler):
    """Sends log records, and the duration of each stage, through a channel. Options in them are written as keys."""

    def __init__(self, channel: Connection) -> None:
        super().__init__()
        self.channel, self.stage, self.began = channel, STAGES[0], time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self._send(record.levelno, with_keys(self.format(record)))

    def begin(self, stage: str) -> None:
        """Send that the current stage ends, and that `stage` begins."""
        if stage != STAGES[0]:
            self.end()
        self.stage, self.began = stage, time.monotonic()
        self._send(logging.DEBUG, BEGINS)

    def end(self) -> None:
        """Send that the current stage ends."""
        self._send(logging.INFO, "done")

    def _send(self, level: int, message: str) -> None:
        self.channel.send(Remark(level, message, self.stage, round(time.monotonic() - self.began, 3)))


def _end_with_the_run() -> None:
    """Ignore SIGINT and SIGTERM: the run handles them. If the run dies, kill this process and all that it started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setpgid(0, 0)
    parent = parent_process()
    assert parent is not None

    def kill_when_parent_ends() -> None:
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=kill_when_parent_ends, daemon=True).start()
