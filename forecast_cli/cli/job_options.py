"""Arguments and options of the commands for unattended runs: the job file and its ledger."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from forecast_cli.cli.options import Decorator, Function, stack


def jobs_argument(help: str) -> Decorator:
    """A decorator that gives a command the argument JOBS. The command gets it as `jobs_file: Path`."""
    return click.argument(
        "jobs_file",
        metavar="[JOBS]",
        default="jobs.toml",
        type=click.Path(path_type=Path),
        help=f"{help}  [default: jobs.toml]",
    )


def ledger_options(command: Function) -> Function:
    """A decorator that gives a command the argument JOBS and the option --ledger. The command gets `ledger: Path`.

    Without --ledger, this is the ledger of the job file JOBS. The command does not get JOBS itself.
    """

    @functools.wraps(command)
    def with_ledger(*, jobs_file: Path, ledger: Path | None, **others: object) -> None:
        from forecast_cli.jobs.file.loading import ledger_of

        command(ledger=ledger or ledger_of(jobs_file), **others)

    return _LEDGER(with_ledger)


_LEDGER = stack(
    jobs_argument("Job file whose ledger to read."),
    click.option(
        "--ledger",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Ledger to read.  [default: the one in the state folder of JOBS]",
    ),
)
