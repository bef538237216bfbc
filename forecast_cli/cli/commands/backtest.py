"""`forecast backtest`: measure forecasts from earlier cutoffs."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.activity import doing
from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    backtest_options,
    data_argument,
    general_options,
    learning_options,
    network_options,
    output_options,
    picture_option,
    reading_options,
    typed_option,
)
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.option_types import Choice
from forecast_cli.options import METRICS

if TYPE_CHECKING:
    from forecast_cli.options import BacktestConfig, ModelConfig, ReadConfig, TrainConfig

COMMANDLINE = click.core.ParameterSource.COMMANDLINE
"""The source of an option that the user typed.

With --test, it is an error to type --horizon, --windows or --step. From a file or the environment, they are ignored.
"""

logger = logging.getLogger(__name__)


@forecast_command(
    "backtest",
    """
  forecast backtest sales.csv
  forecast backtest sales.csv -n 12 --windows 5 --models lstm,ets,theta
  forecast backtest sales.csv --level 80,95 --reliability quantiles.png
  forecast backtest train.csv --test actuals.csv --models theta -o scores.json
  forecast backtest sales.csv --detail -o by-series.csv --plot folds.png
  forecast backtest sales.csv --models lstm --fail-if "mase>1" --quiet
""",
)
@data_argument("File to test on; - is standard input.", required=True)
@backtest_options
@click.option(
    "--test",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Observed values that follow DATA. The end of DATA is then the only cutoff.",
)
@typed_option(
    "--metric", type=Choice(METRICS), default="mase", show_default=True, help="Metric that sorts the leaderboard."
)
@click.option(
    "--fail-if",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 7 if this holds: for the first of --models, as in 'mase>1', or for another model, as in "
    "'ets.mase>1'. Repeatable.",
)
@click.option("--detail", is_flag=True, help="One row per model, series and cutoff, instead of one per model.")
@click.option(
    "--forecasts",
    is_flag=True,
    help="One row per model, series, cutoff and step: the forecast and the observed value.",
)
@picture_option(
    "--plot",
    help="Also draw the cutoffs, with the forecasts of the first model, the best one and seasonal naive, as .png, .svg "
    "or .pdf.",
)
@picture_option(
    "--reliability",
    help="Also draw how often actual values were below each quantile, as .png, .svg or .pdf. Needs --level.",
)
@output_options
@learning_options
@network_options
@reading_options
@general_options
@click.pass_context
def command(
    context: click.Context,
    *,
    data: str,
    config: BacktestConfig,
    test: str | None,
    metric: str,
    fail_if: tuple[str, ...],
    detail: bool,
    forecasts: bool,
    plot: Path | None,
    reliability: Path | None,
    output: Output,
    training: TrainConfig,
    network: ModelConfig,
    read: ReadConfig,
) -> None:
    """Measure forecasts from earlier cutoffs.

    At each of several cutoffs in DATA, every model is fitted to the values before the cutoff, forecasts the steps
    after it, and is scored on them. Cutoffs are counted back from the end of each series. If the series end at
    different dates, a network may have seen values of other series that are later than a cutoff.
    """
    from forecast_cli import workflows
    from forecast_cli.evaluation.gates import parse_gates
    from forecast_cli.report.tables.backtests import result_of

    if test is not None:
        if any(context.get_parameter_source(name) is COMMANDLINE for name in ("horizon", "windows", "step")):
            raise UsageError(
                "--horizon, --windows and --step cannot be used with --test, which sets the cutoff and the horizon.",
                "Leave them out, or leave out --test.",
            )
        config = replace(config, horizon=None, n_windows=None, step_size=None)
        if data == test == "-":
            raise UsageError("Standard input cannot be read twice.", "Give DATA or --test as a file.")
    if detail and forecasts and output.form != "json":
        raise UsageError(
            "--detail and --forecasts cannot be used together: each of them selects another table.",
            "Leave out one, or write both tables with --format json.",
        )
    if reliability is not None and not config.level:
        raise UsageError(f"{reliability}: this picture needs intervals.", "Give --level 80,95 too.", "reliability")
    gates = parse_gates(fail_if, config)
    with context.ensure_object(Screen).progress("Backtest") as progress:
        result = workflows.backtest(
            data, test, read, config, network, training, lambda share, what: progress(round(1000 * share), 1000, what)
        )
    if result.interrupted:
        logger.warning("Interrupted: these results are of the cutoffs finished so far (%d).", len(result.folds))
    if plot is not None:
        from forecast_cli.report.pictures.backtests import draw_backtest

        doing(f"Drawing {plot}")
        models = draw_backtest(result, plot)
        logger.info("Drew %s: %s.", plot, ", ".join(models))
    if reliability is not None:
        from forecast_cli.report.pictures.reliability import draw_reliability

        draw_reliability(result, reliability)
        logger.info("Drew %s.", reliability)
    if output.form not in ("json", "table") or ((detail or forecasts) and output.form == "table"):
        for note in result.board.notes():
            logger.info(note)
    output.write(result_of(result, metric, detail, forecasts))
    if result.interrupted:
        context.exit(ExitCode.INTERRUPTED)
    failures = [failure for gate in gates if (failure := gate.on(result.first).failure(result.board)) is not None]
    for failure in failures:
        logger.error(failure)
    if failures:
        context.exit(ExitCode.GATE_FAILED)
