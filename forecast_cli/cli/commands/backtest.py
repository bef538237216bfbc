"""`forecast backtest`: how good the forecasts would have been."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    backtest_options,
    data_argument,
    general_options,
    output_options,
    picture_target,
    reading_options,
)
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.training_options import learning_options, network_options
from forecast_cli.cli.types import Choice
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.options import METRICS
from forecast_cli.report.tables.backtests import result_of

if TYPE_CHECKING:
    from forecast_cli.options import BacktestConfig, ModelConfig, ReadConfig, TrainConfig

COMMANDLINE = click.core.ParameterSource.COMMANDLINE
"""Where an option was typed. Defaults of the settings file or the environment are for other backtests."""

logger = logging.getLogger(__name__)


@forecast_command(
    "backtest",
    """
  forecast backtest sales.csv
  forecast backtest sales.csv -n 12 --windows 5 --models lstm,ets,theta
  forecast backtest train.csv --test actuals.csv --models theta -o scores.json
  forecast backtest sales.csv --detail -o by-series.csv --plot folds.png
  forecast backtest sales.csv --models lstm --fail-if "mase>1" --quiet
""",
)
@data_argument("The file to test on; - is standard input.", required=True)
@backtest_options
@click.option(
    "--test",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="What came after DATA: one cutoff, the end of DATA.",
)
@click.option(
    "--metric",
    type=Choice(METRICS),
    default="mase",
    show_default=True,
    help="What the leaderboard is sorted by.",
)
@click.option(
    "--fail-if",
    metavar="CONDITION",
    multiple=True,
    help="End with exit code 7 if the first of --models has such a figure, as in 'mase>1', or another model, as in "
    "'ets.mase>1'. Repeatable.",
)
@click.option("--detail", is_flag=True, help="A row for each model, series and cutoff, not one for each model.")
@click.option(
    "--forecasts",
    is_flag=True,
    help="A row for each model, series, cutoff and step: what was forecast, and what came.",
)
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=picture_target,
    help="Draw the cutoffs too, with the forecasts of the first model, the best one and seasonal naive, as .png, .svg "
    "or .pdf.",
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
    test: str | None,
    config: BacktestConfig,
    read: ReadConfig,
    model: ModelConfig,
    training: TrainConfig,
    metric: str,
    fail_if: tuple[str, ...],
    detail: bool,
    forecasts: bool,
    output: Output,
    plot: Path | None,
) -> None:
    """Measure how good forecasts would have been.

    From several earlier cutoffs in DATA, every model is fitted on what precedes the cutoff alone, forecasts what
    follows, and is scored there. The cutoffs are counted from the end of each series; where the ends differ, a network
    has learned of the other series what lies before their own cutoffs.
    """
    from forecast_cli import workflows
    from forecast_cli.evaluation.gates import parse_gates

    if test is not None:
        if any(context.get_parameter_source(name) is COMMANDLINE for name in ("horizon", "windows", "step")):
            raise UsageError("--test gives the one cutoff and horizon.", "Leave out --horizon, --windows and --step.")
        config = replace(config, horizon=None, n_windows=None, step_size=None)
        if data == test == "-":
            raise UsageError("Standard input cannot be read twice.", "Give DATA or --test as a file.")
    if detail and forecasts and output.form != "json":
        raise UsageError("--detail and --forecasts are two tables.", "Leave out one, or write both with --format json.")
    gates = parse_gates(fail_if, config)
    with context.ensure_object(Screen).progress("Backtest", show_eta=False) as progress:
        result = workflows.backtest(
            data, test, read, config, model, training, lambda share, what: progress(round(1000 * share), 1000, what)
        )
    if result.interrupted:
        logger.warning("Interrupted: these results are of the cutoffs finished so far (%d).", len(result.folds))
    if plot is not None:
        from forecast_cli.report.pictures.backtests import draw_backtest

        models = draw_backtest(result, plot)
        logger.info("Drew %s: %s.", plot, ", ".join(models))
    if output.form == "csv" or ((detail or forecasts) and output.form == "table"):
        for note in result.board.notes():
            logger.info(note)
    output.write(result_of(result, metric, detail, forecasts))
    if result.interrupted:
        context.exit(ExitCode.INTERRUPTED)
    failures = [failure for gate in gates if (failure := gate.failure(result.board)) is not None]
    for failure in failures:
        logger.error(failure)
    if failures:
        context.exit(ExitCode.GATE_FAILED)
