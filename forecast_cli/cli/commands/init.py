"""`forecast init`: a job file to start from."""

from __future__ import annotations

import logging
import os
import shlex
from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options

logger = logging.getLogger(__name__)


@forecast_command(
    "init",
    """
  forecast init
  forecast init nightly.toml --data data/sales.csv
""",
)
@click.argument(
    "jobs",
    metavar="[FILE]",
    required=False,
    default="jobs.toml",
    type=click.Path(path_type=Path),
    help="The job file to write.  [default: jobs.toml]",
)
@click.option("--data", metavar="FILE", help="The data of its first job; a pattern stands for its newest match.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@general_options
def command(jobs: Path, data: str | None, force: bool) -> None:
    """Write a job file to start from.

    It explains itself, holds one job, and can be run as soon as its data are there.
    """
    from forecast_cli.errors import UsageError
    from forecast_cli.files import whole
    from forecast_cli.jobs.file.keys import data_path
    from forecast_cli.jobs.file.starter import starter

    if jobs.exists() and not force:
        raise UsageError(f"{jobs} is there already.", "Name another file, or overwrite it with --force.")
    if data is not None:
        try:
            data_path(data)
        except UsageError as error:
            raise UsageError(f"--data {error.message}") from error
        if not os.path.isabs(data):
            data = os.path.relpath(data, jobs.parent.resolve())
    with whole(jobs) as beside:
        beside.write_text(starter(data), encoding="utf-8", newline="\n")
    named = shlex.quote(str(jobs))
    logger.info("Wrote %s. Say in it what to forecast, then try: forecast run %s --dry-run", jobs, named)
