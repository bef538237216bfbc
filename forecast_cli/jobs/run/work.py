"""Do one job, in its own process. Every failure becomes a result, and all warnings are collected."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from glob import has_magic
from typing import Any

from forecast_cli import bundle
from forecast_cli.errors import ForecastError, LockedError, ModelError
from forecast_cli.jobs.file.job import Job
from forecast_cli.jobs.file.keys import with_keys
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.jobs.run.data_file import Data, NotReadyError, check_unchanged, find, settle
from forecast_cli.jobs.run.messages import STAGES, Enter, Request
from forecast_cli.jobs.run.task import Task
from forecast_cli.models.card import ModelCard
from forecast_cli.outcomes import JobRun
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.reading import read_with_columns

log = logging.getLogger(__name__)


def attempt(request: Request, job: Job, enter: Enter) -> JobRun:
    """Do a job and return its result. An exception becomes the result of a failed job.

    enter: is called with the name of each stage when it begins
    """
    started, stage = datetime.now(UTC), STAGES[0]

    def entering(name: str) -> None:
        nonlocal stage
        stage = name
        enter(name)

    def failed(message: str, hint: str | None = None, retryable: bool = False) -> JobRun:
        texts = with_keys(message), with_keys(hint) if hint else None
        now = datetime.now(UTC)
        return JobRun(request.run_id, job.name, started, now, "failed", stage, *texts, retryable=retryable)

    try:
        return _perform(request, job, entering, started)
    except ModelError as error:
        return failed(error.message, f"forecast run --only {job.name} --force trains a new model.")
    except ForecastError as error:
        return failed(error.message, error.hint, retryable=isinstance(error, NotReadyError | LockedError))
    except MemoryError:
        return failed("There is not enough memory.", "Use fewer series or a smaller model.")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return failed(f"{where}{error.strerror or error}.", retryable=True)
    except Exception as error:
        log.debug("%s", error, exc_info=True)
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return failed(f"Internal error: {text}", "The log of 'forecast run --verbose' shows where it happened.")


def _perform(request: Request, job: Job, enter: Enter, started: datetime) -> JobRun:
    with _collected_warnings() as warnings:
        data = _read(job, enter)
        if request.dry_run and not request.ledger.exists():
            return Task(request, job, data, None, enter, started, warnings).plan()
        with Ledger.open(request.ledger) as ledger:
            task = Task(request, job, data, ledger, enter, started, warnings)
            return task.plan() if request.dry_run else task.do()


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Yield a list. Each warning that is logged in the `with` block is added to it as text, without repetitions."""
    warnings: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = with_keys(record.getMessage())
            if message not in warnings:
                warnings.append(message)

    collector = Collector(logging.WARNING)
    logger = logging.getLogger("forecast_cli")
    logger.addHandler(collector)
    try:
        yield warnings
    finally:
        logger.removeHandler(collector)


def _read(job: Job, enter: Enter) -> Data:
    """Find the data file of a job and its files of covariates, wait until all are complete, and read them.

    Raises NotReadyError if a file is missing, incomplete, or changes while it is read.
    """
    enter("find")
    path = find(job.data, job.pattern)
    second: dict[str, Any] = {field: find(path, _is_pattern(path)) for field, path in job.read.second_files.items()}
    read = replace(job.read, **second)
    states = {name: settle(name) for name in (path, *second.values())}
    enter("read")
    panel, columns = read_with_columns(path, read, continues=_frequency_of_model(job))
    for name, state in states.items():
        check_unchanged(name, state)
    return Data(path, read, panel, columns, fingerprint(panel), fingerprint(panel, ahead=True))


def _is_pattern(path: str) -> bool:
    return has_magic(path) and not os.path.exists(path)


def _frequency_of_model(job: Job) -> str | None:
    """The frequency of the data that the model of a job was trained on; None if there is no valid model."""
    try:
        return ModelCard.of(bundle.load(job.model_dir, ())).data.freq
    except ModelError:
        return None
