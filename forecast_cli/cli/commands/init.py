"""`forecast init`: write a first job file."""

from __future__ import annotations

import logging
import os
import shlex
from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, typed_option
from forecast_cli.jobs.file.key_types import DataPath

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
    help="Job file to write.  [default: jobs.toml]",
)
@typed_option(
    "--data",
    type=DataPath(),
    metavar="FILE",
    help="Data of the first job: a file, or a pattern whose newest match is used.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@general_options
def command(jobs: Path, data: str | None, force: bool) -> None:
    """Write a job file to start from.

    It has comments and one job, and can be run as soon as the data of that job exist.
    """
    from forecast_cli.errors import UsageError
    from forecast_cli.files import atomic_write
    from forecast_cli.jobs.file.starter import starter

    if jobs.exists() and not force:
        raise UsageError(f"{jobs} exists already.", "Name another file, or overwrite it with --force.")
    if data is not None and not os.path.isabs(data):
        data = os.path.relpath(data, jobs.parent.resolve())
    with atomic_write(jobs) as temporary:
        temporary.write_text(starter(data), encoding="utf-8", newline="\n")
    named = shlex.quote(str(jobs))
    logger.info("Wrote %s. Edit it, then try: forecast run %s --dry-run", jobs, named)
