"""`forecast train`: train a model on a file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    continuing_options,
    data_argument,
    general_options,
    model_dir_option,
    model_option,
    network_options,
    output_options,
    reading_options,
    training_options,
)
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.options import TrainingRequest

if TYPE_CHECKING:
    from forecast_cli.options import ContinueConfig, ModelConfig, ReadConfig, TrainConfig

logger = logging.getLogger(__name__)


@forecast_command(
    "train",
    """
  forecast train sales.csv
  forecast train sales.csv --horizon 12 --model-dir models/sales
  forecast train sales.csv --model blend
  forecast train sales.csv --warm-start forecast-model --if-better
  forecast train sensors.csv --units 64,64 --epochs 10 --seed 1
  zcat big.csv.gz | forecast train - --freq h
""",
)
@data_argument("File to train on: CSV, compressed CSV, Parquet or workbook; - is standard input.", required=True)
@model_dir_option
@model_option
@training_options
@network_options
@continuing_options
@output_options
@reading_options
@general_options
@click.pass_obj
def command(
    screen: Screen,
    *,
    data: str,
    model_dir: Path,
    model: str,
    training: TrainConfig,
    network: ModelConfig,
    continuing: ContinueConfig,
    output: Output,
    read: ReadConfig,
) -> None:
    """Train a model on a file.

    One network learns from all series of DATA and is saved in a directory. It is compared with statistical
    methods on the last steps of each series, which are held out. Settings that are not given are chosen from the
    data.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.training import result_of

    request = TrainingRequest(model_dir, read, network, training, model, continuing)
    with screen.progress("Training") as progress:
        summary = workflows.train(data, request, progress)
    logger.info("Trained in %.0f s.", summary.seconds)
    output.write(result_of(summary))
