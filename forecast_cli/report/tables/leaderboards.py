"""A backtest as a leaderboard, and as a row for each series and cutoff."""

from __future__ import annotations

import math
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast_cli.report.tables.forecasts import stamps
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, Table, as_text, places, records

if TYPE_CHECKING:
    from forecast_cli.workflows import Backtest

LEGEND = """\
Lower is better, but for skill and won. Percent: sMAPE, bias, skill, won.
Seconds: fit, predict. CSV and JSON have every metric."""

HEADINGS = {"mase": "MASE", "rmsse": "RMSSE", "smape": "sMAPE", "mae": "MAE", "rmse": "RMSE", "wape": "WAPE"}
IN_UNITS = ("mae", "rmse")
MINOR = {"rmse": 1, "wape": 1, "rmsse": 2, "mae": 3, "bias": 4}
"""Left out of details that would be too wide, in this order."""


def result_of(outcome: Backtest, metric: str, detail: bool, forecasts: bool) -> Result:
    """The leaderboard in the order of `metric`, with what there is to say about it; or the details, or the forecasts,
    alone."""
    table = leaderboard_table(outcome, metric)
    details = detail_table(outcome) if detail else None
    points = forecast_table(outcome) if forecasts else None
    notes = outcome.board.notes()
    document = {
        "horizon": outcome.folds[0].horizon,
        "season_length": outcome.panel.season_length,
        "series": len(outcome.panel),
        "scored": len(outcome.folds[-1].rows),
        "windows": len(outcome.folds),
        "cutoffs": cutoffs(outcome),
        "interrupted": outcome.interrupted,
        "leaderboard": records(table),
        "notes": notes,
        **({"detail": records(details)} if details else {}),
        **({"forecasts": records(points)} if points else {}),
    }
    if details or points:
        return Result(points or details or table, document=document)
    paragraphs = [heading(outcome), "", as_text(table), LEGEND, *map(_wrapped, notes)]
    text = "".join(f"{paragraph}\n" for paragraph in paragraphs)
    return Result(table, text=text, document=document)


def _wrapped(note: str) -> str:
    return textwrap.fill(note, WIDTH, break_on_hyphens=False)


def heading(outcome: Backtest) -> str:
    """What was forecast, and from where."""
    steps, ends = outcome.folds[0].horizon, cutoffs(outcome)
    count = f"{steps} step{'' if steps == 1 else 's'} ahead from"
    if len(outcome.folds) == 1:
        return f"{count} {ends[0] if ends else 'one cutoff in each series'}:"
    where = f", {ends[0]} to {ends[-1]}" if ends else " in each series"
    return f"{count} {len(outcome.folds)} cutoffs{where}:"


def cutoffs(outcome: Backtest) -> list[str]:
    """The cutoff of each fold; none where the series have not all the same."""
    import numpy as np

    each = [np.unique(fold.cutoffs) for fold in outcome.folds]
    if any(len(times) > 1 for times in each):
        return []
    step = "" if outcome.panel.dated else "step "
    return [f"{step}{time}" for time in stamps(np.concatenate(each), outcome.panel)]


def leaderboard_table(outcome: Backtest, metric: str) -> Table:
    """A row for each model. People at 80 columns see the most telling figures, and the one that sorts."""
    from forecast_cli.evaluation.leaderboard import by_metric

    rows = by_metric(outcome.board.standings, metric)
    mae, rmse = [row.mae for row in rows], [row.rmse for row in rows]
    columns = [
        Column("model", [row.model for row in rows], short=True, yields=5),
        Column("mase", [row.mase for row in rows], 3, "MASE"),
        Column("rmsse", [row.rmsse for row in rows], 3, "RMSSE", yields=3),
        Column("smape", [row.smape for row in rows], 2, "sMAPE"),
        Column("mae", mae, places(mae, 4), "MAE", yields=2),
        Column("rmse", rmse, places(rmse, 4), "RMSE", yields=1),
        Column("wape", [row.wape for row in rows], 2, "WAPE", yields=1),
        Column("bias", [row.bias for row in rows], 1),
        Column("skill", [row.skill for row in rows], 1),
        Column("won", [row.won for row in rows], 0),
        Column("fit_seconds", [row.fit_seconds for row in rows], 1, "fit", yields=4),
        Column("predict_seconds", [row.predict_seconds for row in rows], 1, "predict", yields=4),
        Column("failed", [row.failed for row in rows], yields=1),
    ]
    return [replace(column, yields=0) if column.name == metric else column for column in columns]


def _places_in_units(values: list[float]) -> int | list[int]:
    """The decimals of a column, or of each figure where series have units so unlike that small ones would show as 0."""
    common = places(values, 4)
    if all(value == 0 or math.isnan(value) or abs(value) >= 10.0**-common for value in values):
        return common
    return [places([value], 4) for value in values]


def detail_table(outcome: Backtest) -> Table:
    """A row for each model, series and cutoff; nothing in place of figures where the model failed."""
    from forecast_cli.evaluation.pairs import Pairs

    pairs = Pairs.of(outcome.runs)
    models = list(pairs.points)
    errors = [pairs.errors(model) for model in models]
    columns = []
    for metric in errors[0]:
        values = [value for of_model in errors for value in of_model[metric].tolist()]
        decimals = _places_in_units(values) if metric in IN_UNITS else places(values, 4)
        columns.append(Column(metric, values, decimals, HEADINGS.get(metric), yields=MINOR.get(metric, 0)))
    return [
        Column("model", [model for model in models for _ in range(len(pairs))], short=True),
        Column("id", pairs.ids.tolist() * len(models), short=True),
        Column("cutoff", stamps(pairs.cutoffs, outcome.panel) * len(models)),
        *columns,
    ]


def forecast_table(outcome: Backtest) -> Table:
    """A row for each model, series, cutoff and step; an empty field where the model failed or no value is known."""
    import numpy as np

    runs, horizon = outcome.runs, outcome.folds[0].horizon
    ids = [id_ for run in runs for id_ in run.forecast.ids.tolist() for _ in range(horizon)]
    cutoffs = np.concatenate([np.repeat(run.forecast.cutoff, horizon) for run in runs])
    times = np.concatenate([run.forecast.times.ravel() for run in runs])
    points, actuals = (
        [value for array in arrays for value in array.ravel().tolist()]
        for arrays in ([run.forecast.point for run in runs], [run.fold.actual for run in runs])
    )
    return [
        Column("model", [run.model for run in runs for _ in range(run.forecast.point.size)], short=True),
        Column("id", ids, short=True),
        Column("cutoff", stamps(cutoffs, outcome.panel), yields=1),
        Column("date" if outcome.panel.dated else "step", stamps(times, outcome.panel)),
        Column("forecast", points, _places_in_units(points)),
        Column("actual", actuals, _places_in_units(actuals)),
    ]
