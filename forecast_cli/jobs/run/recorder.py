"""Record a run in the ledger: its start, its failed jobs, and its end. Jobs that succeed record themselves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from forecast_cli.errors import ExitCode, ForecastError, Terminated
from forecast_cli.jobs.file.job import Job, JobFile
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run.messages import Request
from forecast_cli.jobs.run.owners import claim_jobs
from forecast_cli.outcomes import JobRun

log = logging.getLogger(__name__)

INTERRUPTED_WAIT_SECONDS = 0.5
"""How long an interrupted run waits for the ledger."""


class Recorder:
    """Collects the results of the jobs in a run, and records those that failed.

    ledger_error:  the first error of the ledger, as text; None without errors. After an error, nothing more is
                   recorded, but the jobs continue.
    """

    def __init__(self, ledger: Ledger, request: Request) -> None:
        self.ledger, self.request = ledger, request
        self.job_runs: list[JobRun] = []
        self.ledger_error: str | None = None

    def add(self, job_run: JobRun) -> None:
        """Add the result of a job, and record it if the job failed. A job that succeeds has recorded itself."""
        self.job_runs.append(job_run)
        if not job_run.succeeded:
            self._try(lambda: self.ledger.record(job_run))

    def finish(self, keep: timedelta | None) -> None:
        """Record the end of the run, and delete old entries of the ledger.

        keep: older entries are deleted; None keeps all
        """
        failed = self.ledger_error or any(not job_run.succeeded for job_run in self.job_runs)
        code = ExitCode.JOBS_FAILED if failed else ExitCode.OK
        self._try(lambda: self.ledger.finish_run(self.request.run_id, datetime.now(UTC), code))
        if keep is not None:
            self._try(lambda: self.ledger.prune(self.ledger.trusted_now(self.request.now) - keep))

    def _try(self, write: Callable[[], None]) -> None:
        """Call `write`, which writes to the ledger. If it fails, log the error and keep it in `ledger_error`.

        After a failure, nothing more is written: each further one could take as long as the wait for a lock.
        """
        if self.ledger_error:
            return
        try:
            write()
        except ForecastError as error:
            self.ledger_error = error.message
            log.error("%s", error.message, extra={"hint": error.hint})


@contextmanager
def recording(file: JobFile, request: Request, jobs: Sequence[Job]) -> Iterator[Recorder]:
    """Record the start and the end of a run, which takes place in the `with` block.

    If the block raises an exception, jobs without a result are recorded as interrupted.

    Raises UsageError if another job file owns one of the jobs.
    """
    with Ledger.open(file.ledger) as ledger:
        claim_jobs(ledger, [job.name for job in jobs], file.path)
        ledger.start_run(request.run_id, file.path, request.now)
        recorder = Recorder(ledger, request)
        try:
            yield recorder
        except BaseException as stop:
            _record_interruption(file, request, jobs, stop)
            raise
        recorder.finish(file.keep)


def _record_interruption(file: JobFile, request: Request, jobs: Sequence[Job], stop: BaseException) -> None:
    """Record that a run was interrupted. Jobs that have recorded themselves already keep their result.

    If the ledger stays locked for INTERRUPTED_WAIT_SECONDS, nothing is recorded.

    stop: the exception that ended the run
    """
    match stop:
        case KeyboardInterrupt():
            code = ExitCode.INTERRUPTED
        case Terminated():
            code = ExitCode.TERMINATED
        case _:
            code = ExitCode.INTERNAL
    run_id, now = request.run_id, datetime.now(UTC)
    try:
        with Ledger.open(file.ledger, INTERRUPTED_WAIT_SECONDS) as ledger:
            recorded = ledger.recorded_jobs(run_id)
            for job in jobs:
                if job.name not in recorded:
                    message = "The run was interrupted."
                    ledger.record(JobRun(run_id, job.name, now, now, "interrupted", stage="", message=message))
            ledger.finish_run(run_id, now, code)
    except ForecastError as error:
        log.warning("The interruption is not recorded in the ledger: %s", error.message)
