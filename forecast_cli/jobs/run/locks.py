"""File locks, so that two runs do not work on the same job file or the same model at the same time."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from forecast_cli.errors import LockedError, OutputError
from forecast_cli.jobs.file.job import Job, JobFile

log = logging.getLogger(__name__)

MODEL_LOCK = ".forecast-run.lock"


@contextmanager
def exclusive(file: JobFile, jobs: Sequence[Job], wait: bool) -> Iterator[dict[str, OutputError]]:
    """Hold the lock of a job file and the locks of the jobs' models during a `with` block.

    Each model has its own lock, because jobs of several job files may use the same model.

    jobs: the jobs whose models are locked
    wait: True waits while another run holds one of the locks; False raises LockedError

    Yields {name of a job: error} for jobs whose lock file cannot be written. The caller must not do these jobs. Raises
    OutputError if the lock file of the job file cannot be written.
    """
    unlocked = {}
    with ExitStack() as stack:
        lock = file.state / f".{file.path.stem}.lock"
        stack.enter_context(_held(lock, f"the jobs of {file.path}", wait, "state"))
        for job in jobs:
            lock = job.model_dir / MODEL_LOCK
            try:
                stack.enter_context(_held(lock, f"the model in {job.model_dir}", wait, "model-dir"))
            except OutputError as error:
                unlocked[job.name] = error
        yield unlocked


@contextmanager
def _held(path: Path, protected: str, wait: bool, key: str) -> Iterator[None]:
    """Hold one lock during a `with` block.

    protected: what the lock protects, for messages
    wait:      True waits while another run holds the lock; False raises LockedError
    key:       the key of the job file that sets the folder of the lock

    Raises OutputError if the lock file cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        if not wait:
            hint = "Try again when it has ended, or wait for it with 'forecast run --wait'."
            raise LockedError(f"Another run is working on {protected}.", hint) from None
        log.info("Waiting for another run, which is working on %s.", protected)
        lock.acquire(timeout=-1)
    except OSError as error:
        hint = f"Make the folder writable, or choose another one: {key} = ..."
        raise OutputError(f"Cannot write {path}: {error.strerror}.", hint) from error
    try:
        yield
    finally:
        lock.release()
