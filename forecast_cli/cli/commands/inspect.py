"""`forecast inspect`: show how a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import data_argument, general_options, output_options, reading_options
from forecast_cli.cli.output import Output
from forecast_cli.report.tables.forecasts import stamps
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Cell, Column, Table, as_text, listing, places, records

if TYPE_CHECKING:
    from forecast_cli.options import ReadConfig
    from forecast_cli.workflows import Inspection


@forecast_command(
    "inspect",
    """
  forecast inspect sales.csv
  forecast inspect sales.csv --date-column day --on-gap error
  forecast inspect panel.csv.gz --format csv -o series.csv
""",
)
@data_argument("File to read: CSV, compressed CSV or Parquet; - is standard input.", required=True)
@output_options
@reading_options
@general_options
def command(*, data: str, read: ReadConfig, output: Output) -> None:
    """Show how a file is read.

    Shows the series, their dates, frequency, season and gaps, and the strength of trend and season, from 0 (none)
    to 1 (no other variation).
    """
    from forecast_cli import workflows

    output.write(result_of(workflows.inspect(data, read)))


def result_of(inspection: Inspection) -> Result:
    """The facts of the file, and those of each series: in a table if there are several."""
    from forecast_cli.words import span

    panel = inspection.panel
    facts: dict[str, Cell] = {
        "source": inspection.source,
        "series": len(panel),
        "frequency": panel.freq if panel.dated else None,
        "season_length": panel.season_length,
    }
    step = f"{panel.freq} ({span(1, panel.freq)})" if panel.dated else "none, steps are counted"
    shown = {**facts, "frequency": step}
    table = series_table(inspection)
    if len(panel) == 1:
        shown |= {column.name: column.texts[-1] for column in table}
    text = listing((name.replace("_", " "), fact) for name, fact in shown.items())
    if len(panel) > 1:
        text += "\n" + as_text(table)
    return Result(table, text, document={**facts, "series": records(table)})


def series_table(inspection: Inspection) -> Table:
    """Id, span, points, missing points, range and strengths of each series."""
    import numpy as np

    series = inspection.series
    first, last = (
        stamps(np.array([getattr(one, end) for one in series]), inspection.panel) for end in ("first", "last")
    )
    decimals = [places((one.minimum, one.mean, one.maximum), digits=4) for one in series]
    return [
        Column("id", [one.id for one in series], short=True),
        Column("first", first, yields=3),
        Column("last", last),
        Column("points", [one.points for one in series]),
        Column("missing", [one.missing for one in series], heading="gaps"),
        Column("minimum", [one.minimum for one in series], decimals, "min", yields=1),
        Column("mean", [one.mean for one in series], decimals, yields=2),
        Column("maximum", [one.maximum for one in series], decimals, "max", yields=1),
        Column("trend_strength", [one.trend_strength for one in series], 2, "trend"),
        Column("seasonal_strength", [one.seasonal_strength for one in series], 2, "season"),
    ]
