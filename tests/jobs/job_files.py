"""Job files of a given text, and their problems. They are written to the working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast_cli.errors import UsageError
from forecast_cli.jobs.file.job import JobFile
from forecast_cli.jobs.file.loading import load_jobs

SALES = '[jobs.sales]\ndata = "sales.csv"\n'


def loaded(text: str) -> JobFile:
    path = Path("jobs.toml")
    path.write_text(text, encoding="utf-8")
    return load_jobs(path)


def problems(text: str) -> list[str]:
    """The problems of a job file, without its name."""
    with pytest.raises(UsageError) as refused:
        loaded(text)
    message, hint = refused.value.message, refused.value.hint
    if "problems:" not in message:
        return [message.removeprefix("jobs.toml:")]
    lines = (hint or "").splitlines()
    assert message == f"jobs.toml has {len(lines)} problems:"
    return [line.removeprefix("jobs.toml:") for line in lines]


def the_problem(text: str) -> str:
    (problem,) = problems(text)
    return problem
