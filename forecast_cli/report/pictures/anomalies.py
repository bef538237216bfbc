"""Draw the anomalies of a panel: the values of each series, and a mark at each anomaly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast_cli.errors import UsageError, mention
from forecast_cli.evaluation.anomalies.kinds import LEVEL_SHIFT, SHAPE, SPIKE, VARIANCE
from forecast_cli.panel.chosen import chosen_ids
from forecast_cli.report.pictures.chart import Entry, draw_view, legend_entries
from forecast_cli.report.pictures.figures import headed, write
from forecast_cli.report.pictures.style import baseline
from forecast_cli.report.pictures.views import MAX_NAMED, MAX_SPREAD, Track, View, points_of, positions
from forecast_cli.words import counted, short, time_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast_cli.workflows import Detection

LOOKS = {kind: baseline(place) for place, kind in enumerate((SPIKE, LEVEL_SHIFT, VARIANCE, SHAPE))}


def draw_anomalies(detection: Detection, path: Path, series: Sequence[str] = ()) -> None:
    """Draw the anomalies of a detection and write the picture to a file. The same detection gives the same bytes.

    path:    ends in .png, .svg or .pdf
    series:  the ids of the series to draw; if empty, at most MAX_SPREAD series, those with anomalies first

    Raises UsageError for another suffix, an unknown id or more than MAX_NAMED ids, OutputError if `path` cannot be
    written.
    """
    if len(series) > MAX_NAMED:
        raise UsageError(
            f"{len(series)} series are too many for one picture.",
            f"Name at most {MAX_NAMED} with {mention('series')}.",
        )
    write(path, lambda: compose(detection, series))


def compose(detection: Detection, series: Sequence[str] = ()) -> Figure:
    """The picture as a figure of Matplotlib, drawn in its current style.

    series: the ids of the series to draw; if empty, at most MAX_SPREAD series, those with anomalies first
    """
    panel = detection.panel
    ids = chosen_ids(series, panel.ids.tolist())
    if not series:
        with_anomalies = {each.id for each in detection.anomalies}
        ids = sorted(ids, key=lambda name: name not in with_anomalies)[:MAX_SPREAD]
    views = [_view(detection, name) for name in ids]
    shown = [each for each in detection.anomalies if each.id in set(ids)]
    marks = [kind for kind in LOOKS if any(each.kind == kind for each in shown)]
    entries = [*legend_entries(views, {}), *(Entry(kind, Line2D([], [], **_mark(kind))) for kind in marks)]
    first, last = (time_label(time, panel.freq) for time in (panel.times.min(), panel.times.max()))
    title = f"{short(ids[0], 56)}: " if len(ids) == 1 else ""
    heading = f"{title}{counted(len(shown), 'anomaly', 'anomalies')}"
    figure = headed((heading, f"{first} to {last}, alarm rate {detection.rate:.3g}"), entries, len(views))
    for place, view in enumerate(views):
        axes = figure.add_subplot(len(views), 1, place + 1)
        draw_view(axes, view, {}, dated=panel.dated, columns=1)
        for each in (each for each in shown if each.id == view.id):
            x = positions(panel.times[each.index : each.index + 1], panel.freq)
            axes.plot(x, panel.values[each.index : each.index + 1], **_mark(each.kind), zorder=7)
        if len(views) > 1:
            axes.set_title(short(view.id, 84), fontsize=11.5, fontweight="bold", pad=8)
    return figure


def _view(detection: Detection, name: str) -> View:
    """The values of one series, with a vertical line at the first point that was tested for anomalies.

    name: the id of the series
    """
    panel = detection.panel
    row = panel.ids.tolist().index(name)
    times, values = points_of(panel, row)
    inside = slice(panel.indptr[row], panel.indptr[row + 1])
    judged = np.flatnonzero(np.isfinite(detection.judged.p[inside]))
    x = positions(times, panel.freq)
    start = x[judged[0]] if len(judged) else x[-1]
    return View(name, Track(x, values), times[0], times[-1], float(start), {})


def _mark(kind: str) -> dict[str, Any]:
    look = LOOKS[kind]
    return {"color": look.colour, "marker": look.marker, "linestyle": "", "markersize": 9, "markeredgewidth": 1.5}
