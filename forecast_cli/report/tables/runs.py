"""Show the summary of a run as a table with one row for each job."""

from __future__ import annotations

import textwrap

from forecast_cli.outcomes import JobRun, RunSummary
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, as_text


def result_of(summary: RunSummary) -> Result:
    """The result of the command `run`: a table with one row for each job.

    Below the table, the text has a note for each job that failed or was planned. JSON also has the warnings. The text
    does not have them, because they were shown during the run.
    """
    runs = summary.job_runs
    table = [
        Column("job", [run.job for run in runs], short=True),
        Column("outcome", [run.outcome for run in runs]),
        Column("stage", [None if run.succeeded else run.stage for run in runs], drop_order=1),
        Column("until", [run.last for run in runs]),
        Column("model", [run.training or ("" if run.model is None else "as it was") for run in runs], drop_order=2),
        Column("scored", [run.scored for run in runs], drop_order=3),
        Column("seconds", [run.seconds for run in runs], 1),
    ]
    notes = [note for run in runs if (note := _note(run))]
    document = {
        "run": summary.run_id,
        "started": summary.started.isoformat(timespec="seconds"),
        "seconds": summary.seconds,
        "failed": len(summary.failed),
        "trouble": summary.ledger_error,
        "jobs": [_document(run) for run in runs],
    }
    return Result(table, text="\n".join([as_text(table), *notes]).rstrip() + "\n", document=document)


def _document(run: JobRun) -> dict[str, object]:
    """The result of one job as a value for JSON."""
    return {
        "job": run.job,
        "outcome": run.outcome,
        "stage": run.stage,
        "message": run.message,
        "hint": run.hint,
        "warnings": run.warnings,
        "training": run.training,
        "fingerprint": run.fingerprint,
        "last": run.last,
        "series": run.series,
        "points": run.points,
        "model": run.model,
        "scored": run.scored,
        "outputs": run.outputs,
        "seconds": run.seconds,
        "again": run.retryable,
    }


def _note(run: JobRun) -> str:
    """The note on one job: why it failed, or what it would do in a dry run; "" if it made a forecast or had nothing to
    do."""
    text = "" if run.outcome in ("forecast", "unchanged") else " ".join(filter(None, [run.message, run.hint]))
    return textwrap.fill(f"{run.job}: {text}", WIDTH, subsequent_indent="  ", break_long_words=False) if text else ""
