"""Show past job runs as a table, the newest first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from forecast_cli.outcomes import JobRun
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Column, as_text
from forecast_cli.words import utc_text

SHOWN_ID_CHARACTERS = 6
"""The text shows only this many last characters of a run's id. The id begins with the time of the run."""


def result_of(runs: Sequence[JobRun]) -> Result:
    """The result of the command `history`: one row for each job run.

    Below the table, the text says why jobs failed, and shows the warnings of all jobs.
    """
    seconds = [None if run.unfinished else run.seconds for run in runs]
    table = [
        Column("started", [utc_text(run.started) for run in runs]),
        Column("run", [run.run_id for run in runs]),
        Column("job", [run.job or None for run in runs]),
        Column("outcome", [run.outcome for run in runs]),
        Column("stage", [run.stage for run in runs]),
        Column("data_until", [run.last for run in runs]),
        Column("series", [run.series for run in runs]),
        Column("points", [run.points for run in runs]),
        Column("model", [run.model for run in runs]),
        Column("training", [run.training or None for run in runs]),
        Column("scored", [None if run.unfinished else run.scored for run in runs]),
        Column("seconds", seconds, 1),
        Column("message", [run.message for run in runs]),
        Column("noticed", [run.noticed or None for run in runs]),
    ]
    return Result(table, text=_text(runs) if runs else "There are no such runs.\n")


def _text(runs: Sequence[JobRun]) -> str:
    """The text: a table with local times, with fewer columns than CSV and JSON, and the notes below it."""
    when = [f"{run.started.astimezone():%Y-%m-%d %H:%M}" for run in runs]
    table = [
        Column("when", when),
        Column("run", [run.run_id[-SHOWN_ID_CHARACTERS:] for run in runs], drop_order=1),
        Column("job", [run.job or None for run in runs]),
        Column("outcome", [run.outcome for run in runs]),
        Column("data_until", [run.last for run in runs], heading="data until"),
        Column("training", [run.training or None for run in runs], drop_order=4),
        Column("scored", [None if run.unfinished else run.scored for run in runs], drop_order=3),
        Column("seconds", [None if run.unfinished else run.seconds for run in runs], 1, drop_order=2),
    ]
    notes = [_note(moment, run) for moment, run in zip(when, runs, strict=True)]
    return "\n".join([as_text(table), "".join(notes)]).rstrip("\n") + "\n"


def _note(when: str, run: JobRun) -> str:
    """The note on one job run: why the job failed, and its warnings; "" if there is nothing to say.

    when: the time of the run, as text
    """
    text = " ".join(filter(None, [None if run.succeeded else run.message, run.noticed]))
    if not text:
        return ""
    label = f"{when} {run.job}" if run.job else when
    return textwrap.fill(f"{label}: {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False) + "\n"
