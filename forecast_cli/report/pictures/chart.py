"""Draw one chart: one series in one set of axes of Matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import Formatter, MaxNLocator

from forecast_cli.networks import TOPOLOGIES
from forecast_cli.report.pictures.style import AXIS, HISTORY, MAIN, OUTCOME, PAPER, Look, baseline, tint
from forecast_cli.report.pictures.views import Track, View
from forecast_cli.words import and_joined, date_labels, model_label, tick_labels


class RowFormatter(Formatter):
    """A formatter of Matplotlib that writes all tick labels of an axis with the same unit and number of decimals.

    write: a function that returns the labels of the ticks at some positions
    """

    def __init__(self, write: Callable[[Sequence[float]], list[str]]) -> None:
        self.write = write

    def __call__(self, x: float, _pos: int | None = None) -> str:
        return self.write([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return self.write([float(v) for v in values]) if len(values) else []


def looks(models: Sequence[str]) -> dict[str, Look]:
    """How the line of each model is drawn, as {name of the model: look}. The first model is the main one."""
    return {name: MAIN if i == 0 else baseline(i - 1) for i, name in enumerate(models)}


def draw_view(axes: Axes, view: View, look_of: dict[str, Look], *, dated: bool, columns: int) -> None:
    """Draw the lines of one series into axes: intervals, history, baselines, main forecast, actual values.

    Lines that are named later are drawn over the earlier ones.

    view:     the lines to draw
    look_of:  name of a model -> how its line is drawn
    dated:    whether times are dates, and not step numbers
    columns:  how many charts are side by side in the figure; if several, lines are thinner and ticks fewer
    """
    small = columns > 1
    weight = 0.8 if small else 1.0
    for start in (view.start, *view.later_starts):
        axes.axvline(start, color=AXIS, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    for i, band in enumerate(view.bands):
        shade = tint(i, len(view.bands))
        if len(band.x) > 1:
            axes.fill_between(band.x, band.lower, band.upper, color=shade, linewidth=0, zorder=0.3)
        else:
            axes.vlines(band.x, band.lower, band.upper, color=shade, linewidth=7 * weight, zorder=0.3)
    draw_line(axes, view.recent, HISTORY, weight, zorder=3)
    if view.outcome is not None:
        markers = _all_or_last(view.outcome, view.start, small)
        draw_line(axes, view.outcome, OUTCOME, weight, zorder=6, markers=markers)
    for i, (name, track) in reversed(list(enumerate(view.forecasts.items()))):
        markers = _all_or_last(track, view.start, small) if i == 0 else _some(track, i)
        draw_line(axes, track, look_of[name], weight, zorder=5 if i == 0 else 4, markers=markers)
    _limits(axes, view)
    _ticks(axes, dated=dated, columns=columns)


@dataclass(frozen=True)
class Entry:
    """One entry of the legend: its text, and the line or the coloured patches that it explains."""

    label: str
    handle: Line2D | tuple[Patch, ...]


def legend_entries(views: Sequence[View], look_of: dict[str, Look]) -> list[Entry]:
    """The entries of the legend: one for each kind of line in the charts, and one for all intervals together."""
    lines = {"History": HISTORY}
    if any(view.outcome is not None for view in views):
        lines["Actual"] = OUTCOME
    drawn = {name for view in views for name in view.forecasts}
    lines |= {_label(name): look for name, look in look_of.items() if name in drawn}
    entries = [Entry(label, Line2D([], [], **_pen(look, 1.0))) for label, look in lines.items()]

    bands = views[0].bands
    if bands:
        narrow_first = range(len(bands) - 1, -1, -1)
        levels = [f"{100 * bands[i].coverage:.4g}%" for i in narrow_first]
        patches = tuple(Patch(facecolor=tint(i, len(bands))) for i in narrow_first)
        entries.append(Entry(f"{and_joined(levels)} interval", patches))
    return entries


def _label(name: str) -> str:
    topology, _, part = name.partition("+")
    if topology not in TOPOLOGIES:
        return model_label(name)
    return " + ".join([TOPOLOGIES[topology].label, *([part] if part else [])])


def _pen(look: Look, weight: float) -> dict[str, Any]:
    """The arguments of Matplotlib that draw a line with this look. Only the main forecast has filled markers.

    weight: a factor on widths and sizes
    """
    return {
        "color": look.colour,
        "linestyle": look.dash,
        "linewidth": look.width * weight,
        "marker": look.marker,
        "markersize": 5.5 * weight,
        "markeredgewidth": 1.3 * weight,
        "markeredgecolor": look.colour,
        "markerfacecolor": look.colour if look is MAIN else PAPER,
    }


def draw_line(
    axes: Axes,
    track: Track,
    look: Look,
    weight: float,
    *,
    zorder: float,
    markers: list[int] | None = None,
    steps: bool = False,
) -> None:
    """Draw a line into axes. A point whose neighbours are both missing is a dot, otherwise it would not be visible.

    weight:  a factor on widths and sizes
    markers: the indices of the points that get markers; None means all
    steps:   whether values change abruptly, halfway between two points
    """
    style: Any = "steps-mid" if steps else "default"
    axes.plot(track.x, track.values, **_pen(look, weight), zorder=zorder, markevery=markers, drawstyle=style)
    known = np.isfinite(np.concatenate([[np.nan], track.values, [np.nan]]))
    lone = known[1:-1] & ~known[:-2] & ~known[2:]
    if lone.any():
        size = 4 * weight
        axes.plot(track.x[lone], track.values[lone], "o", color=look.colour, markersize=size, zorder=zorder)


def _all_or_last(track: Track, start: float, small: bool) -> list[int]:
    """The indices of the points of a main line that get markers: all points after `start`, or only the last of them.

    Only the last gets a marker if there would be too many markers for the chart. Missing points get none.

    start: the position of the first cutoff on the time axis
    small: whether the chart is small: it has room for fewer markers
    """
    new = np.flatnonzero((track.x > start) & np.isfinite(track.values)).tolist()
    return new if len(new) <= (8 if small else 36) else new[-1:]


def _some(track: Track, offset: int) -> list[int]:
    """The indices of the points of a baseline that get markers: the last one and a few others.

    offset: shifts the others, so that the markers of several baselines are at different points
    """
    last = len(track.x) - 1
    stride = max(1, ceil(last / 4))
    return [*range(1 + offset % stride, last, stride), last]


def _limits(axes: Axes, view: View) -> None:
    """Set the limits of both axes so that all lines are visible.

    Intervals extend the y axis by at most the range of the lines, above and below. Wider intervals are cut off.
    """
    tracks = [view.recent, *view.forecasts.values(), *([view.outcome] if view.outcome is not None else [])]
    x = np.concatenate([track.x for track in tracks])
    first, last = min(x.min(), view.start), x.max()
    margin = 0.015 * (last - first) or 1.0
    axes.set_xlim(first - margin, last + margin)

    values = np.concatenate([track.values for track in tracks])
    values = values[np.isfinite(values)]
    if not len(values):
        return
    low, high = float(values.min()), float(values.max())
    room = (high - low) or abs(high) or 1.0
    edges = np.concatenate([values, *(edge for band in view.bands for edge in (band.lower, band.upper))])
    low, high = max(float(np.nanmin(edges)), low - room), min(float(np.nanmax(edges)), high + room)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _ticks(axes: Axes, *, dated: bool, columns: int) -> None:
    small = columns > 1
    most = {1: 9, 2: 7, 3: 6}.get(columns, 4)
    if dated:
        dates = AutoDateLocator(minticks=3, maxticks=most)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(dates)
        axes.xaxis.set_major_formatter(RowFormatter(lambda days: date_labels(_moments(days))))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(most - 1, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(RowFormatter(tick_labels))
    axes.yaxis.set_major_locator(MaxNLocator(6 if small else 7, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(RowFormatter(tick_labels))
    axes.tick_params(labelsize=10 if small else 12)


def _moments(days: Sequence[float]) -> list[datetime]:
    """The dates at positions on an axis, which are days since 1970. They are rounded to a tenth of a millisecond."""
    ticks = np.rint(np.asarray(days) * 86_400e4).astype(np.int64) * 100
    return [moment.item() for moment in ticks.astype("datetime64[us]")]
