"""One series in one set of axes."""

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
from numpy.typing import NDArray

from forecast_cli.report.style import AXIS, HISTORY, MAIN, OUTCOME, PAPER, Look, baseline, tint
from forecast_cli.report.views import Track, View
from forecast_cli.report.words import date_labels, model_label, tick_labels


class RowFormatter(Formatter):
    """Writes a row of tick labels with regard to one another."""

    def __init__(self, write: Callable[[Sequence[float]], list[str]]) -> None:
        self.write = write

    def __call__(self, x: float, _pos: int | None = None) -> str:
        return self.write([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return self.write([float(v) for v in values]) if len(values) else []


def looks(models: Sequence[str]) -> dict[str, Look]:
    """Model name -> its look, the first being the main one."""
    return {name: MAIN if i == 0 else baseline(i - 1) for i, name in enumerate(models)}


def draw_view(axes: Axes, view: View, look_of: dict[str, Look], *, dated: bool, small: bool) -> None:
    """Draw one series: intervals below, then baselines and history, the main forecast on top.

    `small` is for one picture among several: thinner lines, fewer ticks.
    """
    weight = 0.8 if small else 1.0
    cutoff = _x(np.atleast_1d(view.cutoff))[0]
    axes.axvline(cutoff, color=AXIS, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    for i, band in enumerate(view.bands):
        shade = tint(i, len(view.bands))
        axes.fill_between(_x(band.times), band.lower, band.upper, color=shade, linewidth=0, zorder=0.3)
    _line(axes, view.recent, HISTORY, weight, zorder=3)
    _lone_points(axes, view.recent, HISTORY, weight)
    if view.outcome is not None:
        _line(axes, view.outcome, OUTCOME, weight, zorder=3.5, markers=_all_or_last(view.outcome, small))
    for i, (name, track) in reversed(list(enumerate(view.forecasts.items()))):
        markers = _all_or_last(track, small) if i == 0 else _some(track, i)
        _line(axes, track, look_of[name], weight, zorder=5 if i == 0 else 4, markers=markers)
    _limits(axes, view, cutoff)
    _ticks(axes, dated=dated, small=small)


@dataclass(frozen=True)
class Entry:
    """One entry of the legend."""

    label: str
    handle: Line2D | tuple[Patch, ...]


def legend_entries(views: Sequence[View], look_of: dict[str, Look]) -> list[Entry]:
    """An entry for each kind of line that is drawn anywhere, and one for all intervals together."""
    lines = {"History": HISTORY}
    if any(view.outcome is not None for view in views):
        lines["Actual"] = OUTCOME
    drawn = {name for view in views for name in view.forecasts}
    lines |= {model_label(name): look for name, look in look_of.items() if name in drawn}
    entries = [Entry(label, Line2D([], [], **_pen(look, 1.0))) for label, look in lines.items()]

    bands = views[0].bands
    if bands:
        narrow_first = range(len(bands) - 1, -1, -1)
        shares = [f"{100 * bands[i].coverage:.4g}%" for i in narrow_first]
        label = ", ".join(shares[:-1]) + (" and " if shares[:-1] else "") + shares[-1] + " interval"
        patches = tuple(Patch(facecolor=tint(i, len(bands))) for i in narrow_first)
        entries.append(Entry(label, patches))
    return entries


def _pen(look: Look, weight: float) -> dict[str, Any]:
    """The look in Matplotlib's words: the main forecast has filled markers, the others hollow ones."""
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


def _line(
    axes: Axes, track: Track, look: Look, weight: float, *, zorder: float, markers: list[int] | None = None
) -> None:
    axes.plot(_x(track.times), track.values, **_pen(look, weight), zorder=zorder, markevery=markers)


def _lone_points(axes: Axes, track: Track, look: Look, weight: float) -> None:
    """A dot where both neighbours are missing, as a line alone would leave such a point out."""
    there = np.isfinite(np.concatenate([[np.nan], track.values, [np.nan]]))
    lone = there[1:-1] & ~there[:-2] & ~there[2:]
    x = _x(track.times[lone])
    axes.plot(x, track.values[lone], "o", color=look.colour, markersize=4 * weight, zorder=3)


def _all_or_last(track: Track, small: bool) -> list[int]:
    """Where markers go on the lines that matter: on every point of a short one, at the end of a long one."""
    last = len(track) - 1
    return list(range(1, last + 1)) if last <= (8 if small else 36) else [last]


def _some(track: Track, offset: int) -> list[int]:
    """Where markers go on a baseline: on the last point and a few others, staggered by `offset`."""
    last = len(track) - 1
    stride = max(1, ceil(last / 4))
    return [*range(1 + offset % stride, last, stride), last]


def _limits(axes: Axes, view: View, cutoff: float) -> None:
    """Room for every line; an interval that grows beyond twice their height is cut off by the frame."""
    tracks = [view.recent, *view.forecasts.values(), *([view.outcome] if view.outcome is not None else [])]
    x = np.concatenate([_x(track.times) for track in tracks])
    first, last = min(x.min(), cutoff), x.max()
    margin = 0.015 * (last - first) or 1.0
    axes.set_xlim(first - margin, last + margin)

    values = np.concatenate([track.values for track in tracks])
    values = values[np.isfinite(values)]
    if not len(values):
        return
    low, high = float(values.min()), float(values.max())
    room = (high - low) or abs(high) or 1.0
    for band in view.bands:
        if np.isfinite(band.lower).any() and np.isfinite(band.upper).any():
            low = max(min(low, float(np.nanmin(band.lower))), low - room)
            high = min(max(high, float(np.nanmax(band.upper))), high + room)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _ticks(axes: Axes, *, dated: bool, small: bool) -> None:
    if dated:
        dates = AutoDateLocator(minticks=3, maxticks=5 if small else 9)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(dates)
        axes.xaxis.set_major_formatter(RowFormatter(lambda days: date_labels(_moments(days))))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4 if small else 9, integer=True))
        axes.xaxis.set_major_formatter(RowFormatter(tick_labels))
    axes.yaxis.set_major_locator(MaxNLocator(6 if small else 7, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(RowFormatter(tick_labels))
    axes.tick_params(labelsize=10 if small else 12)


def _x(times: NDArray[Any]) -> NDArray[np.float64]:
    """Positions on the axis: days for dates, the number itself for steps."""
    if np.issubdtype(times.dtype, np.datetime64):
        return (times - np.datetime64(0, "s")) / np.timedelta64(1, "D")
    return times.astype(np.float64)


def _moments(days: Sequence[float]) -> list[datetime]:
    """Positions on a date axis, to the second, as dates."""
    seconds = np.rint(np.asarray(days) * 86_400).astype("timedelta64[s]")
    return [moment.item() for moment in np.datetime64(0, "s") + seconds]
