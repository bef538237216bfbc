"""`forecast tune`: search for better options of a network."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.activity import doing
from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    data_argument,
    data_target,
    format_option,
    general_options,
    network_options,
    picture_option,
    reading_options,
    training_options,
    tune_options,
)
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import UsageError

if TYPE_CHECKING:
    from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig, TuneConfig

logger = logging.getLogger(__name__)


@forecast_command(
    "tune",
    """
  forecast tune sales.csv --budget 10m
  forecast tune sales.csv --model gru -n 12 --oracle random --plot trials.png
  forecast tune sales.csv --units 64,64 --budget 2h -o sales.toml
  forecast train sales.csv --config tuned.toml
""",
)
@data_argument("File to tune on; - is standard input.", required=True)
@tune_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    default="tuned.toml",
    show_default=True,
    callback=data_target,
    help="File of settings to write, for --config and for job files. The trials are kept in the folder FILE.trials.",
)
@picture_option("--plot", help="Also draw the trials, as .png, .svg or .pdf.")
@format_option
@training_options
@network_options
@reading_options
@general_options
@click.pass_obj
def command(
    screen: Screen,
    *,
    data: str,
    config: TuneConfig,
    output: Path | None,
    plot: Path | None,
    format: str | None,
    training: TrainConfig,
    network: ModelConfig,
    read: ReadConfig,
) -> None:
    """Search for better options of a network.

    Each trial trains the network with other options, and scores it at several cutoffs in DATA. Options that are
    given are not searched. The last steps of each series are hidden from all trials: the best options and the
    defaults are scored on them. If a tuning was interrupted, the same command continues it.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.tuning import result_of

    if output is None:
        raise UsageError("-: the settings cannot be written to standard output.", "Name a file.", option="output")
    shown = Output.chosen(format, None, quiet=screen.quiet and not screen.verbose)
    Output("table", output).check_apart(data, plot)
    request = workflows.TuneRequest(read, network, training, config, output)
    with screen.progress("Tuning") as progress:
        tuning = workflows.tune(
            data, request, lambda spent, budget, what: progress(round(min(spent, budget)), round(budget), what)
        )
    if plot is not None:
        from forecast_cli.report.pictures.tuning import draw_tuning

        doing(f"Drawing {plot}")
        draw_tuning(tuning, plot)
        logger.info("Drew %s.", plot)
    shown.write(result_of(tuning))
