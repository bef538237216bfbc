"""Show the result of a training: a table with the accuracy of the model and of other methods on the holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast_cli.report.tables.metrics import metric_decimals
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import Column, Table, as_text, records

if TYPE_CHECKING:
    from forecast_cli.evaluation.scores import Score
    from forecast_cli.workflows import TrainingSummary


def result_of(summary: TrainingSummary) -> Result:
    """The result of the command `train`: the members of the model, the scores on the holdout, and notes."""
    from forecast_cli.models.description import in_words

    table = score_table(summary.scores)
    consists = [] if summary.model in summary.parts else [f"Forecast of {summary.model}: {in_words(summary.parts)}."]
    notes = [*summary.notes, *([summary.verdict] if summary.verdict else [])]
    if not summary.saved:
        notes.append("The earlier model is kept: the new one is worse on the recent past.")
    last = "step, which was" if summary.holdout == 1 else f"{summary.holdout} steps, which were"
    lines = [
        *(f"{line}\n" for line in consists),
        f"Accuracy on the last {last} held out (lower is better):\n",
        as_text(table),
    ]
    return Result(
        table,
        text="".join(f"{line}\n" for line in ([*lines, *notes] if summary.scores else [*consists, *notes])),
        document={
            "model_dir": str(summary.directory),
            "model": summary.model,
            "parts": summary.parts,
            "seconds": summary.seconds,
            "holdout": summary.holdout,
            "scores": records(table),
            "verdict": summary.verdict,
            "notes": summary.notes,
            "saved": summary.saved,
            "recent": summary.recent and {"new": summary.recent[0], "earlier": summary.recent[1]},
        },
    )


def score_table(scores: list[Score]) -> Table:
    """The table of scores: one row for each model, with its figures and the number of series that it forecast."""
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
