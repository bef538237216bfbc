"""`forecast history`: show what unattended runs did."""

from __future__ import annotations

from pathlib import Path

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.option_types import Integer, Text


@forecast_command(
    "history",
    """
  forecast history
  forecast history jobs.toml --failed
  forecast history --job sales --limit 100 --format csv -o runs.csv
""",
)
@ledger_options
@typed_option("--limit", type=Integer(1), default=20, show_default=True, help="Show the latest N rows.")
@typed_option("--job", type=Text(), help="Show only this job.")
@click.option("--failed", is_flag=True, help="Show only jobs that failed.")
@output_options
@general_options
def command(*, ledger: Path, limit: int, job: str | None, failed: bool, output: Output) -> None:
    """Show what the runs of a job file did.

    One row per job and run, the newest first: the outcome, the last time in the data, whether a model was trained,
    and how many earlier forecasts got their observed value. Errors and warnings follow below the table. Times are
    local; in CSV and JSON they are UTC.
    """
    from forecast_cli.jobs.ledger.history import history
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.report.tables.history import result_of

    with Ledger.open_existing(ledger) as opened:
        runs = history(opened, limit, job, failed)
    output.write(result_of(runs))
