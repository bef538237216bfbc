"""`forecast plot`: draw the forecast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    data_argument,
    general_options,
    model_dir_option,
    picture_option,
    plot_options,
    reading_options,
)
from forecast_cli.cli.output import draw

if TYPE_CHECKING:
    from forecast_cli.options import PredictConfig, ReadConfig


@forecast_command(
    "plot",
    """
  forecast plot --horizon 12
  forecast plot --against arima,seasonal-naive -o sales.svg
  forecast plot new.csv --series north --series south -o regions.pdf
  forecast plot --draw price,promo
""",
)
@data_argument("Data to continue; - is standard input.  [default: the data that the model was trained on]")
@model_dir_option
@plot_options
@picture_option("-o", "--output", default="forecast.png", help="Picture to write: .png, .svg or .pdf.")
@reading_options
@general_options
def command(
    *,
    data: str | None,
    model_dir: Path,
    config: PredictConfig,
    output: Path,
    read: ReadConfig,
) -> None:
    """Draw the data and the forecast that follows them, with its intervals.

    If there are many series, a few that represent the others are drawn, or those that --series names.
    """
    from forecast_cli import workflows

    draw(workflows.predict(data, model_dir, config, read, for_picture=True), output, config)
