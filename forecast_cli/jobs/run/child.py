"""The process of one job: it does the job, and sends remarks (lines of the log) and the result to the run's process.

This module has no slow imports, because the run imports it. Only the process of a job imports `work`.
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
    """Do a job. This is called in the process of the job; remarks and the result are sent through `channel`."""
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
    """A logging handler in the process of a job. It sends each log record as a `Remark` to the process of the run.

    It also sends a remark when a stage of the job begins or ends. Each remark has the seconds since the stage began.
    Options in messages are written as keys of the job file: season = 12 in place of --season 12.

    channel:  the connection to the process of the run
    """

    def __init__(self, channel: Connection) -> None:
        super().__init__()
        self.channel, self.stage, self.began = channel, STAGES[0], time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        self._send(record.levelno, with_keys(self.format(record)))

    def begin(self, stage: str) -> None:
        """Send two remarks: that the current stage has ended (not if `stage` is the first), and that `stage` begins."""
        if stage != STAGES[0]:
            self.end()
        self.stage, self.began = stage, time.monotonic()
        self._send(logging.DEBUG, BEGINS)

    def end(self) -> None:
        """Send the remark that the current stage has ended."""
        self._send(logging.INFO, "done")

    def _send(self, level: int, message: str) -> None:
        self.channel.send(Remark(level, message, self.stage, round(time.monotonic() - self.began, 3)))


def _end_with_the_run() -> None:
    """Make this process end together with the run.

    SIGINT and SIGTERM are ignored here, because the run handles them. If the process of the run dies, this process and
    all processes that it started are killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setpgid(0, 0)
    parent = parent_process()
    assert parent is not None

    def kill_when_parent_ends() -> None:
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=kill_when_parent_ends, daemon=True).start()
