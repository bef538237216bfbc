"""`forecast history`: show what unattended runs did."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.option_types import Integer, Text
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, as_text

if TYPE_CHECKING:
    from forecast_cli.jobs.ledger.records import JobRun

SHORT = 6
"""Characters of a run's id that people see: its end, as it begins with the time, which stands beside it."""


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
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.jobs.ledger.scores import history

    with Ledger.open_existing(ledger) as opened:
        runs = history(opened, limit, job, failed)
    output.write(result_of(runs))


def result_of(runs: list[JobRun]) -> Result:
    """A row for each; people read below the table why some failed, and what was warned of."""
    from forecast_cli.jobs.ledger.ledger import as_text as as_utc

    when = [f"{run.started.astimezone():%Y-%m-%d %H:%M}" for run in runs]
    seconds = [None if run.unfinished else (run.ended - run.started).total_seconds() for run in runs]
    table = [
        Column("started", [as_utc(run.started) for run in runs]),
        Column("run", [run.run_id for run in runs]),
        Column("job", [run.job or None for run in runs]),
        Column("outcome", [run.outcome for run in runs]),
        Column("stage", [run.stage for run in runs]),
        Column("data_until", [run.last for run in runs]),
        Column("series", [run.series for run in runs]),
        Column("points", [run.points for run in runs]),
        Column("model", [run.model for run in runs]),
        Column("training", [run.training or None for run in runs]),
        Column("scored", [None if run.unfinished else run.scored for run in runs]),
        Column("seconds", seconds, 1),
        Column("message", [run.message for run in runs]),
        Column("noticed", [run.noticed for run in runs]),
    ]
    if not runs:
        return Result(table, text="There are no such runs.\n")
    named = {column.name: column for column in table}
    shown = [
        Column("when", when),
        Column("run", [run.run_id[-SHORT:] for run in runs], yields=1),
        named["job"],
        named["outcome"],
        Column("data_until", named["data_until"].cells, heading="data until"),
        Column("training", named["training"].cells, yields=4),
        Column("scored", named["scored"].cells, yields=3),
        Column("seconds", seconds, 1, yields=2),
    ]
    notes = [
        f"{moment}{f' {run.job}' if run.job else ''}: {remark}"
        for moment, run in zip(when, runs, strict=True)
        if (remark := _remark(run))
    ]
    return Result(table, text="\n".join([as_text(shown), "".join(map(_wrapped, notes))]).rstrip("\n") + "\n")


def _remark(run: JobRun) -> str:
    """What there is to say of a run beyond the ordinary."""
    return " ".join(filter(None, [None if run.well else run.message, run.noticed]))


def _wrapped(note: str) -> str:
    return textwrap.fill(note, WIDTH, subsequent_indent="  ", break_on_hyphens=False) + "\n"
