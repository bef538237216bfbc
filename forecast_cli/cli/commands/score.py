"""`forecast score`: how good the forecasts of the unattended runs turned out to be."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.types import NAME, Choice
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.outcomes import GROUPINGS

if TYPE_CHECKING:
    from forecast_cli.evaluation.gates import Gate

logger = logging.getLogger(__name__)

GATE_METRICS = ("mase", "mae", "bias", "skill")
"""Metrics that a condition can name."""


def _duration(_ctx: click.Context, _param: click.Parameter, text: str | None) -> timedelta | None:
    from forecast_cli.jobs.file.durations import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except UsageError as error:
        raise UsageError(f"--since {error.message}", error.hint) from error


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
@click.option(
    "--by",
    type=Choice(GROUPINGS),
    default=GROUPINGS[0],
    show_default=True,
    help="What the rows are: steps ahead, days between the model's creation and the forecast, jobs, series, or months "
    "in which the forecasts were made.",
)
@click.option("--job", metavar="NAME", type=NAME, multiple=True, help="This job only. Repeatable.")
@click.option("--since", metavar="SPAN", callback=_duration, help="Only forecasts made in the last 90d, 12w, ...")
@click.option(
    "--fail-if",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 7 if the figures of all rows together are such, as in 'mase>1.2', or are not there. "
    "Repeatable.",
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
    """Show how good the forecasts turned out to be.

    Each forecast that a run made is held against what came, beside the naive forecast made from the same data.
    """
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.jobs.ledger.scores import scores
    from forecast_cli.report.tables.scores import result_of

    gates = [_gate(text) for text in fail_if]
    with Ledger.open_existing(ledger) as opened:
        found = scores(opened, by, job, None if since is None else datetime.now(UTC) - since)
    if output.wanted(screen.quiet):
        output.write(result_of(found))
    failures = [gate.failure_at(getattr(found.overall, gate.metric), "the ledger") for gate in gates]
    for failure in filter(None, failures):
        logger.error(failure)
    if any(failures):
        click.get_current_context().exit(ExitCode.GATE_FAILED)


def _gate(text: str) -> Gate:
    from forecast_cli.evaluation.gates import Gate

    gate = Gate.parse(text, GATE_METRICS)
    if gate.model:
        raise UsageError(f"--fail-if '{text}': no model can be named here.", 'A condition reads "mase>1".')
    return gate
