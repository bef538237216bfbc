"""One unattended run: locks, the ledger, a process for each job, and what came of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zlib import crc32

from forecast_cli.errors import ExitCode, ForecastError, LockedError, OutputError, Terminated, UsageError, did_you_mean
from forecast_cli.jobs.file.job import Job, JobFile
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run.child import Request, in_process
from forecast_cli.jobs.run.outcome import Outcome, Remark
from forecast_cli.jobs.run.processes import SCRATCH, clear_scratch, in_processes

log = logging.getLogger(__name__)

RUN_LOCK = ".forecast-run.lock"
MOST_AT_ONCE = 4
"""A training takes about a gigabyte; where nobody said how many jobs may run at once, no more than these do."""

BRIEF_WAIT = 0.5
"""Seconds that an interrupted run waits for the ledger."""


@dataclass(frozen=True)
class Summary:
    """What came of a run, its jobs in the order of the job file; `trouble` is why the ledger does not know it all."""

    run_id: str
    started: datetime
    seconds: float
    outcomes: tuple[Outcome, ...]
    trouble: str | None = None

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.succeeded]


def run(
    file: JobFile,
    jobs: Sequence[Job],
    slots: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    wait: bool = False,
) -> Summary:
    """Do `jobs` of `file`, at most `slots` at once.

    Raises LockedError where another run is at the same job file or model (after which it waits, with `wait`), DataError
    where the ledger cannot be used, UsageError where it knows a job of the same name from another file. What fails
    within a job is told in its outcome.
    """
    slots = slots or min(_cores(), MOST_AT_ONCE)
    if dry_run:
        request = _request(file, force, dry_run)
        return _summary(request, jobs, _outcomes(request, [replace(job, retries=0) for job in jobs], slots))
    scratch = f"{SCRATCH}{crc32(os.fsencode(file.path)):08x}-"
    with _alone(file, jobs, wait):
        clear_scratch(scratch)
        request = _request(file, force, dry_run)
        with _in_ledger(file, request, jobs) as recorder, closing(_outcomes(request, jobs, slots, scratch)) as found:
            for outcome in found:
                recorder.take(outcome)
        return replace(_summary(request, jobs, recorder.outcomes), trouble=recorder.trouble)


def chosen(file: JobFile, names: Sequence[str]) -> list[Job]:
    """The jobs of these names, all where there are none. Raises UsageError for a name that no job has."""
    known = {job.name: job for job in file.jobs}
    for name in names:
        if name not in known:
            raise UsageError(f"--only {name}: {file.path} has no such job.{did_you_mean(name, known)}")
    return [job for job in file.jobs if not names or job.name in names]


def _request(file: JobFile, force: bool, dry_run: bool) -> Request:
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    return Request(run_id, file.ledger, now, now.astimezone().date(), force, dry_run)


def _summary(request: Request, jobs: Sequence[Job], outcomes: Iterable[Outcome]) -> Summary:
    order = {job.name: place for place, job in enumerate(jobs)}
    ordered = sorted(outcomes, key=lambda outcome: order[outcome.job])
    seconds = (datetime.now(UTC) - request.now).total_seconds()
    return Summary(request.run_id, request.now, round(seconds, 3), tuple(ordered))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _outcomes(request: Request, jobs: Sequence[Job], slots: int, scratch: str = SCRATCH) -> Generator[Outcome]:
    def tell(job: Job, remark: Remark) -> None:
        _log(request.run_id, job.name, remark.level, remark.message, remark.stage, remark.seconds)

    with closing(in_processes(jobs, partial(in_process, request), slots, tell, scratch)) as outcomes:
        for outcome in outcomes:
            level = logging.INFO if outcome.succeeded else logging.ERROR
            _log(request.run_id, outcome.job, level, _sentence(outcome), outcome.stage, outcome.seconds, outcome)
            yield outcome


def _sentence(outcome: Outcome) -> str:
    if outcome.succeeded:
        return f"{outcome.outcome}: {outcome.message}"
    return f"{outcome.outcome} ({outcome.stage}): {outcome.message}"


def _log(
    run_id: str, job: str, level: int, message: str, stage: str, seconds: float, outcome: Outcome | None = None
) -> None:
    extra = {"run": run_id, "job": job, "stage": stage, "seconds": seconds}
    if outcome is not None:
        extra |= {"outcome": outcome.outcome, "hint": outcome.hint}
    log.log(level, message, extra=extra)


class _Recorder:
    """Keeps what came of each job; what its own process could not write into the ledger is written here.

    trouble:  why the ledger was not told of everything, if it was not; the jobs go on regardless
    """

    def __init__(self, ledger: Ledger, request: Request) -> None:
        self.ledger, self.request = ledger, request
        self.outcomes: list[Outcome] = []
        self.trouble: str | None = None

    def take(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if not outcome.succeeded:
            ended = datetime.now(UTC)
            row = outcome.recorded(self.request.run_id, ended - timedelta(seconds=outcome.seconds), ended)
            self._tell(lambda: self.ledger.record(row))

    def finish(self, keep: timedelta | None) -> None:
        """The run has ended; what is older than `keep` is forgotten."""
        failed = self.trouble or any(not outcome.succeeded for outcome in self.outcomes)
        code = ExitCode.JOBS_FAILED if failed else ExitCode.OK
        self._tell(lambda: self.ledger.finish_run(self.request.run_id, datetime.now(UTC), code))
        if keep is not None:
            self._tell(lambda: self.ledger.prune(self.request.now - keep))

    def _tell(self, tell: Callable[[], None]) -> None:
        if self.trouble:
            return  # it would only wait as long again
        try:
            tell()
        except ForecastError as error:
            self.trouble = error.message
            log.error("%s", error.message, extra={"hint": error.hint})


@contextmanager
def _in_ledger(file: JobFile, request: Request, jobs: Sequence[Job]) -> Iterator[_Recorder]:
    """The run's row in the ledger, begun and ended; where it is interrupted, so are the jobs that had not ended."""
    with Ledger.open(file.ledger) as ledger:
        ledger.claim([job.name for job in jobs], file.path)
        ledger.start_run(request.run_id, file.path, request.now)
        recorder = _Recorder(ledger, request)
        try:
            yield recorder
        except BaseException as stop:
            _interrupted(file, recorder, jobs, stop)
            raise
        recorder.finish(file.keep)


def _interrupted(file: JobFile, recorder: _Recorder, jobs: Sequence[Job], stop: BaseException) -> None:
    """Tell the ledger, if it will listen at once, which jobs had not ended. What it knows of the others stands, be it
    that their news did not reach this process."""
    code = {KeyboardInterrupt: ExitCode.INTERRUPTED, Terminated: ExitCode.TERMINATED}.get(type(stop), ExitCode.INTERNAL)
    run_id = recorder.request.run_id
    try:
        with Ledger.open(file.ledger, BRIEF_WAIT) as ledger:
            now = datetime.now(UTC)
            ended = {name for (name,) in ledger.query("SELECT job FROM job_runs WHERE run_id = ?", (run_id,))}
            for job in jobs:
                if job.name not in ended:
                    cut = Outcome(job.name, "interrupted", "", "The run was interrupted.")
                    ledger.record(cut.recorded(run_id, now, now))
            ledger.finish_run(run_id, now, code)
    except ForecastError as error:
        log.warning("The ledger was not told of the interruption: %s", error.message)


@contextmanager
def _alone(file: JobFile, jobs: Sequence[Job], wait: bool) -> Iterator[None]:
    """This run alone at the job file and at the jobs' models, whoever else has the same job file or another.

    Raises LockedError if another run is there and is not to be waited for.
    """
    places = {file.state / f".{file.path.stem}.lock": f"the jobs of {file.path}"}
    places |= {job.model_dir / RUN_LOCK: f"the model in {job.model_dir}" for job in jobs}
    with ExitStack() as stack:
        for place, what in places.items():
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_held(place, what, wait))
            except OSError as error:
                raise OutputError(
                    f"Cannot write {place}: {error.strerror}.", "Make the folder writable, or name another: state = ..."
                ) from error
        yield


@contextmanager
def _held(place: Path, what: str, wait: bool) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(place, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        if not wait:
            raise LockedError(f"Another run is at {what}.", "Let it end first, or wait for it with --wait.") from None
        log.info("Waiting for another run, which is at %s.", what)
        lock.acquire(timeout=-1)
    try:
        yield
    finally:
        lock.release()
