"""Forecasts and their dates as the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.report.tables.table import Cell, Column, Table, places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.forecasting import Forecast
    from forecast_cli.panel.panel import Panel

WITHIN_A_DAY = re.compile(r"\d*(h|min|s|ms|us|ns)")


def forecast_table(history: Panel, forecasts: Mapping[str, Forecast], series: Sequence[str], for_people: bool) -> Table:
    """A row for each series and step: id (of several series), date, forecast, and a column for each baseline.

    People see the network under its name where baselines stand beside it; programs always find "forecast".

    Raises UsageError for an id in `series` that was not predicted.
    """
    (network, main), *_ = forecasts.items()
    ids = _chosen(main.ids.tolist(), series)
    points = {model: _points(forecast, ids) for model, forecast in forecasts.items()}
    decimals: list[int] = []
    if for_people:
        for rows in zip(*points.values(), strict=True):
            decimals += [places(number for row in rows for number in row)] * main.horizon
    several = len(points) > 1
    columns = [
        Column(
            "forecast" if model == network else model,
            [number for row in rows for number in row],
            decimals or 0,
            heading=model if several else None,
        )
        for model, rows in points.items()
    ]
    times = main.times[_rows(main, ids)]
    dates = Column("date" if history.dated else "step", stamps(times.ravel(), history))
    if len(main.ids) == 1:
        return [dates, *columns]
    return [Column("id", [id_ for id_ in ids for _ in range(main.horizon)]), dates, *columns]


def stamps(times: NDArray[Any], panel: Panel) -> list[Cell]:
    """Times (k,) of a panel as text: dates alone, or ISO 8601 to the second where the panel's steps need it.

    Undated steps stay numbers. NaT gives None.
    """
    import numpy as np

    if not panel.dated:
        return [int(step) for step in times]
    whole_days = not WITHIN_A_DAY.fullmatch(panel.freq) and bool(
        np.all((times == times.astype("datetime64[D]")) | np.isnat(times))
    )
    unit, suffix = ("D", "") if whole_days else ("s", "Z" if panel.tz else "")
    texts = times.astype(f"datetime64[{unit}]").astype(str).tolist()
    return [None if text == "NaT" else f"{text}{suffix}" for text in texts]


def _chosen(ids: list[str], series: Sequence[str]) -> list[str]:
    known = set(ids)
    for wanted in series:
        if wanted not in known:
            raise UsageError(f"{wanted}: there is no such series.{did_you_mean(wanted, ids)}", option="series")
    return list(dict.fromkeys(series)) or ids


def _rows(forecast: Forecast, ids: list[str]) -> list[int]:
    position = {id_: row for row, id_ in enumerate(forecast.ids.tolist())}
    return [position[id_] for id_ in ids]


def _points(forecast: Forecast, ids: list[str]) -> list[list[float | None]]:
    """The rows of `ids`, of nothing for a series that the model did not predict."""
    points: list[list[float | None]] = forecast.point.tolist()
    known = dict(zip(forecast.ids.tolist(), points, strict=True))
    nothing: list[float | None] = [None] * forecast.horizon
    return [known.get(id_, nothing) for id_ in ids]
