"""Draw a forecast: the last values of each series, the main forecast with its intervals, and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures.chart import looks
from forecast_cli.report.pictures.figures import lay_out, write
from forecast_cli.report.pictures.strips import strips_of
from forecast_cli.report.pictures.views import View, choose, forecast_views
from forecast_cli.words import short, span, time_label

if TYPE_CHECKING:
    from forecast_cli.workflows import Prediction


def draw_forecast(
    prediction: Prediction, path: Path, series: Sequence[str] = (), covariates: Sequence[str] = ()
) -> None:
    """Draw a prediction and write the picture to a file. The same prediction gives the same bytes.

    path:    ends in .png (1920 x 1080 pixels, more for many charts), .svg or .pdf
    series:  the ids of the series to draw, each in a chart; if empty, all series, or six of them if there are more
    covariates:  the names of covariates to draw under each series

    Raises UsageError for another suffix, an unknown id, an unknown or static covariate, or too many of them;
    OutputError if `path` cannot be written.
    """
    write(path, lambda: compose(prediction.history, prediction.forecasts, series, covariates))


def compose(
    history: Panel, forecasts: Mapping[str, Forecast], series: Sequence[str] = (), covariates: Sequence[str] = ()
) -> Figure:
    """The picture of forecasts as a figure of Matplotlib, drawn in its current style.

    history:    the data that the forecasts continue
    forecasts:  name of a model -> its forecast, the main one first
    series:     the ids of the series to draw, each in a chart; if empty, all series, or six of them if there are more
    covariates: the names of covariates to draw under each series
    """
    main = next(iter(forecasts.values()))
    shown = forecast_views(history, forecasts, choose(history, forecasts, series))
    shown = [replace(view, strips=strips_of(view, history, main, covariates)) for view in shown]
    heading = _heading(shown, main, history, spread=not series)
    return lay_out(shown, heading, looks(list(forecasts)), dated=history.dated)


def _heading(shown: Sequence[View], main: Forecast, history: Panel, *, spread: bool) -> tuple[str, str]:
    """The title of the picture, and the note below it.

    shown:   the series that are drawn
    main:    the main forecast
    history: the data that it continues
    spread:  True if `choose` chose the series, False if the user named them. If it chose only some of them, the note
             says that they are spread from small to large
    """
    freq = history.freq
    horizon = span(main.horizon, freq)
    cutoffs = sorted({view.cutoff for view in shown})
    if len(cutoffs) == 1:
        when = f"Data to {time_label(cutoffs[0], freq)}, forecast to {time_label(shown[0].end, freq)}"
    else:
        when = f"Data of the series end between {time_label(cutoffs[0], freq)} and {time_label(cutoffs[-1], freq)}"
    if history.tz:
        when += f" ({history.tz})"
    if len(shown) == 1:
        return f"{short(shown[0].id, 56)}: forecast of {horizon}", when
    count = f"{len(shown)} series"
    if len(shown) < len(main.ids):
        count = f"{len(shown)} of {len(main.ids):,} series"
        count += ", spread from small to large" if spread else ""
    return f"Forecast of {horizon}", f"{count}. {when}"
