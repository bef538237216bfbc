"""Show a prediction as a table with one row for each series and step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.report.series import chosen_ids
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, decimals_for
from forecast_cli.report.tables.times import time_column

if TYPE_CHECKING:
    from forecast_cli.forecasting import Forecast
    from forecast_cli.workflows import Prediction


def result_of(prediction: Prediction, series: Sequence[str], for_people: bool) -> Result:
    """The result of the command `predict`.

    series:      the ids of the series to show; empty for all
    for_people:  whether the table is shown as text, with few decimals; CSV and JSON do not depend on it

    Raises UsageError for an id without a forecast.
    """
    return Result(forecast_table(prediction, series, for_people))


def forecast_table(prediction: Prediction, series: Sequence[str] = (), for_people: bool = False) -> Table:
    """The forecasts as a table, one row for each series and step.

    Its columns are: the series id (if there are several series); the date or step; "forecast", the forecast of the
    trained model; and one column for each further model. If there are further models, the text shows the name of the
    trained model as heading instead of "forecast".

    series:      the ids of the series to show; if empty, all of them
    for_people:  True if the table is shown as text: numbers then have fewer decimals
    """
    from forecast_cli.panel.panel import row_by_id

    (name, main), *_ = prediction.forecasts.items()
    ids = chosen_ids(series, main.ids.tolist())
    points = {model: _points(forecast, ids) for model, forecast in prediction.forecasts.items()}
    decimals: list[int] = []
    if for_people:  # a series has the same decimals in all columns
        for rows in zip(*points.values(), strict=True):
            decimals += [decimals_for(number for row in rows for number in row)] * main.horizon
    columns = [
        Column(
            "forecast" if model == name else model,
            [number for row in rows for number in row],
            decimals or 0,
            heading=model if len(points) > 1 else None,
        )
        for model, rows in points.items()
    ]
    row_of = row_by_id(main.ids)
    table = [time_column(main.times[[row_of[id_] for id_ in ids]], prediction.history), *columns]
    if len(main.ids) == 1:
        return table
    return [Column("id", [id_ for id_ in ids for _ in range(main.horizon)]), *table]


def _points(forecast: Forecast, ids: list[str]) -> list[list[float | None]]:
    """A list of point forecasts for each series in `ids`; None at all steps of a series without forecast."""
    known: dict[str, list[float | None]] = dict(zip(forecast.ids.tolist(), forecast.point.tolist(), strict=True))
    unknown: list[float | None] = [None] * forecast.horizon
    return [known.get(id_, unknown) for id_ in ids]
