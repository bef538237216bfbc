"""A process for each job, at most so many at a time, each with a time limit and tried again where that may help."""

from __future__ import annotations

import atexit
import contextlib
import heapq
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forecast_cli.errors import OutputError
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.run.outcome import STAGES, Message, Outcome, Remark
from forecast_cli.options import NO_TELEMETRY

PRELOADED = ("forecast_cli.cli", "forecast_cli.jobs.run.work", "pandas", "onnxruntime")
"""Imported once; every process of a job starts as a copy of the one that has them."""

SCRATCH = "forecast-"

LONGEST_FOLDER = 70
"""Bytes in the path of a folder for sockets: the system allows some hundred, of which their names take the rest."""

Work = Callable[[Job, Connection], None]
"""What a job's process does: it sends any number of remarks, then its outcome."""

Tell = Callable[[Job, Remark], None]


@dataclass
class Attempt:
    """A job's process while it runs."""

    job: Job
    number: int
    process: Any
    channel: Connection
    started: float
    scratch: TemporaryDirectory[str]
    stage: str = STAGES[0]
    outcome: Outcome | None = None

    @property
    def deadline(self) -> float:
        return self.started + self.job.timeout.total_seconds() if self.job.timeout else float("inf")


@dataclass(order=True)
class Due:
    """A job that is to be started at a time (monotonic seconds)."""

    at: float
    order: int
    job: Job = field(compare=False)
    number: int = field(compare=False, default=1)


def in_processes(jobs: Sequence[Job], work: Work, slots: int, tell: Tell, scratch: str = SCRATCH) -> Generator[Outcome]:
    """The outcome of each job, in the order in which they end. Closed early, it ends the processes that run.

    scratch:  how the names of the folders for their temporary files begin
    """
    context = prepare()
    due = [Due(0.0, order, job) for order, job in enumerate(jobs)]
    running: list[Attempt] = []
    try:
        while due or running:
            now = time.monotonic()
            while due and len(running) < slots and due[0].at <= now:
                running.append(_start(context, heapq.heappop(due), work, scratch))
            _listen(running, _patience(due, running, slots), tell)
            for attempt in [attempt for attempt in running if _ended(attempt)]:
                running.remove(attempt)
                outcome = _close(attempt)
                if outcome.again and attempt.number <= attempt.job.retries:
                    heapq.heappush(due, _again(attempt, outcome, len(due), tell))
                else:
                    yield outcome
    finally:
        for attempt in running:
            _kill(attempt)
        for process in multiprocessing.active_children():  # one that was just being started
            _end(process)


@cache
def prepare() -> Any:
    """Let the imports of the jobs' processes begin; called early, they go on beside the caller's own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    os.environ.setdefault(*NO_TELEMETRY)  # what is forked must have no threads
    _start_server()
    atexit.register(_end_server)
    return context


def _start_server() -> None:
    """Start the process that others start from. Its socket lies in the folder for temporary files, and the path of a
    socket must be short."""
    usual = tempfile.tempdir
    try:
        if len(os.fsencode(tempfile.gettempdir())) > LONGEST_FOLDER:
            tempfile.tempdir = "/tmp"
        forkserver.ensure_running()
    except OSError as error:
        raise OutputError(
            f"The processes of the jobs cannot be started: {error}.",
            "Name a folder that can be written, with a short path, in the environment variable TMPDIR.",
        ) from error
    finally:
        tempfile.tempdir = usual


def _end_server() -> None:
    """End the process that others start from; left to itself it would first finish its imports."""
    server: Any = forkserver._forkserver  # the module has no function for this
    if server._forkserver_pid is not None:
        os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()


def clear_scratch(prefix: str) -> None:
    """Remove the folders for temporary files that a run of this prefix left when it was killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)


def _start(context: Any, due: Due, work: Work, prefix: str) -> Attempt:
    receiver, sender = context.Pipe(duplex=False)
    scratch = TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
    process = context.Process(target=_begin, args=(work, due.job, sender, scratch.name), name=due.job.name)
    process.start()
    sender.close()
    return Attempt(due.job, due.number, process, receiver, time.monotonic(), scratch)


def _begin(work: Work, job: Job, channel: Connection, scratch: str) -> None:
    """What a job's process is. Its temporary files go where they are removed for it, as it may be killed."""
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    work(job, channel)


def _patience(due: Sequence[Due], running: Sequence[Attempt], slots: int) -> float | None:
    """Seconds until something is to be done even if no process says anything."""
    moments = [attempt.deadline for attempt in running]
    if due and len(running) < slots:
        moments.append(due[0].at)
    first = min(moments)
    return None if first == float("inf") else max(0.0, first - time.monotonic())


def _listen(running: Sequence[Attempt], patience: float | None, tell: Tell) -> None:
    """Take in what processes say, waiting for the first of them to say something."""
    of = {attempt.channel: attempt for attempt in running}
    if not of:
        time.sleep(patience or 0.0)
    for channel in wait(list(of), patience):
        attempt = of[channel]  # type: ignore[index]
        message = _received(attempt.channel)
        if isinstance(message, Remark):
            attempt.stage = message.stage
            tell(attempt.job, message)
        else:
            attempt.outcome = message or _died(attempt)


def _received(channel: Connection) -> Message | None:
    """What was said; None where the other end is gone, perhaps in the middle of a word."""
    try:
        message: Message = channel.recv()
        return message
    except (EOFError, OSError):
        return None


def _ended(attempt: Attempt) -> bool:
    if attempt.outcome is None and time.monotonic() >= attempt.deadline:
        limit = attempt.job.timeout
        message = f"It took longer than {limit.total_seconds():g} s and was ended." if limit else ""
        hint = "Give it more time with the key timeout, or less to do: preset = 'fast'."
        attempt.outcome = _failure(attempt, "timeout", message, hint)
    return attempt.outcome is not None


def _died(attempt: Attempt) -> Outcome:
    attempt.process.join(5)
    code = attempt.process.exitcode
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return _failure(attempt, "died", f"Its process {how}.", "Often there was not enough memory.", again=True)


def _failure(attempt: Attempt, outcome: str, message: str, hint: str, again: bool = False) -> Outcome:
    return Outcome(attempt.job.name, outcome, attempt.stage, message, hint, again=again)


def _close(attempt: Attempt) -> Outcome:
    _kill(attempt)
    assert attempt.outcome is not None
    return replace(attempt.outcome, seconds=round(time.monotonic() - attempt.started, 3))


def _kill(attempt: Attempt) -> None:
    _end(attempt.process)
    attempt.channel.close()
    attempt.scratch.cleanup()


def _end(process: Any) -> None:
    """End a job's process and all that it started: it leads a process group of its own."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(process.pid, signal.SIGKILL)
    process.join()


def _again(attempt: Attempt, outcome: Outcome, order: int, tell: Tell) -> Due:
    delay = attempt.job.retry_delay.total_seconds() * 2 ** (attempt.number - 1)
    words = f"{outcome.message} Trying again in {delay:g} s ({attempt.number} of {attempt.job.retries})."
    tell(attempt.job, Remark(30, words, outcome.stage, outcome.seconds))
    return Due(time.monotonic() + delay, order, attempt.job, attempt.number + 1)
