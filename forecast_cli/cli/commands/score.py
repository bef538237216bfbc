"""`forecast score`: show how accurate the forecasts of unattended runs were."""

from __future__ import annotations

import logging
import textwrap
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.option_types import Choice, Duration, Texts
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, Table, as_text, places, records

if TYPE_CHECKING:
    from forecast_cli.evaluation.gates import Gate
    from forecast_cli.jobs.ledger.scores import Scores

logger = logging.getLogger(__name__)

BY = ("step", "age", "job", "series", "month")
ALL = "all"
LEGEND = """\
MASE, MAE: lower is better; "naive" is the last season repeated, forecast at the
same time. Percent: bias, above 0 where too much was forecast; skill over naive."""
SEVERAL = "MAE and bias over several jobs mean nothing, as their units differ; --job NAME or --by job has them."


@forecast_command(
    "score",
    """
  forecast score
  forecast score jobs.toml --by age --since 90d
  forecast score --job sales --by series --format csv -o sales.csv
  forecast score --since 30d --fail-if "mase>1.2" --quiet
""",
)
@ledger_options
@typed_option(
    "--by",
    type=Choice(BY),
    default=BY[0],
    show_default=True,
    help="One row per step ahead, age of the model in days when it made the forecast, job, series, or month in which "
    "the forecast was made.",
)
@typed_option("--job", type=Texts(), help="Use only this job. Repeatable.")
@typed_option("--since", type=Duration(), help="Use only forecasts made in the last 90d, 12w, ...")
@click.option(
    "--fail-if",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 7 if this holds for all forecasts together, as in 'mase>1.2', or if the figure is "
    "missing. Repeatable.",
)
@output_options
@general_options
@click.pass_obj
def command(
    screen: Screen,
    *,
    ledger: Path,
    by: str,
    job: tuple[str, ...],
    since: timedelta | None,
    fail_if: tuple[str, ...],
    output: Output,
) -> None:
    """Show how accurate the forecasts of unattended runs were.

    Each forecast is compared with the observed value, and with the naive forecast made from the same data.
    """
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.jobs.ledger.scores import scores

    gates = [_gate(text) for text in fail_if]
    with Ledger.open_existing(ledger) as opened:
        found = scores(opened, by, job, None if since is None else datetime.now(UTC) - since)
    if output.wanted(screen.quiet):
        output.write(result_of(found, by))
    failures = [gate.failure_at(getattr(found.overall, gate.metric), "the ledger") for gate in gates]
    for failure in filter(None, failures):
        logger.error(failure)
    if any(failures):
        click.get_current_context().exit(ExitCode.GATE_FAILED)


def result_of(found: Scores, by: str) -> Result:
    """The rows; for people and in JSON with the figures of all of them together."""
    document = {
        "by": by,
        "jobs": found.jobs,
        "forecasts": found.forecasts,
        "first": found.first,
        "last": found.last,
        "overall": asdict(found.overall),
        "rows": records(table_of(found)),
    }
    return Result(table_of(found), _text(found), document)


def table_of(found: Scores, total: bool = False) -> Table:
    """A row for each key, and where wanted one of all together."""
    keys = [key for key, _ in found.rows]
    figures = [figures for _, figures in found.rows]
    if total:
        keys.append((ALL, *[None] * (len(found.keys) - 1)))
        figures.append(found.overall)
    mae, naive_mae = [row.mae for row in figures], [row.naive_mae for row in figures]
    one_unit = "job" not in found.keys
    decimals = [places(mae if one_unit else [row.mae], 4) for row in figures]
    return [
        *(Column(name, [key[at] for key in keys], short=name == "series") for at, name in enumerate(found.keys)),
        Column("points", [row.points for row in figures]),
        Column("mase", [row.mase for row in figures], 3, "MASE"),
        Column("naive_mase", [row.naive_mase for row in figures], 3, "naive"),
        Column("mae", mae, decimals, "MAE", yields=1),
        Column("naive_mae", naive_mae, decimals, "naive", yields=1),
        Column("bias", [row.bias for row in figures], 1),
        Column("skill", [row.skill for row in figures], 1),
    ]


def _text(found: Scores) -> str:
    if not found.forecasts:
        return "There are no such forecasts yet.\n"
    made = f"{found.forecasts:,} forecast{'' if found.forecasts == 1 else 's'}, made {found.first} to {found.last}"
    if not found.rows:
        return f"{made}: no actual value has come yet.\n"
    shown = [column for column in table_of(found, total=True) if set(column.texts[1:]) != {"-"}]
    several = "" if any(column.name == "mae" for column in shown) else f"\n{textwrap.fill(SEVERAL, WIDTH)}\n"
    return f"{made}:\n\n{as_text(shown)}\n{LEGEND}\n{several}"


def _gate(text: str) -> Gate:
    from forecast_cli.evaluation.gates import Gate
    from forecast_cli.jobs.ledger.scores import SCORED

    gate = Gate.parse(text, SCORED)
    if gate.model:
        raise UsageError(f"--fail-if '{text}': no model can be named here.", 'A condition reads "mase>1".')
    return gate
