"""Show a prediction as a table with one row for each series and step, or for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.report.series import chosen_ids
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, decimals_for
from forecast_cli.report.tables.times import time_column

if TYPE_CHECKING:
    from forecast_cli.forecasting import Forecast
    from forecast_cli.options import PredictConfig
    from forecast_cli.workflows import Prediction
    from forecast_cli.workflows.intervals import Sums

Numbers = list[list[float | None]]
"""For each series, a number for each step."""


def result_of(prediction: Prediction, config: PredictConfig, for_people: bool) -> Result:
    """The result of the command `predict`.

    config:      which series, intervals and quantiles are shown, and whether totals
    for_people:  whether the table is shown as text, with few decimals; CSV and JSON do not depend on it

    Raises UsageError for the id of a series without a forecast.
    """
    if prediction.sums is not None:
        return Result(sums_table(prediction, prediction.sums, config, for_people))
    return Result(forecast_table(prediction, config.series, for_people, config.level, config.quantiles))


def forecast_table(
    prediction: Prediction,
    series: Sequence[str] = (),
    for_people: bool = False,
    level: Sequence[float] = (),
    quantiles: Sequence[float] = (),
) -> Table:
    """The forecasts as a table, one row for each series and step.

    Its columns are: the series id (if there are several series); the date or step; "forecast", the forecast of the
    trained model; its intervals and quantiles; and one column for each further model. If there are further models, the
    text shows the name of the trained model as heading instead of "forecast".

    series:      the ids of the series to show; if empty, all of them
    for_people:  True if the table is shown as text: numbers then have fewer decimals
    level:       the levels of the intervals to show, in percent
    quantiles:   the quantiles to show
    """
    from forecast_cli.panel.panel import row_by_id

    (name, main), *others = prediction.forecasts.items()
    ids = chosen_ids(series, main.ids.tolist())
    numbers = {"forecast": _points(main, ids), **_quantile_columns(main, ids, level, quantiles)}
    numbers |= {model: _points(forecast, ids) for model, forecast in others}
    headings = {"forecast": name} if others else {}
    row_of = row_by_id(main.ids)
    times = time_column(main.times[[row_of[id_] for id_ in ids]], prediction.history)
    return [*_id_column(ids, main), times, *_columns(numbers, main.horizon, for_people, headings)]


def sums_table(prediction: Prediction, sums: Sums, config: PredictConfig, for_people: bool) -> Table:
    """The totals as a table, one row for each series and period: first and last step, number of steps, total.

    Raises UsageError for the id of a series without a forecast.
    """
    import numpy as np

    every = next(iter(prediction.forecasts.values())).ids.tolist()
    rows = np.concatenate([np.flatnonzero(sums.ids == id_) for id_ in chosen_ids(config.series, every)])
    numbers = {"forecast": sums.point[rows].tolist()}
    for name, level in quantile_names(config.level, config.quantiles).items():
        at = int(np.abs(sums.quantile_levels - level).argmin())
        numbers[name] = sums.quantiles[rows, at].tolist()
    decimals = decimals_for(number for column in numbers.values() for number in column) if for_people else 0
    first, last = (
        time_column(times[rows], prediction.history, name)
        for name, times in (("first", sums.first), ("last", sums.last))
    )
    ids = [Column("id", sums.ids[rows].tolist())] if len(every) > 1 else []
    columns = [
        Column(name, column, decimals, heading="total" if name == "forecast" else None)
        for name, column in numbers.items()
    ]
    return [*ids, first, last, Column("steps", sums.steps[rows].tolist()), *columns]


def quantile_names(level: Sequence[float], quantiles: Sequence[float]) -> dict[str, float]:
    """Name of a column -> the level of its quantile: "lower_80" and "upper_80" for level 80, "q0.1" for 0.1."""
    names = {f"{side}_{each:g}": 0.5 + sign * each / 200 for each in level for side, sign in SIDES.items()}
    return names | {f"q{each:g}": each for each in quantiles}


def _id_column(ids: list[str], main: Forecast) -> list[Column]:
    return [Column("id", [id_ for id_ in ids for _ in range(main.horizon)])] if len(main.ids) > 1 else []


def _columns(numbers: dict[str, Numbers], horizon: int, for_people: bool, headings: dict[str, str]) -> list[Column]:
    """Make a column for each name in `numbers`. As text, all numbers of a series have the same number of decimals.

    numbers:   name -> for each series, a number for each step
    headings:  name -> heading of the column in the text, if it is not the name
    """
    decimals: list[int] = []
    if for_people:
        for rows in zip(*numbers.values(), strict=True):
            decimals += [decimals_for(number for row in rows for number in row)] * horizon
    return [
        Column(name, [number for row in rows for number in row], decimals or 0, heading=headings.get(name))
        for name, rows in numbers.items()
    ]


def _points(forecast: Forecast, ids: list[str]) -> Numbers:
    """The point forecasts of the series in `ids`; None at all steps of a series without forecast."""
    known: dict[str, list[float | None]] = dict(zip(forecast.ids.tolist(), forecast.point.tolist(), strict=True))
    unknown: list[float | None] = [None] * forecast.horizon
    return [known.get(id_, unknown) for id_ in ids]


def _quantile_columns(
    forecast: Forecast, ids: list[str], level: Sequence[float], quantiles: Sequence[float]
) -> dict[str, Numbers]:
    """Name of a column -> the quantiles of the series in `ids`: "lower_80" and "upper_80" for level 80; "q0.1"."""
    wanted = quantile_names(level, quantiles)
    if not wanted:
        return {}
    from forecast_cli.panel.panel import row_by_id

    row_of = row_by_id(forecast.ids)
    rows = [row_of[id_] for id_ in ids]
    every = forecast.every_quantile[rows]
    return {name: every[..., forecast.position(each)].tolist() for name, each in wanted.items()}


SIDES = {"lower": -1, "upper": 1}
