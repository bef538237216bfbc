"""`forecast info`: describe a trained model."""

from __future__ import annotations

from pathlib import Path

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, model_dir_option, output_options
from forecast_cli.cli.output import Output


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

    Shows its training data, its network, how it was trained and its accuracy on the steps held out.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.model_info import result_of

    output.write(result_of(workflows.info(model_dir)))
