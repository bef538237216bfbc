"""`forecast inspect`: show how a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import data_argument, general_options, output_options, reading_options
from forecast_cli.cli.output import Output

if TYPE_CHECKING:
    from forecast_cli.options import ReadConfig


@forecast_command(
    "inspect",
    """
  forecast inspect sales.csv
  forecast inspect sales.csv --date-column day --on-gap error
  forecast inspect panel.csv.gz --format csv -o series.csv
""",
)
@data_argument("File to read: CSV, compressed CSV, Parquet or workbook; - is standard input.", required=True)
@output_options
@reading_options
@general_options
def command(*, data: str, read: ReadConfig, output: Output) -> None:
    """Show how a file is read.

    Shows the series, their dates, frequency, season and gaps, and the strength of trend and season, from 0 (none)
    to 1 (no other variation).
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.inspection import result_of

    output.write(result_of(workflows.inspect(data, read)))
