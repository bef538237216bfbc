"""Show a backtest as tables: the leaderboard, the errors for each series and cutoff, and every forecast step."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast_cli.report.tables.metrics import FIGURE_DIGITS, metric_decimals
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, Table, as_text, decimals_for, records
from forecast_cli.report.tables.times import time_cells, time_column
from forecast_cli.words import and_joined, counted

if TYPE_CHECKING:
    from forecast_cli.evaluation.reliability import IntervalScore
    from forecast_cli.evaluation.worth import Worth
    from forecast_cli.workflows import Backtest


def result_of(backtest: Backtest, metric: str, detail: bool, forecasts: bool) -> Result:
    """The result of the command `backtest`.

    metric:    the name of the metric by which the leaderboard is sorted
    detail:    whether to show the errors for each series and cutoff instead of the leaderboard
    forecasts: whether to show every forecast step instead of the leaderboard; if `detail` is True too, text and CSV
               show only the forecast steps

    JSON always has the leaderboard, and in addition each table that is asked for. The leaderboard as CSV also has the
    metrics of intervals.
    """
    board = leaderboard_table(backtest, metric)
    details = detail_table(backtest) if detail else None
    steps = forecast_table(backtest) if forecasts else None
    notes = backtest.board.notes()
    document = {
        "horizon": backtest.folds[0].horizon,
        "season_length": backtest.panel.season_length,
        "series": len(backtest.panel),
        "scored": len(backtest.folds[-1].rows),
        "windows": len(backtest.folds),
        "cutoffs": cutoffs(backtest),
        "interrupted": backtest.interrupted,
        "leaderboard": records(board),
        "notes": notes,
        **({"intervals": records(interval_table(backtest.intervals))} if backtest.intervals else {}),
        **({"covariates": records(worth_table(backtest.worth))} if backtest.worth else {}),
        **({"detail": records(details)} if details else {}),
        **({"forecasts": records(steps)} if steps else {}),
    }
    if details or steps:
        return Result(steps or details or board, document=document)
    paragraphs = [heading(backtest), "", as_text(board), *map(_wrapped, [legend(), *notes])]
    if backtest.intervals:
        paragraphs += ["", as_text(interval_table(backtest.intervals)), _wrapped(INTERVAL_LEGEND)]
    if backtest.worth:
        paragraphs += ["", as_text(worth_table(backtest.worth)), *map(_wrapped, worth_notes(backtest.worth))]
    text = "".join(f"{paragraph}\n" for paragraph in paragraphs)
    return Result([*board, *interval_metrics(backtest.intervals, board)], text=text, document=document)


def _wrapped(note: str) -> str:
    return textwrap.fill(note, WIDTH, break_on_hyphens=False)


def legend() -> str:
    """The legend below the leaderboard: for which metrics lower, higher or nearer to 0 is better, and their units."""
    from forecast_cli.evaluation.metrics import METRICS, Best

    higher = [metric.heading for metric in METRICS.values() if metric.best is Best.HIGHEST]
    nearer = [metric.heading for metric in METRICS.values() if metric.best is Best.NEAREST_TO_ZERO]
    percent = [metric.heading for metric in METRICS.values() if metric.unit == "%"]
    return (
        f"Lower is better; higher for {and_joined(higher)}; nearer to 0 for {and_joined(nearer)}. "
        f"Percent: {', '.join(percent)}. Seconds: fit, predict. CSV and JSON have every metric."
    )


def heading(backtest: Backtest) -> str:
    """The line above the leaderboard: how many steps were forecast, and from which cutoffs."""
    steps, times = counted(backtest.folds[0].horizon, "step"), cutoffs(backtest)
    if len(backtest.folds) == 1:
        return f"{steps} ahead from {times[0] if times else 'one cutoff in each series'}:"
    where = f", {times[0]} to {times[-1]}" if times else " in each series"
    return f"{steps} ahead from {len(backtest.folds)} cutoffs{where}:"


def cutoffs(backtest: Backtest) -> list[str]:
    """The cutoff of each fold as text; an empty list if the cutoffs differ between series."""
    import numpy as np

    of_folds = [np.unique(fold.cutoffs) for fold in backtest.folds]
    if any(len(times) > 1 for times in of_folds):
        return []
    step = "" if backtest.panel.dated else "step "
    return [f"{step}{time}" for time in time_cells(np.concatenate(of_folds), backtest.panel)]


INTERVAL_LEGEND = (
    "Intervals: coverage should be near the level; otherwise lower is better. Width, MSIS, pinball loss and CRPS are "
    "divided by the scale of MASE."
)


def interval_table(scores: Sequence[IntervalScore]) -> Table:
    """The table of interval metrics, one row for each model and level."""
    return [
        Column("model", [score.model for score in scores], short=True),
        Column("level", [score.level for score in scores]),
        Column("coverage", [score.coverage for score in scores], 1, "coverage %"),
        Column("width", [score.width for score in scores], 3),
        Column("msis", [score.msis for score in scores], 3, "MSIS"),
        Column("pinball", [score.pinball for score in scores], 3),
        Column("crps", [score.crps for score in scores], 3, "CRPS"),
    ]


def interval_metrics(scores: Sequence[IntervalScore], board: Table) -> Table:
    """The metrics of intervals as further columns of the leaderboard: "coverage_80" for level 80, and so on.

    The cells of a model without intervals are None.
    """
    known = {(row["model"], row["level"]): row for row in records(interval_table(scores))}
    models = next(column.cells for column in board if column.name == "model")
    return [
        Column(f"{metric}_{level:g}", [known.get((model, level), {}).get(metric) for model in models])
        for level in sorted({score.level for score in scores})
        for metric in ("coverage", "width", "msis", "pinball", "crps")
    ]


def worth_table(worth: Sequence[Worth]) -> Table:
    """One row for each covariate, the most valuable first.

    The columns are the MASE of a network that was trained without it, and the increase of the MASE in percent.
    """
    return [
        Column("covariate", [each.name for each in worth], short=True),
        Column("mase_without", [each.without for each in worth], 3, "MASE without"),
        Column("change_percent", [100 * each.change for each in worth], 1, "change %"),
    ]


def worth_notes(worth: Sequence[Worth]) -> list[str]:
    """Sentences below the table of covariates: how their worth was measured, and which of them improve the forecasts
    too little (`Worth.is_useful` is False)."""
    notes = [
        "Network alone, short trainings at the first cutoff. After a cutoff, the actual values of covariates are used, "
        "not forecasts of them."
    ]
    useless = [each.name for each in worth if not each.is_useful]
    if useless:
        notes.append(f"The error is not higher without {and_joined(useless)}.")
    return notes


def leaderboard_table(backtest: Backtest, order: str) -> Table:
    """The leaderboard: one row for each model, the best first.

    order:  the name of the metric by which models are sorted; the text never leaves out the column of this metric
    """
    from forecast_cli.evaluation.metrics import METRICS
    from forecast_cli.evaluation.scores import best_first

    scores = best_first(backtest.board.scores, order)
    columns = []
    for name, metric in METRICS.items():
        figures = [score.figures[name] for score in scores]
        rank = 0 if name == order else metric.drop_order
        columns.append(Column(name, figures, metric_decimals(metric, figures), metric.heading, drop_order=rank))
    return [
        Column("model", [score.model for score in scores], short=True, drop_order=5),
        *columns,
        Column("fit_seconds", [score.fit_seconds for score in scores], 1, "fit", drop_order=4),
        Column("predict_seconds", [score.predict_seconds for score in scores], 1, "predict", drop_order=4),
        Column("failed", [score.failures for score in scores], drop_order=1),
    ]


def detail_table(backtest: Backtest) -> Table:
    """A table with one row for each model, series and cutoff, and one column for each error metric.

    An error is NaN where the model failed or the metric is undefined.
    """
    import numpy as np

    from forecast_cli.evaluation.metrics import ERROR_METRICS
    from forecast_cli.evaluation.pairs import Pairs

    pairs = Pairs.of(backtest.runs)
    models = list(pairs.points)
    columns = []
    for name, metric in ERROR_METRICS.items():
        figures = [figure for model in models for figure in pairs.errors(name, model).tolist()]
        decimals = _unit_decimals(figures) if metric.unit == "data" else decimals_for(figures, FIGURE_DIGITS)
        columns.append(Column(name, figures, decimals, metric.heading, drop_order=metric.detail_drop_order))
    return [
        Column("model", [model for model in models for _ in range(len(pairs))], short=True),
        Column("id", pairs.ids.tolist() * len(models), short=True),
        time_column(np.tile(pairs.cutoffs, len(models)), backtest.panel, "cutoff"),
        *columns,
    ]


def forecast_table(backtest: Backtest) -> Table:
    """A table with one row for each model, series, cutoff and step: the forecast, its intervals and the actual value.

    The forecast is NaN where the model failed. The actual value is NaN where it is not known.
    """
    import numpy as np

    runs, horizon = backtest.runs, backtest.folds[0].horizon
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
        time_column(cutoffs, backtest.panel, "cutoff", drop_order=1),
        time_column(times, backtest.panel),
        Column("forecast", points, _unit_decimals(points)),
        *_interval_columns(backtest),
        Column("actual", actuals, _unit_decimals(actuals)),
    ]


def _interval_columns(backtest: Backtest) -> list[Column]:
    """The columns of `forecast_table` for intervals: "lower_80" and "upper_80" for level 80, and so on.

    The cells are NaN for a model without intervals.
    """
    columns = []
    for level in backtest.levels:
        for side, sign in (("lower", -1), ("upper", 1)):
            ends = [
                end
                for run in backtest.runs
                for end in (
                    run.forecast.every_quantile[..., run.forecast.position(0.5 + sign * level / 200)].ravel().tolist()
                    if len(run.forecast.quantile_levels)
                    else [math.nan] * run.forecast.point.size
                )
            ]
            columns.append(Column(f"{side}_{level:g}", ends, _unit_decimals(ends)))
    return columns


def _unit_decimals(values: Sequence[float]) -> int | list[int]:
    """The number of decimals for a column: one for all values, or a list with one for each value.

    It is a list if small values would otherwise be shown as 0.
    """
    common = decimals_for(values, FIGURE_DIGITS)
    if all(value == 0 or math.isnan(value) or abs(value) >= 10.0**-common for value in values):
        return common
    return [decimals_for([value], FIGURE_DIGITS) for value in values]
