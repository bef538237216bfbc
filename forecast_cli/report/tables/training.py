"""A training as the table of its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.report.tables.metrics import metric_decimals
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, as_text, records

if TYPE_CHECKING:
    from forecast_cli.evaluation.scores import Score
    from forecast_cli.workflows import TrainingSummary


def result_of(summary: TrainingSummary) -> Result:
    """The scores on the steps held out, with notes on them and on the model that was kept."""
    table = score_table(summary.scores)
    notes = [*summary.notes, *([summary.verdict] if summary.verdict else [])]
    if summary.kept:
        notes.append("The earlier model is kept: the new one is worse on the recent past.")
    last = "step, which was" if summary.holdout == 1 else f"{summary.holdout} steps, which were"
    lines = [f"Accuracy on the last {last} held out (lower is better):\n", as_text(table)]
    return Result(
        table,
        text="".join(f"{line}\n" for line in ([*lines, *notes] if summary.scores else notes)),
        document={
            "model_dir": str(summary.directory),
            "seconds": summary.seconds,
            "holdout": summary.holdout,
            "scores": records(table),
            "verdict": summary.verdict,
            "notes": summary.notes,
            "kept": summary.kept,
            "recent": summary.recent and {"new": summary.recent[0], "earlier": summary.recent[1]},
        },
    )


def score_table(scores: list[Score]) -> Table:
    """A row for each model: its figures, and the number of series that it forecast."""
    from forecast_cli.evaluation.holdout import HOLDOUT_METRICS
    from forecast_cli.evaluation.metrics import METRICS

    columns = []
    for name in HOLDOUT_METRICS:
        metric, figures = METRICS[name], [score.figures[name] for score in scores]
        heading = f"{metric.heading} %" if metric.unit == "%" else metric.heading
        columns.append(Column(name, figures, metric_decimals(metric, figures), heading))
    return [
        Column("model", [score.model for score in scores]),
        *columns,
        Column("series", [score.successes for score in scores]),
    ]
