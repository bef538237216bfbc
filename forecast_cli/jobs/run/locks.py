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
def exclusive(file: JobFile, jobs: Sequence[Job], wait: bool) -> Iterator[None]:
    """Hold the locks of a job file and of its jobs' models during a `with` block. Other job files may share models.

    wait: True waits while another run holds one of the locks; False raises LockedError

    Raises OutputError if a lock file cannot be written.
    """
    locks = {file.state / f".{file.path.stem}.lock": f"the jobs of {file.path}"}
    locks |= {job.model_dir / MODEL_LOCK: f"the model in {job.model_dir}" for job in jobs}
    with ExitStack() as stack:
        for path, protected in locks.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_held(path, protected, wait))
            except OSError as error:
                raise OutputError(
                    f"Cannot write {path}: {error.strerror}.",
                    "Make the folder writable, or choose another one: state = ...",
                ) from error
        yield


@contextmanager
def _held(path: Path, protected: str, wait: bool) -> Iterator[None]:
    """Hold one lock during a `with` block.

    protected: what the lock protects, for messages
    wait:      True waits while another run holds the lock; False raises LockedError
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        if not wait:
            hint = "Try again when it has ended, or wait for it with 'forecast run --wait'."
            raise LockedError(f"Another run is working on {protected}.", hint) from None
        log.info("Waiting for another run, which is working on %s.", protected)
        lock.acquire(timeout=-1)
    try:
        yield
    finally:
        lock.release()
