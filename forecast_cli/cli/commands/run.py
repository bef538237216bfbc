"""`forecast run`: run the jobs of a file, for cron."""

from __future__ import annotations

from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import jobs_argument
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.errors import ExitCode
from forecast_cli.option_types import Integer, Texts


@forecast_command(
    "run",
    """
  forecast run jobs.toml --dry-run
  forecast run jobs.toml --quiet
  forecast run jobs.toml --only sales --force
  forecast run jobs.toml --log-format json --format json -o summary.json
""",
)
@jobs_argument("Job file.")
@typed_option("--only", type=Texts(), help="Run only this job. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be done and why, without doing it.")
@click.option(
    "--force", is_flag=True, help="Train and forecast even if nothing changed. Accept any change in the data."
)
@typed_option("--jobs", type=Integer(1), help="Jobs to run at the same time.  [default: one per core, at most 4]")
@click.option("--wait", is_flag=True, help="Wait until another run of the same jobs has ended.")
@output_options
@general_options
def command(
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

    Each job of the file JOBS reads its data, scores earlier forecasts, trains a model if one is due, forecasts,
    and writes its output files. If some jobs fail, the others still run and the exit code is 3.
    """
    from forecast_cli.jobs.run.fork_server import prepare

    prepare()
    from forecast_cli.jobs.file.loading import load_jobs
    from forecast_cli.jobs.run.runner import chosen, run
    from forecast_cli.report.tables.runs import result_of

    file = load_jobs(jobs_file)
    summary = run(file, chosen(file, only), jobs, force=force, dry_run=dry_run, wait=wait)
    output.write(result_of(summary))
    if summary.failed or summary.ledger_error:
        click.get_current_context().exit(ExitCode.JOBS_FAILED)
