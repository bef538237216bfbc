"""`forecast run`: the jobs of a file, for cron."""

from __future__ import annotations

from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import jobs_argument
from forecast_cli.cli.options import general_options, output_options
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.types import NAME
from forecast_cli.errors import ExitCode


@forecast_command(
    "run",
    """
  forecast run jobs.toml --dry-run
  forecast run jobs.toml --quiet
  forecast run jobs.toml --only sales --force
  forecast run jobs.toml --log-format json --format json -o summary.json
""",
)
@jobs_argument("The job file.")
@click.option("--only", metavar="NAME", type=NAME, multiple=True, help="Do this job only. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and why, and do nothing.")
@click.option("--force", is_flag=True, help="Train and forecast though nothing changed, and whatever changed.")
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Jobs at once.  [default: one a core, at most 4]")
@click.option("--wait", is_flag=True, help="Wait for another run of the same jobs to end.")
@output_options
@general_options
@click.pass_obj
def command(
    screen: Screen,
    *,
    jobs_file: Path,
    only: tuple[str, ...],
    dry_run: bool,
    force: bool,
    jobs: int | None,
    wait: bool,
    output: Output,
) -> None:
    """Keep many forecasts up to date, unattended.

    Every job of the file JOBS reads its data, checks earlier forecasts against what came, trains if that is due,
    forecasts and writes. One that fails stops no other; the exit code is then 3.
    """
    from forecast_cli.jobs.run.processes import prepare

    prepare()
    from forecast_cli.jobs.file.loading import load_jobs
    from forecast_cli.jobs.run.runner import chosen, run
    from forecast_cli.report.tables.runs import result_of

    file = load_jobs(jobs_file)
    summary = run(file, chosen(file, only), jobs, force=force, dry_run=dry_run, wait=wait)
    if output.wanted(screen.quiet):
        output.write(result_of(summary))
    if summary.failed or summary.ledger_error:
        click.get_current_context().exit(ExitCode.JOBS_FAILED)
