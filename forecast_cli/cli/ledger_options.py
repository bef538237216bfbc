"""Options of the commands that read the ledger."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from forecast_cli.cli.options import Function, stack


def ledger_options(command: Function) -> Function:
    """Give the command a `ledger: Path`: the one of a job file, or one that is named."""

    @functools.wraps(command)
    def with_ledger(*, jobs_file: Path, ledger: Path | None, **others: object) -> None:
        from forecast_cli.jobs.jobfile import ledger_of

        command(ledger=ledger or ledger_of(jobs_file), **others)

    return _LEDGER(with_ledger)


_LEDGER = stack(
    click.argument(
        "jobs_file",
        type=click.Path(path_type=Path),
        default="jobs.toml",
        help="The job file whose ledger is read.  [default: jobs.toml]",
    ),
    click.option(
        "--ledger",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Read this ledger.  [default: the one in the state folder of JOBS_FILE]",
    ),
)
