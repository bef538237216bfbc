"""`forecast score`: show how accurate the forecasts of unattended runs were."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.job_options import ledger_options
from forecast_cli.cli.options import general_options, output_options, typed_option
from forecast_cli.cli.output import Output
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.option_types import Choice, Duration, Texts
from forecast_cli.options import GROUPINGS

if TYPE_CHECKING:
    from forecast_cli.evaluation.gates import Gate

logger = logging.getLogger(__name__)

GATE_METRICS = ("mase", "mae", "bias", "skill")
"""The metrics that a condition of --fail-if can name."""


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
    type=Choice(GROUPINGS),
    default=GROUPINGS[0],
    show_default=True,
    help="What a row is for: a step ahead, an age of the model in days, a job, a series, or the month in which "
    "the forecasts were made.",
)
@typed_option("--job", type=Texts(), help="Use only this job. Repeatable.")
@typed_option("--since", type=Duration(), help="Use only forecasts made in the last SPAN, such as 90d or 12w.")
@click.option(
    "--fail-if",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 7 if this holds for all forecasts together, as in 'mase>1.2', or if the figure is "
    "missing. Repeatable.",
)
@output_options
@general_options
def command(
    *,
    ledger: Path,
    by: str,
    job: tuple[str, ...],
    since: timedelta | None,
    fail_if: tuple[str, ...],
    output: Output,
) -> None:
    """Show how accurate the forecasts of unattended runs were.

    Each forecast is compared with the observed value, and with the seasonal naive forecast made from the same data.
    """
    from forecast_cli.jobs.ledger.ledger import Ledger
    from forecast_cli.jobs.ledger.scores import scores
    from forecast_cli.report.tables.scores import result_of

    gates = [_gate(text) for text in fail_if]
    with Ledger.open_existing(ledger) as opened:
        found = scores(opened, by, job, None if since is None else datetime.now(UTC) - since)
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
        raise UsageError(
            f"--fail-if '{text}': a condition of this command cannot name a model.", 'Write it as "mase>1".'
        )
    return gate
