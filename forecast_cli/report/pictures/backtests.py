"""The picture of a backtest: what came about, and what was forecast of it from each cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from forecast_cli.evaluation.backtest import Run
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures.chart import looks
from forecast_cli.report.pictures.figures import lay_out, write
from forecast_cli.report.pictures.views import Track, View, choose, joined, no_infinities, points_of, positions
from forecast_cli.words import short, span

LEAST_HISTORY = 30
"""Steps before the first cutoff that are shown, or as many as follow it."""


def draw(whole: Panel, runs: Sequence[Run], models: Sequence[str], path: Path) -> None:
    """Draw what `models`, the main one first, forecast in `runs`, over what came about, and write it to `path`.

    whole:  the panel with what came after the last cutoff
    path:   ends in .png (1920 x 1080 pixels), .svg or .pdf

    Of many series six that stand for the rest are drawn. Raises UsageError for another suffix, OutputError where
    `path` cannot be written.
    """
    write(path, lambda: compose(whole, runs, models))


def compose(whole: Panel, runs: Sequence[Run], models: Sequence[str]) -> Figure:
    """The picture as a figure, in the style that is active; arguments as for `draw`."""
    earliest = {model: next(run.forecast for run in runs if run.model == model) for model in models}
    drawn = [run for run in runs if run.model in models]
    shown = [_view(whole, drawn, models, id_) for id_ in choose(whole, earliest, ())]
    main = [run.fold for run in drawn if run.model == models[0]]
    scored = len(main[-1].rows)
    count = f"{scored:,} of {len(whole):,} series" if scored < len(whole) else f"{scored:,} series"
    what = short(shown[0].id, 56) if len(whole) == 1 else count
    cutoffs = f"{len(main)} cutoffs" if len(main) > 1 else "one cutoff"
    which = "scored at every cutoff" if len(shown) == len(main[0].rows) else "spread from small to large"
    part = f"{len(shown)} of them, {which}. " if len(shown) < scored else ""
    heading = (
        f"{what}: {span(main[0].horizon, whole.freq)} forecast from {cutoffs}",
        f"{part}Each forecast knows nothing of its series after its dotted line",
    )
    return lay_out(shown, heading, looks(models), dated=whole.dated)


def _view(whole: Panel, runs: Sequence[Run], models: Sequence[str], id_: str) -> View:
    """One series: all forecasts of a model are one line with gaps."""
    times, values = points_of(whole, whole.ids.tolist().index(id_))
    own = [(run, int(row)) for run in runs for row in np.flatnonzero(run.forecast.ids == id_)]
    last, row = own[-1]
    if last.forecast.times[row, -1] > times[-1]:  # the outcome stands in a file of its own
        times = np.concatenate([times, last.forecast.times[row]])
        values = np.concatenate([values, no_infinities(last.fold.actual[row])])
    x = positions(times, whole.freq)
    forecasts: dict[str, list[Track]] = {model: [] for model in models}
    starts = set()
    for run, row in own:
        known = times == run.forecast.cutoff[row]
        origin = Track(x[known], values[known])
        ahead = positions(run.forecast.times[row], whole.freq)
        forecasts[run.model].append(joined(origin, ahead, no_infinities(run.forecast.point[row])))
        starts.add(float(origin.x[0]))
    first, *later = sorted(starts)
    recent = np.flatnonzero(x <= first)[-max(LEAST_HISTORY, int((x > first).sum())) :]
    return View(
        id=id_,
        recent=Track(x[recent], values[recent]),
        cutoff=times[recent[-1]],
        end=times[-1],
        start=first,
        forecasts={model: _with_gaps(segments) for model, segments in forecasts.items()},
        bands=(),
        outcome=Track(x[x >= first], values[x >= first]),
        later_starts=tuple(later),
    )


def _with_gaps(segments: Sequence[Track]) -> Track:
    """Several lines as one, which is broken between them."""
    parts = [part for segment in segments for part in (Track(segment.x[:1], np.array([np.nan])), segment)]
    return Track(np.concatenate([part.x for part in parts]), np.concatenate([part.values for part in parts]))
