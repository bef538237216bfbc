"""Show the result of a tuning: the table of its trials, the best options, and the errors on the outer fold.

A trial is one set of options and its errors. The outer fold has the last steps, which are not used to choose the best
trial.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from forecast_cli.option_fields import as_typed
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Cell, Column, Table, as_text, records
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.tuning.trials import Trial
    from forecast_cli.workflows import Tuning

MAX_SHOWN = 10
"""The largest number of trials in the text: the best ones. The trial with the defaults is always one of them."""

HEADINGS = {"input-size": "input", "batch-size": "batch", "learning-rate": "rate"}
"""Shorter names of options, for the table as text."""

DROPPED_LAST = ("batch-size", "loss")
"""Options whose columns the text leaves out if it is too wide even without the columns "outcome" and "seconds".

The columns of all other options are always shown.
"""


def result_of(tuning: Tuning) -> Result:
    """The result of the command `tune`: a table with one row for each trial.

    The text has only the best trials and the defaults, and notes.
    """
    outer = {"tuned": tuning.best.outer, "defaults": tuning.defaults.outer}
    table = trial_table(tuning, tuning.trials)
    return Result(
        table,
        text="".join(f"{paragraph}\n" for paragraph in _paragraphs(tuning, outer)),
        document={
            "output": str(tuning.output),
            "model": tuning.model,
            "horizon": tuning.horizon,
            "metric": tuning.metric,
            "folds": tuning.folds,
            "trials": records(table),
            "best": {"trial": tuning.best.number, "error": tuning.best.error, "options": dict(tuning.best.options)},
            "outer": outer,
            "verdict": tuning.verdict,
        },
    )


def _paragraphs(tuning: Tuning, outer: Mapping[str, float | None]) -> list[str]:
    from forecast_cli.evaluation.metrics import METRICS

    shown = best_first(tuning.trials)[:MAX_SHOWN]
    if tuning.defaults not in shown:
        shown[-1] = tuning.defaults
    steps = counted(tuning.horizon, "step")
    others = len(tuning.trials) - len(shown)
    notes = [f"{counted(others, 'further trial')}; CSV and JSON have all."] if others else []
    options = ", ".join(f"{name} {as_typed(value)}" for name, value in tuning.best.options.items())
    heading = METRICS[tuning.metric].heading
    rows = ["tuned", "defaults"] if tuning.best.number else ["defaults"]
    return [
        _wrapped(f"{tuning.model}, {steps} ahead from {counted(tuning.folds, 'cutoff')}; trial 0 has the defaults:"),
        "",
        as_text(trial_table(tuning, shown)),
        *notes,
        _wrapped(f"Best options: {options or 'the defaults'}."),
        "",
        f"On the last {steps}, which no trial has seen:",
        "",
        as_text([Column("options", rows), Column(tuning.metric, [outer[row] for row in rows], 3, heading)]),
        _wrapped(tuning.verdict),
    ]


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, WIDTH, break_on_hyphens=False)


def best_first(trials: Sequence[Trial]) -> list[Trial]:
    """Sort trials: complete ones by their error, then those that ended early (more folds first), then failed ones."""
    order = {"complete": 0, "ended early": 1, "failed": 2}
    return sorted(trials, key=lambda each: (order[each.outcome], -len(each.errors), sum(each.errors), each.number))


def trial_table(tuning: Tuning, trials: Sequence[Trial]) -> Table:
    """The table of trials: one row for each. Where a trial does not set an option, the cell has the default.

    Defaults depend on the data. Those in the table are the defaults for the data up to the cutoff of the outer fold.
    """
    from forecast_cli.evaluation.metrics import METRICS

    chosen = {each.name: each.default for each in tuning.space}
    names = list(dict.fromkeys([*chosen, *(name for trial in tuning.trials for name in trial.options)]))
    return [
        Column("trial", [trial.number for trial in trials]),
        Column(tuning.metric, [trial.error for trial in trials], 3, METRICS[tuning.metric].heading),
        Column("folds", [len(trial.errors) for trial in trials]),
        Column("seconds", [trial.total_seconds for trial in trials], 1, drop_order=2),
        Column("outcome", [trial.outcome for trial in trials], drop_order=1),
        *(_option_column(name, [{**chosen, **trial.options}.get(name) for trial in trials]) for name in names),
    ]


def _option_column(name: str, cells: Sequence[Cell]) -> Column:
    decimals = [len(f"{cell:g}".partition(".")[2]) if isinstance(cell, float) else 0 for cell in cells]
    dropped = 3 if name in DROPPED_LAST else 0
    return Column(name.replace("-", "_"), cells, decimals, HEADINGS.get(name, name), drop_order=dropped)
