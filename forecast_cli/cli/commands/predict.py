"""`forecast predict`: continue the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli.cli.command import forecast_command
from forecast_cli.cli.options import (
    data_argument,
    general_options,
    model_dir_option,
    output_options,
    picture_option,
    predict_options,
    reading_options,
)
from forecast_cli.cli.output import Output, draw
from forecast_cli.errors import UsageError
from forecast_cli.option_fields import as_typed

if TYPE_CHECKING:
    from forecast_cli.options import PredictConfig, ReadConfig


@forecast_command(
    "predict",
    """
  forecast predict --horizon 12
  forecast predict new.csv -n 24 --format csv > next.csv
  forecast predict -n 12 --level 80,95
  forecast predict -n 12 --aggregate quarter --level 80
  forecast predict -n 12 --against arima,ets --plot next.png -o next.json
  cat new.csv | forecast predict - --series north --series south
""",
)
@data_argument("Data to continue; - is standard input.  [default: the data that the model was trained on]")
@model_dir_option
@predict_options
@output_options
@picture_option("--plot", help="Also draw the forecast, as .png, .svg or .pdf.")
@reading_options
@general_options
def command(
    *,
    data: str | None,
    model_dir: Path,
    config: PredictConfig,
    output: Output,
    plot: Path | None,
    read: ReadConfig,
) -> None:
    """Predict the steps that follow the data.

    Prints one row per step: its date and the forecast. If there are several series, the series id comes first.
    """
    from forecast_cli import workflows
    from forecast_cli.report.tables.forecasts import result_of

    if config.draw and plot is None:
        raise UsageError(f"{as_typed(config.draw)}: there is no picture.", "Name one with --plot.", option="draw")
    prediction = workflows.predict(data, model_dir, config, read, for_picture=plot is not None)
    output.check_apart(prediction.source)
    result = result_of(prediction, config, for_people=output.form == "table")
    if plot is not None:
        draw(prediction, plot, config)
    output.write(result)
