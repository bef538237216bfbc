"""`forecast plot`: draw the forecast."""

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
    picture_target,
    reading_options,
)
from forecast_cli.cli.output import draw

if TYPE_CHECKING:
    from forecast_cli.options import ReadConfig


@forecast_command(
    "plot",
    """
  forecast plot --horizon 12
  forecast plot --against arima,seasonal-naive -o sales.svg
  forecast plot new.csv --series north --series south -o regions.pdf
""",
)
@data_argument("The data to continue; - is standard input.  [default: what the model was trained on]")
@model_option
@forecast_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    callback=picture_target,
    default="forecast.png",
    show_default=True,
    help="The picture: .png, .svg or .pdf.",
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
    output: Path,
) -> None:
    """Draw the data and the steps that follow.

    Of many series a representative few are drawn, or those that --series names.
    """
    from forecast_cli import workflows

    draw(workflows.predict(data, model_dir, horizon, read, against), output, series)
