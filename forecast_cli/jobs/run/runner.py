"""Do one unattended run: hold the locks, record it in the ledger, start a process for each job, return a summary."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from zlib import crc32

from forecast_cli.activity import doing
from forecast_cli.errors import OutputError, UsageError, did_you_mean
from forecast_cli.jobs.file.job import Job, JobFile
from forecast_cli.jobs.run.child import in_process
from forecast_cli.jobs.run.locks import exclusive
from forecast_cli.jobs.run.messages import BEGINS, STAGES, Remark, Request
from forecast_cli.jobs.run.processes import SCRATCH_PREFIX, clear_scratch, in_processes
from forecast_cli.jobs.run.recorder import recording
from forecast_cli.outcomes import JobRun, RunSummary

log = logging.getLogger(__name__)

MAX_DEFAULT_SLOTS = 4
"""The largest number of jobs at the same time, unless the user sets it. A training needs about 1 GB of memory."""


def run(
    file: JobFile,
    jobs: Sequence[Job],
    slots: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    wait: bool = False,
) -> RunSummary:
    """Do some jobs of a job file, and return a summary with their results. A failed job does not stop the others.

    slots:    the largest number of jobs at the same time; None: one for each core, at most MAX_DEFAULT_SLOTS
    force:    train and forecast even if nothing changed, and accept every change in the data
    dry_run:  only report what would be done
    wait:     wait for another run that works on the same job file or model, instead of raising LockedError

    Raises
        LockedError  if another run works on the same job file or model,
        DataError    if the ledger cannot be used,
        UsageError   if the ledger has a job of the same name from another job file,
        OutputError  if the ledger or the lock of the job file cannot be written.
    """
    slots = slots or min(_cores(), MAX_DEFAULT_SLOTS)
    if dry_run:
        request = _request(file, force, dry_run)
        job_runs = _logged(_job_runs(request, [replace(job, retries=0) for job in jobs], slots))
        return _summary(request, jobs, job_runs)
    scratch = f"{SCRATCH_PREFIX}{crc32(os.fsencode(file.path)):08x}-"
    with exclusive(file, jobs, wait) as unlocked:
        clear_scratch(scratch)
        request = _request(file, force, dry_run)
        able = [job for job in jobs if job.name not in unlocked]
        with recording(file, request, jobs) as recorder, closing(_job_runs(request, able, slots, scratch)) as job_runs:
            for job_run in _logged(chain(_failed(request, unlocked), job_runs)):
                recorder.add(job_run)
    return replace(_summary(request, jobs, recorder.job_runs), ledger_error=recorder.ledger_error)


def chosen(file: JobFile, names: Sequence[str]) -> list[Job]:
    """The jobs of a job file with these names; all jobs if `names` is empty. Raises UsageError for an unknown name."""
    known = {job.name: job for job in file.jobs}
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: {file.path} has no such job.{did_you_mean(name, known)}", option="only")
    return [job for job in file.jobs if not names or job.name in names]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _request(file: JobFile, force: bool, dry_run: bool) -> Request:
    now = datetime.now(UTC)
    run_id = f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    return Request(run_id, file.ledger, now, now.astimezone().date(), force, dry_run)


def _job_runs(request: Request, jobs: Sequence[Job], slots: int, scratch: str = SCRATCH_PREFIX) -> Generator[JobRun]:
    """Do the jobs in processes and log their remarks. Yields each result when the job ends."""

    def log_remark(job: Job, remark: Remark) -> None:
        _log(remark.level, remark.message, request.run_id, job.name, remark.stage, remark.seconds)
        if remark.message == BEGINS:
            doing(f"{job.name}: {remark.stage}")

    work = partial(in_process, request)
    with closing(in_processes(request.run_id, jobs, work, slots, log_remark, scratch)) as job_runs:
        yield from job_runs


def _failed(request: Request, errors: dict[str, OutputError]) -> Iterator[JobRun]:
    """Yield the result "failed" for each job whose lock cannot be written.

    errors: name of the job -> the reason
    """
    for name, error in errors.items():
        now = datetime.now(UTC)
        yield JobRun(request.run_id, name, now, now, "failed", STAGES[0], error.message, error.hint)


def _logged(job_runs: Iterable[JobRun]) -> Iterator[JobRun]:
    """Yield the same results, and log each when it comes."""
    for job_run in job_runs:
        stage = "" if job_run.succeeded else f" ({job_run.stage})"
        text = f"{job_run.outcome}{stage}: {job_run.message}"
        level = logging.INFO if job_run.succeeded else logging.ERROR
        extra = {"outcome": job_run.outcome, "hint": job_run.hint}
        _log(level, text, job_run.run_id, job_run.job, job_run.stage, job_run.seconds, **extra)
        yield job_run


def _log(level: int, message: str, run: str, job: str, stage: str | None, seconds: float, **extra: str | None) -> None:
    log.log(level, message, extra={"run": run, "job": job, "stage": stage, "seconds": seconds, **extra})


def _summary(request: Request, jobs: Sequence[Job], job_runs: Iterable[JobRun]) -> RunSummary:
    order = {job.name: place for place, job in enumerate(jobs)}
    ordered = sorted(job_runs, key=lambda job_run: order[job_run.job])
    seconds = (datetime.now(UTC) - request.now).total_seconds()
    return RunSummary(request.run_id, request.now, round(seconds, 3), tuple(ordered))
