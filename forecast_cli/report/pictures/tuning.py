"""The picture of a tuning: the error of each trial over time, and the lowest so far."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast_cli.evaluation.metrics import METRICS
from forecast_cli.report.pictures.chart import Entry, RowFormatter
from forecast_cli.report.pictures.figures import headed, write
from forecast_cli.report.pictures.style import INK, MAIN, MUTED, PAPER
from forecast_cli.tuning.trials import Trial, expected_error
from forecast_cli.words import counted, tick_labels

if TYPE_CHECKING:
    from forecast_cli.workflows import Tuning

MAX_HEIGHT = 2.5
"""The largest error that is drawn, as a multiple of the median; a few very poor trials would hide the others."""

COMPLETE: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6.5, "color": MAIN.colour}
EARLY: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6.5, "color": MUTED, "markerfacecolor": PAPER}
LOWEST: dict[str, Any] = {"color": MAIN.colour, "linewidth": 1.8, "drawstyle": "steps-post"}
DEFAULTS: dict[str, Any] = {"color": INK, "linewidth": 1.4, "linestyle": (0, (5, 3))}


def draw_tuning(tuning: Tuning, path: Path) -> None:
    """Draw the trials and write the picture to `path`: .png, .svg or .pdf.

    Raises UsageError for another suffix, OutputError if `path` cannot be written.
    """
    write(path, lambda: compose(tuning))


def compose(tuning: Tuning) -> Figure:
    """The picture as a figure, in the current style of Matplotlib."""
    minutes = [seconds / 60 for seconds in accumulate(trial.total_seconds for trial in tuning.trials)]
    error_of = {trial.number: expected_error(trial, tuning.defaults) for trial in tuning.trials}
    drawn = {number: error for number, error in error_of.items() if error is not None}
    top = MAX_HEIGHT * median(drawn.values())
    above = sum(error > top for error in drawn.values())
    complete, early = (
        [trial.number for trial in tuning.trials if trial.outcome == outcome] for outcome in ("complete", "ended early")
    )
    defaults = drawn[0]
    figure = headed(_heading(tuning, above), _legend(bool(early)))
    axes = figure.add_subplot()
    axes.axhline(defaults, **DEFAULTS, zorder=2)
    axes.plot(minutes, _lowest(tuning.trials), **LOWEST, zorder=3)
    for numbers, look in ((early, EARLY), (complete, COMPLETE)):
        axes.plot([minutes[number] for number in numbers], [drawn[number] for number in numbers], **look, zorder=4)
    highest = max(min(top, max(drawn.values())), defaults)
    lowest = min(drawn.values())
    margin = 0.06 * (highest - lowest) or 0.1 * highest or 1.0
    axes.set_ylim(lowest - margin, highest + margin)
    axes.set_xlim(0, 1.015 * minutes[-1])
    axes.set_xlabel("minutes")
    axes.set_ylabel(METRICS[tuning.metric].heading)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(RowFormatter(tick_labels))
    return figure


def _heading(tuning: Tuning, above: int) -> tuple[str, str]:
    """The title of the picture, and the note below it.

    above: the number of trials whose error is too large for the picture
    """
    best, trials = tuning.best, counted(len(tuning.trials) - 1, "trial")
    metric = METRICS[tuning.metric]
    cut = f". {counted(above, 'trial')} above the picture" if above else ""
    return (
        f"{tuning.model}: {trials} besides the defaults",
        f"Lowest {metric.heading} {best.error:.3f}, trial {best.number}; defaults {tuning.defaults.error:.3f}. "
        f"{counted(tuning.horizon, 'step')} ahead from {counted(tuning.folds, 'cutoff')}{cut}",
    )


def _legend(has_early: bool) -> list[Entry]:
    looks = {"Trial": COMPLETE, "Trial that ended early (expected error)": EARLY, "Lowest so far": LOWEST}
    looks["Defaults"] = DEFAULTS
    if not has_early:
        del looks["Trial that ended early (expected error)"]
    return [Entry(label, Line2D([], [], **look)) for label, look in looks.items()]


def _lowest(trials: list[Trial]) -> list[float]:
    """The lowest error of all trials up to each trial; infinity if none of these has an error."""
    errors = [float("inf") if trial.error is None else trial.error for trial in trials]
    return list(accumulate(errors, min))
