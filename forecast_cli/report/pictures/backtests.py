"""Draw a backtest: the actual values, and the forecasts from each cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from forecast_cli.evaluation.backtest import Run
from forecast_cli.evaluation.metrics import REFERENCE
from forecast_cli.panel.panel import Panel, row_by_id
from forecast_cli.report.pictures.chart import looks
from forecast_cli.report.pictures.figures import lay_out, write
from forecast_cli.report.pictures.views import Track, View, choose, joined, no_infinities, points_of, positions
from forecast_cli.words import short, span

if TYPE_CHECKING:
    from forecast_cli.workflows import Backtest

MIN_HISTORY_STEPS = 30
"""The smallest number of steps that are shown up to the first cutoff. If more steps than this are shown after it, the
same number is shown up to it."""


def draw_backtest(backtest: Backtest, path: Path) -> list[str]:
    """Draw the forecasts of three models in a backtest, and write the picture to a file.

    The models are the first one of the backtest, the best one of its leaderboard, and seasonal-naive. All series are
    drawn, or six of them if there are more. The same backtest gives the same bytes.

    path:     ends in .png (1920 x 1080 pixels), .svg or .pdf
    returns:  the names of the models that are drawn, each once

    Raises UsageError for another suffix, OutputError if `path` cannot be written.
    """
    models = list(dict.fromkeys([backtest.first, backtest.board.scores[0].model, REFERENCE]))
    write(path, lambda: compose(backtest.panel, backtest.runs, models))
    return models


def compose(panel: Panel, runs: Sequence[Run], models: Sequence[str]) -> Figure:
    """The picture of a backtest as a figure of Matplotlib, drawn in its current style.

    panel:   all data, also the values after the cutoffs
    runs:    the forecasts of all models from all cutoffs
    models:  the names of the models to draw, the main one first
    """
    runs = [run for run in runs if run.model in models]
    earliest = {model: next(run.forecast for run in runs if run.model == model) for model in models}
    shown = [_view(panel, runs, models, id_) for id_ in choose(panel, earliest)]
    heading = _heading(shown, panel, [run for run in runs if run.model == models[0]])
    return lay_out(shown, heading, looks(models), dated=panel.dated)


def _heading(shown: Sequence[View], panel: Panel, runs: Sequence[Run]) -> tuple[str, str]:
    """The title of the picture, and the note below it.

    shown: the series that are drawn
    panel: all data
    runs:  the forecasts of one model, the earliest cutoff first
    """
    scored = len(runs[-1].fold.rows)
    count = f"{scored:,} of {len(panel):,} series" if scored < len(panel) else f"{scored:,} series"
    what = short(shown[0].id, 56) if len(panel) == 1 else count
    cutoffs = f"{len(runs)} cutoffs" if len(runs) > 1 else "one cutoff"
    part = ""
    if len(shown) < scored:
        all_of_the_first = len(shown) == len(runs[0].fold.rows)
        which = "scored at every cutoff" if all_of_the_first else "spread from small to large"
        part = f"{len(shown)} of them, {which}. "
    return (
        f"{what}: {span(runs[0].fold.horizon, panel.freq)} forecast from {cutoffs}",
        f"{part}Each forecast uses the values of its series up to its dotted line",
    )


def _view(panel: Panel, runs: Sequence[Run], models: Sequence[str], id_: str) -> View:
    """The lines of one series in the picture. The forecasts of a model from all cutoffs are one line with gaps.

    id_: the id of the series
    """
    times, values = points_of(panel, row_by_id(panel.ids)[id_])
    own = [(run, int(row)) for run in runs for row in np.flatnonzero(run.forecast.ids == id_)]
    last, row = own[-1]
    if last.forecast.times[row, -1] > times[-1]:  # the actual values are in a second file
        times = np.concatenate([times, last.forecast.times[row]])
        values = np.concatenate([values, no_infinities(last.fold.actual[row])])
    x = positions(times, panel.freq)
    forecasts: dict[str, list[Track]] = {model: [] for model in models}
    cutoffs = set()
    for run, row in own:
        at_cutoff = times == run.forecast.cutoff[row]
        last_known = Track(x[at_cutoff], values[at_cutoff])
        ahead = positions(run.forecast.times[row], panel.freq)
        forecasts[run.model].append(joined(last_known, ahead, no_infinities(run.forecast.point[row])))
        cutoffs.add(float(last_known.x[0]))
    first, *later = sorted(cutoffs)
    recent = np.flatnonzero(x <= first)[-max(MIN_HISTORY_STEPS, int((x > first).sum())) :]
    return View(
        id=id_,
        recent=Track(x[recent], values[recent]),
        cutoff=times[recent[-1]],
        end=times[-1],
        start=first,
        forecasts={model: _with_gaps(segments) for model, segments in forecasts.items()},
        outcome=Track(x[x >= first], values[x >= first]),
        later_starts=tuple(later),
    )


def _with_gaps(segments: Sequence[Track]) -> Track:
    """Join several lines to one line, with a NaN in front of each of them as a gap."""
    parts = [part for segment in segments for part in (Track(segment.x[:1], np.array([np.nan])), segment)]
    return Track(np.concatenate([part.x for part in parts]), np.concatenate([part.values for part in parts]))
