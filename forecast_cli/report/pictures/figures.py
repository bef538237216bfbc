"""The picture of a forecast: recent history, the main model, the baselines, and how sure it is."""

from __future__ import annotations

import io
import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend_handler import HandlerTuple

from forecast_cli.errors import UsageError
from forecast_cli.files import whole
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.panel import Panel
from forecast_cli.report.pictures import style
from forecast_cli.report.pictures.chart import Entry, draw_view, legend_entries, looks
from forecast_cli.report.pictures.style import Look
from forecast_cli.report.pictures.views import View, choose, views
from forecast_cli.words import short, span, stamp

log = logging.getLogger(__name__)

FORMATS = ("png", "svg", "pdf")
DPI = 160
WIDTH, HEIGHT = 12.0, 6.75
_EDGE = 0.3
"""Inches left free at each side."""
_NO_GLYPH = "Glyph .* missing from"
"""What Matplotlib's warning says of a letter that it has no font for."""


def draw(
    history: Panel,
    forecasts: Mapping[str, Forecast],
    path: Path,
    *,
    series: Sequence[str] = (),
    title: str | None = None,
    actuals: Panel | None = None,
) -> None:
    """Draw `forecasts` after `history` and write the picture to `path`, whole or not at all.

    forecasts:  model name -> Forecast; the first is the main one, whose quantiles become shaded intervals
    path:       ends in .png (1920 x 1080 pixels), .svg or .pdf
    series:     the ids to draw, a chart each; none means all of a few, or six that stand for the rest
    actuals:    what came after the cutoff, where it is known

    The same input gives the same bytes.

    Raises UsageError for another suffix or an unknown id, OutputError where `path` cannot be written.
    """
    write(path, lambda: compose(history, forecasts, series=series, title=title, actuals=actuals))


def write(path: Path, composed: Callable[[], Figure]) -> None:
    """Write what `composed` returns, in the program's own style, to `path`; whole or not at all.

    Raises UsageError for a suffix that is not of a picture, OutputError where `path` cannot be written.
    """
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise UsageError(
            f"{path}: a picture cannot be written as {path.suffix or 'a file without suffix'}.",
            hint="End the name in .png, .svg or .pdf.",
        )
    with style.applied(), warnings.catch_warnings(record=True) as raised:
        warnings.filterwarnings("always", message=_NO_GLYPH, category=UserWarning)
        picture = _rendered(composed(), suffix)
    with whole(path) as beside:
        beside.write_bytes(picture)
    boxes = [warning for warning in raised if re.match(_NO_GLYPH, str(warning.message))]
    if boxes and suffix != "svg":  # whose letters are drawn where it is looked at
        log.warning("%s: no font on this machine has some of its letters; boxes stand for them.", path)
    for warning in raised:
        if warning not in boxes:
            warnings.warn(warning.message, stacklevel=2)


def compose(
    history: Panel,
    forecasts: Mapping[str, Forecast],
    *,
    series: Sequence[str] = (),
    title: str | None = None,
    actuals: Panel | None = None,
) -> Figure:
    """The picture as a figure, in the style that is active; arguments as for `draw`."""
    shown = views(history, forecasts, choose(history, forecasts, series), actuals)
    default, note = _title(shown, next(iter(forecasts.values())), history, picked=not series)
    heading = (short(title, 230), f"{default}. {note}") if title else (default, note)
    return lay_out(shown, heading, looks(list(forecasts)), dated=history.dated)


def lay_out(shown: Sequence[View], heading: tuple[str, str], look_of: dict[str, Look], *, dated: bool) -> Figure:
    """A chart for each view under a heading (title, note) and one legend."""
    rows, columns = _grid(len(shown))
    figure = Figure(figsize=(WIDTH, max(HEIGHT, 1.0 + 2.6 * rows)), dpi=DPI)
    FigureCanvasAgg(figure)
    top = _header(figure, *heading, legend_entries(shown, look_of))
    left, bottom = _EDGE / WIDTH, 0.2 / figure.get_figheight()
    area = (left, bottom, 1 - 2 * left, top - bottom)
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=area, w_pad=0.08, h_pad=0.06, hspace=0.04, wspace=0.03))
    for i, view in enumerate(shown):
        axes = figure.add_subplot(rows, columns, i + 1)
        draw_view(axes, view, look_of, dated=dated, columns=columns)
        if columns > 1:
            axes.set_title(short(view.id, 84 // columns), fontsize=11.5, fontweight="bold", pad=8)
    return figure


def _grid(count: int) -> tuple[int, int]:
    """Rows and columns for `count` charts."""
    columns = count if count <= 3 else 2 if count == 4 else 3 if count <= 12 else 4
    return ceil(count / columns), columns


def _title(shown: Sequence[View], main: Forecast, history: Panel, *, picked: bool) -> tuple[str, str]:
    """What the picture is, and the note below it."""
    freq = history.freq
    horizon = span(main.horizon, freq)
    known = sorted({view.cutoff for view in shown})
    if len(known) == 1:
        when = f"Known to {stamp(known[0], freq)}, forecast to {stamp(shown[0].end, freq)}"
    else:
        when = f"Known to {stamp(known[0], freq)} at the earliest, to {stamp(known[-1], freq)} at the latest"
    if history.tz:
        when += f" ({history.tz})"
    if len(shown) == 1:
        return f"{short(shown[0].id, 56)}: forecast of {horizon}", when
    count = f"{len(shown)} series"
    if len(shown) < len(main.ids):
        count = f"{len(shown)} of {len(main.ids):,} series"
        count += ", spread from small to large" if picked else ""
    return f"Forecast of {horizon}", f"{count}. {when}"


def _header(figure: Figure, title: str, note: str, entries: Sequence[Entry]) -> float:
    """Write title, note and legend at the top; the share of the height left below them."""
    height = figure.get_figheight()
    left, y = _EDGE / WIDTH, 1 - 0.28 / height
    for text, size, weight, colour, wrap in (
        (title, 18, "bold", style.INK, 78),
        (note, 12.5, "normal", style.MUTED, 125),
    ):
        lines = textwrap.wrap(text, wrap)
        block = "\n".join(lines)
        figure.text(left, y, block, size=size, weight=weight, color=colour, va="top", linespacing=1.25)
        y -= len(lines) * size * 1.45 / 72 / height
    y -= 0.1 / height
    for rows in range(1, len(entries) + 1):
        columns = ceil(len(entries) / rows)
        # Matplotlib fills column by column; a reader goes row by row.
        ordered = [entry for column in range(columns) for entry in entries[column::columns]]
        legend = figure.legend(
            handles=[entry.handle for entry in ordered],
            labels=[entry.label for entry in ordered],
            loc="upper left",
            bbox_to_anchor=(left, y),
            ncols=columns,
            frameon=False,
            borderaxespad=0,
            borderpad=0,
            fontsize=11,
            handlelength=2.5,
            handletextpad=0.55,
            columnspacing=1.3,
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
        )
        box = legend.get_window_extent().transformed(figure.transFigure.inverted())
        if box.x1 <= 1 - left:
            break
        legend.remove()
    return float(box.y0) - 0.12 / height


def _rendered(figure: Figure, suffix: str) -> bytes:
    """The bytes of the picture, without the date and the versions that would make two runs differ."""
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, metadata=metadata[suffix])
    return buffer.getvalue()
