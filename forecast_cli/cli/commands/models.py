"""`forecast models`: list the models by name."""

from __future__ import annotations

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import general_options, output_options
from forecast_cli.cli.output import Output


@forecast_command(
    "models",
    """
  forecast models
  forecast models --format csv -o models.csv
""",
)
@output_options
@general_options
def command(output: Output) -> None:
    """List the models that --model and --models can name.

    One row per model: its name, what it is, and whether it has a network. The options of networks, such as --units, are
    for models with a network.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.models import result_of

    output.write(result_of(workflows.models()))
