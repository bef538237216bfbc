"""`forecast history`: what the unattended runs did."""

from __future__ import annotations

from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options
from forecast_cli.cli.output import Output
from forecast_cli.cli.types import NAME


@forecast_command(
    "history",
    """
  forecast history
  forecast history jobs.toml --failed
  forecast history --job sales --limit 100 --format csv -o runs.csv
""",
)
@ledger_options
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="The latest N rows.",
)
@click.option("--job", metavar="NAME", type=NAME, help="This job only.")
@click.option("--failed", is_flag=True, help="Only what did not end well.")
@output_options
@general_options
def command(*, ledger: Path, limit: int, job: str | None, failed: bool, output: Output) -> None:
    """Show what the runs of a job file did.

    A row for each job of each run, the newest first: what came of it, how far the data went, whether a model was
    trained, how many earlier forecasts were given their actual value. What failed and what was warned of stands below.
    Times are local; in CSV and JSON they are UTC.
    """
    from forecast_cli.jobs.ledger.history import history
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.report.tables.history import result_of

    with Ledger.open_existing(ledger) as opened:
        runs = history(opened, limit, job, failed)
    output.write(result_of(runs))
