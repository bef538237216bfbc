"""The picture of reliability: how often actual values were below each quantile, against how often they should be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast_cli.evaluation.reliability import Reliability, reliabilities
from forecast_cli.report.pictures.chart import Entry, looks
from forecast_cli.report.pictures.figures import headed, write
from forecast_cli.report.pictures.style import MUTED
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.workflows import Backtest

EXACT: dict[str, Any] = {"color": MUTED, "linewidth": 1.4, "linestyle": (0, (5, 3))}

MAX_MODELS = 5
"""The largest number of models in the picture; the first of the leaderboard are drawn."""


def draw_reliability(backtest: Backtest, path: Path) -> None:
    """Draw the reliability of the quantiles in a backtest and write the picture to `path`: .png, .svg or .pdf.

    Raises UsageError for another suffix, OutputError if `path` cannot be written.
    """
    order = {score.model: rank for rank, score in enumerate(backtest.board.scores)}
    drawn = sorted(reliabilities(backtest.runs), key=lambda each: order[each.model])[:MAX_MODELS]
    points = sum(int(np.isfinite(fold.actual).sum()) for fold in backtest.folds)
    write(path, lambda: compose(drawn, len(backtest.folds), points))


def compose(drawn: Sequence[Reliability], cutoffs: int, points: int) -> Figure:
    """The picture as a figure, in the current style of Matplotlib.

    drawn:            the reliability of each model, the first of the leaderboard first
    cutoffs, points:  how many cutoffs and actual values there are
    """
    look_of = looks([each.model for each in drawn])
    lines: dict[str, dict[str, Any]] = {
        each.model: {"color": look_of[each.model].colour, "marker": "o", "markersize": 4.5, "linewidth": 1.8}
        for each in drawn
    }
    entries = [Entry(name, Line2D([], [], **line)) for name, line in lines.items()]
    entries.append(Entry("Exact", Line2D([], [], **EXACT)))
    title = "How often actual values were below each quantile"
    note = f"Above the line: quantiles too high. {counted(points, 'actual value')} after {counted(cutoffs, 'cutoff')}"
    figure = headed((title, note), entries)
    axes = figure.add_subplot()
    axes.plot([0, 100], [0, 100], **EXACT, zorder=2)
    for each in drawn:
        axes.plot(100 * each.levels, each.below, **lines[each.model], zorder=3)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("quantile, %")
    axes.set_ylabel("actual values below it, %")
    return figure
