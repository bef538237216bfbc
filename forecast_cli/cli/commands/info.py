"""`forecast info`: describe a trained model."""

from __future__ import annotations

import logging
from pathlib import Path

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, model_dir_option, output_options
from forecast_cli.cli.output import Output

logger = logging.getLogger(__name__)


@forecast_command(
    "info",
    """
  forecast info
  forecast info --model-dir models/sales --format json
""",
)
@model_dir_option
@output_options
@general_options
def command(model_dir: Path, output: Output) -> None:
    """Describe a trained model.

    Says what the model is, what it learned from and how accurate it was on the steps held out. CSV and JSON have
    all details: options, network, files.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.model_info import result_of

    output.write(result_of(workflows.info(model_dir)))
    if output.form == "table":
        logger.info("All details: forecast info --format json")
