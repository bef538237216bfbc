"""Start a process for each job: a limited number at the same time, each with a time limit.

A job that fails may be started again: a further attempt.
"""

from __future__ import annotations

import contextlib
import heapq
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.run.fork_server import prepare
from forecast_cli.jobs.run.messages import STAGES, Message, Remark
from forecast_cli.outcomes import JobRun

SCRATCH_PREFIX = "forecast-"

Work = Callable[[Job, Connection], None]
"""The function that runs in the process of a job. It sends remarks through the connection, and a JobRun at the end."""

OnRemark = Callable[[Job, Remark], None]


@dataclass
class Attempt:
    """An attempt to do a job: a running process.

    number:   1 for the first attempt of the job
    process:  the process itself
    channel:  the connection through which the process sends remarks and the result
    started:  when it started, in seconds of time.monotonic()
    scratch:  the folder for its temporary files
    stage:    the stage of the latest remark
    result:   the result of the job; None until the process has sent it, has ended, or has reached its time limit
    """

    run_id: str
    job: Job
    number: int
    process: Any
    channel: Connection
    started: float
    scratch: TemporaryDirectory[str]
    stage: str = STAGES[0]
    result: JobRun | None = None

    @property
    def deadline(self) -> float:
        return self.started + self.job.timeout.total_seconds() if self.job.timeout else float("inf")


@dataclass(order=True)
class Due:
    """A job that waits to be started.

    at:     the earliest time to start it, in seconds of time.monotonic()
    order:  its place among the jobs that may start at the same time
    number: 1 for the first attempt of the job
    """

    at: float
    order: int
    job: Job = field(compare=False)
    number: int = field(compare=False, default=1)


def in_processes(
    run_id: str, jobs: Sequence[Job], work: Work, slots: int, on_remark: OnRemark, scratch: str = SCRATCH_PREFIX
) -> Generator[JobRun]:
    """Do each job in a process of its own. Yields the result of each job when the job ends.

    Closing the generator kills the running processes.

    work:      the function that does a job in its process
    slots:     the largest number of processes at the same time
    on_remark: is called with each remark of a job
    scratch:   the beginning of the names of folders for temporary files
    """
    context = prepare()
    due = [Due(0.0, order, job) for order, job in enumerate(jobs)]
    running: list[Attempt] = []
    try:
        while due or running:
            now = time.monotonic()
            while due and len(running) < slots and due[0].at <= now:
                running.append(_start(context, run_id, heapq.heappop(due), work, scratch))
            _receive(running, _wait_seconds(due, running, slots), on_remark)
            for attempt in [attempt for attempt in running if _has_ended(attempt)]:
                running.remove(attempt)
                result = _close(attempt)
                if result.retryable and attempt.number <= attempt.job.retries:
                    heapq.heappush(due, _next_attempt(attempt, result, len(due), on_remark))
                else:
                    yield result
    finally:
        for attempt in running:
            _kill(attempt)
        for process in multiprocessing.active_children():  # a process that was just being started
            _kill_group(process)


# --- the start of a process


def clear_scratch(prefix: str) -> None:
    """Remove folders for temporary files that a killed run left. `prefix` is the beginning of their names."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _start(context: Any, run_id: str, due: Due, work: Work, prefix: str) -> Attempt:
    receiver, sender = context.Pipe(duplex=False)
    scratch = TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    process = context.Process(target=_begin, args=(work, due.job, sender, scratch.name), name=due.job.name)
    process.start()
    sender.close()
    return Attempt(run_id, due.job, due.number, process, receiver, time.monotonic(), scratch)


def _begin(work: Work, job: Job, channel: Connection, scratch: str) -> None:
    """The main function of a job's process. Its temporary files are in the folder `scratch`, which the run removes."""
    os.environ["TMPDIR"] = os.environ["JOBLIB_TEMP_FOLDER"] = tempfile.tempdir = scratch
    work(job, channel)


# --- messages of the processes


def _wait_seconds(due: Sequence[Due], running: Sequence[Attempt], slots: int) -> float | None:
    """How many seconds to wait for the next time limit or the next start of a job; None if there is neither."""
    moments = [attempt.deadline for attempt in running]
    if due and len(running) < slots:
        moments.append(due[0].at)
    first = min(moments)
    return None if first == float("inf") else max(0.0, first - time.monotonic())


def _receive(running: Sequence[Attempt], timeout: float | None, on_remark: OnRemark) -> None:
    """Wait up to `timeout` seconds for messages, and receive one from each process that has sent any.

    A remark is passed to `on_remark`. A JobRun becomes the result of its attempt. If a process has ended without a
    JobRun, its attempt gets the result "died".
    """
    attempts = {attempt.channel: attempt for attempt in running}
    if not attempts:
        time.sleep(timeout or 0.0)
    for channel in wait(list(attempts), timeout):
        attempt = attempts[channel]  # type: ignore[index]
        message = _received(attempt.channel)
        if isinstance(message, Remark):
            attempt.stage = message.stage
            on_remark(attempt.job, message)
        else:
            attempt.result = message or _died(attempt)


def _received(channel: Connection) -> Message | None:
    """The next message from a process; None if the process has ended, also if it ended while sending one."""
    try:
        message: Message = channel.recv()
        return message
    except (EOFError, OSError):
        return None


# --- the end of a process


def _has_ended(attempt: Attempt) -> bool:
    """Whether an attempt has a result. If its time limit is reached, it gets the result "timeout" here."""
    limit = attempt.job.timeout
    if attempt.result is None and limit is not None and time.monotonic() >= attempt.deadline:
        message = f"The job took longer than {limit.total_seconds():g} s and was stopped."
        attempt.result = _failure(attempt, "timeout", message, "Raise its timeout, or choose preset = 'fast'.")
    return attempt.result is not None


def _died(attempt: Attempt) -> JobRun:
    attempt.process.join(5)
    code = attempt.process.exitcode
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return _failure(
        attempt, "died", f"The job's process {how}.", "A common cause is too little memory.", retryable=True
    )


def _failure(attempt: Attempt, outcome: str, message: str, hint: str, retryable: bool = False) -> JobRun:
    now = datetime.now(UTC)
    return JobRun(
        attempt.run_id, attempt.job.name, now, now, outcome, attempt.stage, message, hint, retryable=retryable
    )


def _close(attempt: Attempt) -> JobRun:
    """End the process of an attempt. Returns its result, with the times when the attempt started and ended."""
    _kill(attempt)
    assert attempt.result is not None
    ended = datetime.now(UTC)
    return replace(
        attempt.result,
        started=ended - timedelta(seconds=round(time.monotonic() - attempt.started, 3)),
        ended=ended,
    )


def _kill(attempt: Attempt) -> None:
    _kill_group(attempt.process)
    attempt.channel.close()
    attempt.scratch.cleanup()


def _kill_group(process: Any) -> None:
    """Kill the process of a job, and all processes that it started. They are all in one process group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(process.pid, signal.SIGKILL)
    process.join()
    for left in Path("/dev/shm").glob(f"sem.loky-{process.pid}-*"):  # of the processes that joblib started for it
        with contextlib.suppress(OSError):
            left.unlink()


def _next_attempt(attempt: Attempt, result: JobRun, order: int, on_remark: OnRemark) -> Due:
    delay = attempt.job.retry_delay.total_seconds() * 2 ** (attempt.number - 1)
    text = f"{result.message} Trying again in {delay:g} s ({attempt.number} of {attempt.job.retries})."
    on_remark(attempt.job, Remark(logging.WARNING, text, result.stage or "", result.seconds))
    return Due(time.monotonic() + delay, order, attempt.job, attempt.number + 1)
