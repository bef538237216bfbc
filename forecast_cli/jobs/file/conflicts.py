"""What cannot be of one job beside another: files and folders that would be written twice, or read as data."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import NamedTuple

from forecast_cli.jobs.file.job import Job

ANY_DATE = "2000-01-01"


class Conflict(NamedTuple):
    """The job and key that cannot be as they are, and why."""

    job: str
    key: str
    reason: str


def conflicts(jobs: Sequence[Job], state: Path) -> Iterator[Conflict]:
    """Every conflict of `jobs` among each other and with the folder of their state."""
    yield from _shared_models(jobs, state)
    folders = {_real(job.model_dir): f"the model directory of [jobs.{job.name}]" for job in reversed(jobs)}
    folders[_real(state)] = "the state folder"
    sources = [(_real(job.data), job) for job in jobs]
    writers: dict[str, Job] = {}
    for job in jobs:
        for output in job.outputs:
            real = _real(output.path(ANY_DATE)) if output.dated else _real(str(output))
            if writer := writers.get(real):
                by = "twice by this job" if writer is job else f"by [jobs.{writer.name}] too"
                yield Conflict(job.name, "output", f'"{output}" would be written {by}.')
            writers.setdefault(real, job)
            if reader := next((other for data, other in sources if _would_be_read(real, data, other)), None):
                whose = "this job" if reader is job else f"[jobs.{reader.name}]"
                yield Conflict(job.name, "output", f'"{output}" would be taken for the data of {whose}.')
            if folder := next((str(parent) for parent in PurePath(real).parents if str(parent) in folders), None):
                yield Conflict(job.name, "output", f'"{output}" lies in {folders[folder]}; choose another folder.')


def _shared_models(jobs: Sequence[Job], state: Path) -> Iterator[Conflict]:
    owners: dict[str, Job] = {}
    for job in jobs:
        real = _real(job.model_dir)
        if real == _real(state):
            yield Conflict(job.name, "model-dir", f'"{job.model_dir}" is the state folder.')
        elif owner := owners.get(real):
            yield Conflict(job.name, "model-dir", f'"{job.model_dir}" is that of [jobs.{owner.name}] too.')
        owners.setdefault(real, job)


def _would_be_read(output: str, data: str, job: Job) -> bool:
    """Whether `output` is the file `data`, or one of those that it matches as a glob."""
    if output == data or not job.pattern:
        return output == data
    if "**" in data:
        return fnmatchcase(output, data.replace("**/", "*"))
    return PurePath(output).match(data)


def _real(path: str | Path) -> str:
    return os.path.realpath(path)
