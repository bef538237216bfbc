"""`forecast detect`: find surprising points."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.activity import doing
from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    data_argument,
    detect_options,
    general_options,
    learning_options,
    model_dir_option,
    model_to_judge_option,
    network_options,
    output_options,
    picture_option,
    reading_options,
)
from forecast_cli.cli.output import Output
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.options import TrainingRequest

if TYPE_CHECKING:
    from forecast_cli.options import DetectConfig, ModelConfig, ReadConfig, TrainConfig

logger = logging.getLogger(__name__)


@forecast_command(
    "detect",
    """
  forecast detect data.csv
  forecast detect data.csv --alarms-per week=1 --plot anomalies.png
  forecast detect today.csv -m model --since 2024-06-01 --fail-if-any -q
  forecast detect data.csv --model lstm --since 2024-06-01 -o anomalies.csv
  forecast detect data.csv --scores --format csv > every-point.csv
""",
)
@data_argument("Data to judge; - is standard input.", required=True)
@detect_options
@model_dir_option
@model_to_judge_option
@click.option("--scores", is_flag=True, help="One row per point, with its p-values, instead of one per anomaly.")
@click.option("--fail-if-any", is_flag=True, help="End with exit code 7 if there is an anomaly.")
@output_options
@picture_option("--plot", help="Also draw the anomalies, as .png, .svg or .pdf.")
@learning_options
@network_options
@reading_options
@general_options
@click.pass_context
def command(
    context: click.Context,
    *,
    data: str,
    config: DetectConfig,
    model_dir: Path,
    model: str | None,
    scores: bool,
    fail_if_any: bool,
    output: Output,
    plot: Path | None,
    training: TrainConfig,
    network: ModelConfig,
    read: ReadConfig,
) -> None:
    """Find anomalies: points that are surprising, given the points before them.

    Each point is compared with a forecast by the model in --model-dir, if there is one. With --model, this model is
    trained on the part of DATA before --since, or on its first quarter. Without a model, exponential smoothing
    forecasts.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.anomalies import result_of

    named = context.get_parameter_source("model_dir") is not click.core.ParameterSource.DEFAULT
    if named and model is not None:
        raise UsageError("--model and --model-dir cannot be used together: only one model forecasts.", "Leave out one.")
    saved = named or (model is None and (model_dir / "metadata.json").exists())
    if saved and not named:
        logger.info("Using the model in %s.", model_dir)
    request = TrainingRequest(model_dir, read, network, training, model)
    with context.ensure_object(Screen).progress("Training") as progress:
        detection = workflows.detect(data, request, config, saved, progress)
    result = result_of(detection, scores, for_people=output.form == "table")
    if plot is not None:
        from forecast_cli.report.pictures.anomalies import draw_anomalies

        doing(f"Drawing {plot}")
        draw_anomalies(detection, plot, config.series)
        logger.info("Drew %s.", plot)
    output.write(result)
    if fail_if_any and detection.anomalies:
        context.exit(ExitCode.GATE_FAILED)
