"""Find conflicts between the jobs of a job file: paths that two jobs write, or that one writes and another reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePath
from typing import NamedTuple

from forecast_cli.jobs.file.job import Job

SAMPLE_DATE = "2000-01-01"


class Conflict(NamedTuple):
    """A conflict: the name of a job, the key with the conflicting path, and a sentence that gives the reason."""

    job: str
    key: str
    reason: str


def conflicts(jobs: Sequence[Job], state: Path) -> Iterator[Conflict]:
    """Yield a conflict for each output that is written twice, is read as data, or lies in a model or state folder.

    Also yield one for each model folder that two jobs share, or that is the state folder.

    jobs:  the jobs of one job file
    state: the state folder of the job file
    """
    yield from _model_conflicts(jobs, state)
    yield from _output_conflicts(jobs, state)


def _model_conflicts(jobs: Sequence[Job], state: Path) -> Iterator[Conflict]:
    owners: dict[str, Job] = {}
    for job in jobs:
        folder = _real(job.model_dir)
        if folder == _real(state):
            yield Conflict(job.name, "model-dir", f'"{job.model_dir}" is the state folder.')
        elif owner := owners.get(folder):
            yield Conflict(job.name, "model-dir", f'"{job.model_dir}" is also that of [jobs.{owner.name}].')
        owners.setdefault(folder, job)


def _output_conflicts(jobs: Sequence[Job], state: Path) -> Iterator[Conflict]:
    reserved = {_real(job.model_dir): f"the model directory of [jobs.{job.name}]" for job in reversed(jobs)}
    reserved[_real(state)] = "the state folder"
    sources = [(_real(path), job) for job in jobs for path in (job.data, *job.read.second_files.values())]
    writers: dict[str, Job] = {}
    for job in jobs:
        for output in job.outputs:
            path = _real(output.path(SAMPLE_DATE)) if output.dated else _real(str(output))
            if writer := writers.get(path):
                by = "twice by this job" if writer is job else f"by [jobs.{writer.name}] too"
                yield Conflict(job.name, "output", f'"{output}" would be written {by}.')
            writers.setdefault(path, job)
            if reader := next((other for data, other in sources if _is_read(path, data, other)), None):
                whose = "this job" if reader is job else f"[jobs.{reader.name}]"
                yield Conflict(job.name, "output", f'"{output}" would be read as data of {whose}.')
            if folder := next((str(parent) for parent in PurePath(path).parents if str(parent) in reserved), None):
                yield Conflict(job.name, "output", f'"{output}" lies in {reserved[folder]}; choose another folder.')


def _is_read(output: str, data: str, job: Job) -> bool:
    """Whether a job reads the file `output`.

    output: an absolute path
    data:   the path of the job's data file, or of one of its files of covariates (`ReadConfig.second_files`); or a
            pattern, if the job reads the newest file that matches it
    """
    second = data in map(_real, job.read.second_files.values())
    if output == data or not (has_magic(data) if second else job.pattern):
        return output == data
    if "**" in data:
        return fnmatchcase(output, data.replace("**/", "*"))
    return PurePath(output).match(data)


def _real(path: str | Path) -> str:
    return os.path.realpath(path)
