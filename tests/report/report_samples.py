"""Panels and forecasts to draw, and the function that draws them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import ArrayLike

from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import UNDATED, Panel
from forecast_cli.report.pictures.forecasts import draw_forecast
from forecast_cli.workflows import Prediction

SAMPLE_DATA = Path(__file__).parents[2] / "sample_data"
MODELS = ("lstm", "arima", "ets", "theta", "seasonal-naive")


def months(first: str, count: int) -> np.ndarray:
    start = np.datetime64(first, "M")
    return (start + np.arange(count)).astype("datetime64[ns]")


def airline() -> Panel:
    with (SAMPLE_DATA / "airline_passengers.csv").open() as file:
        values = np.array([float(row["passengers"]) for row in csv.DictReader(file)])
    return monthly({"passengers": values}, first="1949-01")


def monthly(series: dict[str, ArrayLike], first: str = "2015-01", season_length: int = 12) -> Panel:
    """A monthly panel; every series starts at `first`."""
    arrays = [np.asarray(values, float) for values in series.values()]
    return Panel(
        ids=np.array(list(series)),
        freq="MS",
        season_length=season_length,
        indptr=np.concatenate([[0], np.cumsum([len(a) for a in arrays])]),
        times=np.concatenate([months(first, len(a)) for a in arrays]),
        values=np.concatenate(arrays),
    )


def undated(values: ArrayLike) -> Panel:
    array = np.asarray(values, float)
    steps = np.arange(1, len(array) + 1)
    return Panel(np.array(["sensor"]), UNDATED, 1, np.array([0, len(array)]), steps, array)


def ahead(panel: Panel, horizon: int, point: ArrayLike | None = None, *, levels: ArrayLike = ()) -> Forecast:
    """A forecast of every series that repeats its last value (or is `point`), with intervals that widen."""
    cutoff = panel.ends
    if panel.dated:
        steps = cutoff.astype("datetime64[M]")[:, None] + np.arange(1, horizon + 1)
        times = steps.astype("datetime64[ns]")
    else:
        times = cutoff[:, None] + np.arange(1, horizon + 1)
    values = (
        np.repeat(panel.values[panel.indptr[1:] - 1][:, None], horizon, axis=1) if point is None else np.asarray(point)
    )
    level = np.asarray(levels, float)
    quantiles = values[:, :, None] + 40 * (level - 0.5) * np.arange(1, horizon + 1)[:, None]
    return Forecast(panel.ids, cutoff, times, values, level, quantiles)


def five_models(panel: Panel, horizon: int) -> dict[str, Forecast]:
    """The main model with two intervals, and four baselines a little above it."""
    base = ahead(panel, horizon)
    forecasts = {MODELS[0]: ahead(panel, horizon, levels=(0.025, 0.1, 0.9, 0.975))}
    for i, name in enumerate(MODELS[1:], start=1):
        forecasts[name] = ahead(panel, horizon, base.point + 8.0 * i)
    return forecasts


def draw(panel: Panel, forecasts: dict[str, Forecast], path: Path, series: Sequence[str] = ()) -> None:
    draw_forecast(Prediction("data.csv", panel, forecasts), path, series)


def words_in(path: Path) -> str:
    """All texts of an SVG, one on each line."""
    return "\n".join(node.text or "" for node in ElementTree.parse(path).iter() if node.tag.endswith("text"))
