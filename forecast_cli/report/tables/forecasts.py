"""Show a prediction as a table with one row for each series and step, or for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.panel.chosen import chosen_ids
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, decimals_for
from forecast_cli.report.tables.times import time_column

if TYPE_CHECKING:
    from forecast_cli.forecasting import Forecast
    from forecast_cli.options import PredictConfig
    from forecast_cli.workflows import Prediction

Numbers = list[list[float | None]]
"""For each series, a list with one number for each step; None at the steps of a series without forecast."""


def result_of(prediction: Prediction, config: PredictConfig, for_people: bool) -> Result:
    """The result of the command `predict`.

    It shows the totals over periods if the prediction has them (`prediction.sums`), otherwise every forecast step.

    config:      which series, intervals and quantiles are shown
    for_people:  whether the table is shown as text: numbers then have fewer decimals

    Raises UsageError if `config.series` has an id that is not in the prediction.
    """
    if prediction.sums:
        return Result(sums_table(prediction, config, for_people))
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
    quantiles:   the levels of the quantiles to show, between 0 and 1

    Raises UsageError for an id that is not in the prediction.
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


def sums_table(prediction: Prediction, config: PredictConfig, for_people: bool) -> Table:
    """The totals as a table, one row for each series and period.

    Its columns are the first and the last forecast time in the period, the number of steps, the total, the intervals
    and quantiles of the total, and the total of each further model. If there are further models, the text shows the
    name of the trained model as heading instead of "total".

    Raises UsageError if `config.series` has an id that is not in the prediction.
    """
    import numpy as np

    (model, sums), *others = prediction.sums.items()
    every = prediction.forecasts[model].ids.tolist()
    rows = np.concatenate([np.flatnonzero(sums.ids == id_) for id_ in chosen_ids(config.series, every)])
    numbers = {"forecast": sums.point[rows].tolist()}
    for name, level in quantile_names(config.level, config.quantiles).items():
        at = int(np.abs(sums.quantile_levels - level).argmin())
        numbers[name] = sums.quantiles[rows, at].tolist()
    numbers |= {name: other.point[rows].tolist() for name, other in others}
    decimals = decimals_for(number for column in numbers.values() for number in column) if for_people else 0
    first, last = (
        time_column(times[rows], prediction.history, name)
        for name, times in (("first", sums.first), ("last", sums.last))
    )
    ids = [Column("id", sums.ids[rows].tolist())] if len(every) > 1 else []
    headings = {"forecast": model if others else "total"}
    columns = [Column(name, column, decimals, headings.get(name)) for name, column in numbers.items()]
    return [*ids, first, last, Column("steps", sums.steps[rows].tolist()), *columns]


def quantile_names(level: Sequence[float], quantiles: Sequence[float]) -> dict[str, float]:
    """Name of a column -> its quantile level, such as {"lower_80": 0.1, "upper_80": 0.9, "q0.5": 0.5}.

    level:      the levels of intervals, in percent; each gives the columns of its lower and upper end
    quantiles:  further quantile levels, between 0 and 1
    """
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
    """Name of a column -> the quantiles of the series in `ids`. Names and arguments are those of `quantile_names`."""
    wanted = quantile_names(level, quantiles)
    if not wanted:
        return {}
    from forecast_cli.panel.panel import row_by_id

    row_of = row_by_id(forecast.ids)
    rows = [row_of[id_] for id_ in ids]
    every = forecast.every_quantile[rows]
    return {name: every[..., forecast.position(each)].tolist() for name, each in wanted.items()}


SIDES = {"lower": -1, "upper": 1}
