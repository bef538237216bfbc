"""Show the accuracy of recorded forecasts as a table with one row for each group of forecast points."""

from __future__ import annotations

import textwrap
from dataclasses import asdict

from forecast_cli.outcomes import Scores
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, Table, as_text, decimals_for, fitting, records
from forecast_cli.words import counted

ALL_GROUPS = "all"
"""The name of the row for all groups together."""

LEGEND = {
    "mase": "MASE: lower is better.",
    "mae": "MAE: mean absolute error, in the unit of the data.",
    "seasonal_naive": "seasonal-naive: the error to its left, if the last season had been repeated.",
    "bias": "bias: percent, positive if forecasts are too high.",
    "skill": "skill: percent by which the MASE is below that of seasonal-naive.",
    "coverage": "held: percent of actual values in the intervals of this level.",
}
"""What the columns mean: the beginning of their names -> a line, printed if such a column is shown."""

SEVERAL_JOBS = "MAE and bias are not shown over several jobs, whose units differ: choose one job, or group by job."


def result_of(scores: Scores) -> Result:
    """The result of the command `score`: a table with one row for each group of forecast points.

    Text and JSON also have the accuracy over all groups together.
    """
    document = {
        "by": scores.by,
        "jobs": scores.jobs,
        "forecasts": scores.forecasts,
        "first": scores.first,
        "last": scores.last,
        "overall": asdict(scores.overall),
        "rows": records(score_table(scores)),
    }
    return Result(score_table(scores), _text(scores), document)


def score_table(scores: Scores, total: bool = False) -> Table:
    """The table of scores: one row for each group and, if `total` is True, one for all groups together."""
    keys = [key for key, _ in scores.rows]
    rows = [accuracy for _, accuracy in scores.rows]
    if total:
        keys.append((ALL_GROUPS, *[None] * (len(scores.keys) - 1)))
        rows.append(scores.overall)
    mae, naive_mae = [row.mae for row in rows], [row.seasonal_naive_mae for row in rows]
    one_unit = "job" not in scores.keys
    decimals = [decimals_for(mae if one_unit else [row.mae], 4) for row in rows]
    return [
        *(Column(name, [key[at] for key in keys], short=name == "series") for at, name in enumerate(scores.keys)),
        Column("points", [row.points for row in rows]),
        Column("mase", [row.mase for row in rows], 3, "MASE"),
        Column("seasonal_naive_mase", [row.seasonal_naive_mase for row in rows], 3, "seasonal-naive"),
        Column("mae", mae, decimals, "MAE", drop_order=2),
        Column("seasonal_naive_mae", naive_mae, decimals, "seasonal-naive", drop_order=1),
        Column("bias", [row.bias for row in rows], 1, drop_order=3),
        Column("skill", [row.skill for row in rows], 1),
        *(
            Column(f"coverage_{level}", [row.coverage.get(level) for row in rows], 1, f"{level}% held", drop_order=4)
            for level in scores.overall.coverage
        ),
    ]


def _text(scores: Scores) -> str:
    if not scores.forecasts:
        return "There are no such forecasts yet.\n"
    made = f"{counted(scores.forecasts, 'forecast')}, made {scores.first} to {scores.last}"
    if not scores.rows:
        return f"{made}: no actual value is known yet.\n"
    table = [column for column in score_table(scores, total=True) if set(column.texts[1:]) != {"-"}]
    has_mae = any(column.name == "mae" for column in table)
    note = "" if has_mae else f"\n{textwrap.fill(SEVERAL_JOBS, WIDTH)}\n"
    return f"{made}:\n\n{as_text(table)}\n{_legend(fitting(table))}\n{note}"


def _legend(shown: Table) -> str:
    """Lines on the columns that are shown."""
    lines = [line for start, line in LEGEND.items() if any(column.name.startswith(start) for column in shown)]
    return "\n".join([*lines, "CSV and JSON have every figure."])
