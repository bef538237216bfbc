"""`forecast run`: run the jobs of a file, for cron."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import jobs_argument
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode
from forecast_cli.option_types import Integer, Texts
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, as_text

if TYPE_CHECKING:
    from forecast_cli.jobs.run.outcome import Outcome
    from forecast_cli.jobs.run.runner import Summary


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

    Each job of the file JOBS reads its data, scores earlier forecasts, trains a model if one is due, forecasts,
    and writes its output files. If some jobs fail, the others still run and the exit code is 3.
    """
    from forecast_cli.jobs.run.processes import prepare

    prepare()
    from forecast_cli.jobs.file.loading import load_jobs
    from forecast_cli.jobs.run.runner import chosen, run

    file = load_jobs(jobs_file)
    summary = run(file, chosen(file, only), jobs, force=force, dry_run=dry_run, wait=wait)
    if output.wanted(screen.quiet):
        output.write(result_of(summary))
    if summary.failed or summary.trouble:
        click.get_current_context().exit(ExitCode.JOBS_FAILED)


def result_of(summary: Summary) -> Result:
    """A row for each job, and what there is to say about it."""
    outcomes = summary.outcomes
    table = [
        Column("job", [o.job for o in outcomes], short=True),
        Column("outcome", [o.outcome for o in outcomes]),
        Column("stage", [None if o.succeeded else o.stage for o in outcomes], yields=1),
        Column("until", [o.last for o in outcomes]),
        Column("model", [o.training or ("" if o.model is None else "as it was") for o in outcomes], yields=2),
        Column("scored", [o.scored for o in outcomes], yields=3),
        Column("seconds", [o.seconds for o in outcomes], 1),
    ]
    remarks = [remark for outcome in outcomes if (remark := _remark(outcome))]
    return Result(
        table,
        text="\n".join([as_text(table), *remarks]).rstrip() + "\n",
        document={
            "run": summary.run_id,
            "started": summary.started.isoformat(timespec="seconds"),
            "seconds": summary.seconds,
            "failed": len(summary.failed),
            "trouble": summary.trouble,
            "jobs": [asdict(outcome) for outcome in outcomes],
        },
    )


def _remark(outcome: Outcome) -> str:
    """What there is to say of a job beyond its row: why it failed, what would be done, what was noticed."""
    told = [] if outcome.outcome in ("forecast", "unchanged") else [outcome.message, outcome.hint]
    words = " ".join(filter(None, [*told, outcome.noticed]))
    return fill(f"{outcome.job}: {words}", WIDTH, subsequent_indent="  ", break_long_words=False) if words else ""
