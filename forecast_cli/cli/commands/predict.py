"""`forecast predict`: continue the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    data_argument,
    forecast_options,
    general_options,
    model_option,
    output_options,
    picture_target,
    reading_options,
)
from forecast_cli.cli.output import Output, draw
from forecast_cli.report.tables.forecasts import result_of

if TYPE_CHECKING:
    from forecast_cli.options import ReadConfig


@forecast_command(
    "predict",
    """
  forecast predict --horizon 12
  forecast predict new.csv -n 24 --format csv > next.csv
  forecast predict -n 12 --against arima,ets --plot next.png -o next.json
  cat new.csv | forecast predict - --series north --series south
""",
)
@data_argument("The data to continue; - is standard input.  [default: what the model was trained on]")
@model_option
@forecast_options
@output_options
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=picture_target,
    help="Draw the forecast too, as .png, .svg or .pdf.",
)
@reading_options
@general_options
def command(
    *,
    data: str | None,
    model_dir: Path,
    horizon: int | None,
    against: tuple[str, ...],
    series: tuple[str, ...],
    read: ReadConfig,
    output: Output,
    plot: Path | None,
) -> None:
    """Predict the steps that follow the data.

    Prints a date and a forecast a row, preceded by the series' id where there are several.
    """
    from forecast_cli import workflows

    prediction = workflows.predict(data, model_dir, horizon, read, against)
    output.check_apart(prediction.source)
    result = result_of(prediction, series, for_people=output.form == "table")
    if plot is not None:
        draw(prediction, plot, series)
    output.write(result)
