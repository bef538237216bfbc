"""Compose figures of one or several charts with a heading and a legend, and write them to files."""

from __future__ import annotations

import io
import logging
import re
import textwrap
import warnings
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend_handler import HandlerTuple

from forecast_cli.files import atomic_write
from forecast_cli.report.pictures import check_suffix, style
from forecast_cli.report.pictures.chart import Entry, draw_view, legend_entries
from forecast_cli.report.pictures.strips import draw_strip
from forecast_cli.report.pictures.style import Look
from forecast_cli.report.pictures.views import View
from forecast_cli.words import short

log = logging.getLogger(__name__)

DPI = 160
WIDTH_INCHES, MIN_HEIGHT_INCHES = 12.0, 6.75
ROW_HEIGHT_INCHES, HEADING_HEIGHT_INCHES = 2.6, 1.0
STRIP_HEIGHT_INCHES = 0.8
CHART_HEIGHT_IN_STRIPS = 3.5
"""The height of a chart, as a multiple of that of a strip below it."""
SIDE_MARGIN_INCHES = 0.3
MISSING_LETTER_WARNING = "Glyph .* missing from"
"""A regular expression for the warning of Matplotlib that no font has a certain letter."""


def write(path: Path, compose: Callable[[], Figure]) -> None:
    """Write a figure to a file, as a whole or not at all.

    path:    its suffix is one of SUFFIXES, and decides the format
    compose: a function that returns the figure

    Raises UsageError for another suffix, and OutputError if the file cannot be written.
    """
    check_suffix(path)
    with style.applied(), warnings.catch_warnings(record=True) as raised:
        warnings.filterwarnings("always", message=MISSING_LETTER_WARNING, category=UserWarning)
        picture = _rendered(compose(), path.suffix.lower().removeprefix("."))
    with atomic_write(path) as temporary:
        temporary.write_bytes(picture)
    missing_letters = [warning for warning in raised if re.match(MISSING_LETTER_WARNING, str(warning.message))]
    if missing_letters and path.suffix.lower() != ".svg":  # an SVG uses the fonts of the program that shows it
        log.warning("%s: no font on this machine has some of the letters; they are drawn as boxes.", path)
    for warning in raised:
        if warning not in missing_letters:
            warnings.warn(warning.message, stacklevel=2)


def lay_out(shown: Sequence[View], heading: tuple[str, str], look_of: dict[str, Look], *, dated: bool) -> Figure:
    """A figure with a heading and a legend at the top, and a chart for each series below.

    shown:   the series to draw
    heading: title and note
    look_of: name of a model -> how its line is drawn
    dated:   whether times are dates, and not step numbers
    """
    rows, columns = _grid(len(shown))
    strips = max(len(view.strips) for view in shown)
    row_height = ROW_HEIGHT_INCHES + STRIP_HEIGHT_INCHES * strips
    figure = headed(heading, legend_entries(shown, look_of), rows, row_height)
    grid = figure.add_gridspec(rows, columns)
    heights = [CHART_HEIGHT_IN_STRIPS] + [1] * strips
    for i, view in enumerate(shown):
        cells = grid[i // columns, i % columns].subgridspec(1 + strips, 1, height_ratios=heights)
        axes = figure.add_subplot(cells[0])
        draw_view(axes, view, look_of, dated=dated, columns=columns)
        if columns > 1:
            axes.set_title(short(view.id, 84 // columns), fontsize=11.5, fontweight="bold", pad=8)
        for place, strip in enumerate(view.strips, start=1):
            draw_strip(figure.add_subplot(cells[place], sharex=axes), strip, view, small=columns > 1)
        for above in range(strips):
            figure.axes[-1 - strips + above].tick_params(labelbottom=False)
    return figure


def headed(
    heading: tuple[str, str], entries: Sequence[Entry], rows: int = 1, row_height: float = ROW_HEIGHT_INCHES
) -> Figure:
    """A figure with a heading and a legend, and with free space below for charts.

    heading:     title and note
    entries:     the entries of the legend
    rows:        the number of rows of charts
    row_height:  the height of a row, in inches
    """
    height = max(MIN_HEIGHT_INCHES, HEADING_HEIGHT_INCHES + row_height * rows)
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI)
    FigureCanvasAgg(figure)
    top = _header(figure, *heading, entries)
    left, bottom = SIDE_MARGIN_INCHES / WIDTH_INCHES, 0.2 / height
    area = (left, bottom, 1 - 2 * left, top - bottom)
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=area, w_pad=0.08, h_pad=0.06, hspace=0.04, wspace=0.03))
    return figure


def _grid(count: int) -> tuple[int, int]:
    """How many rows and columns a figure with this number of charts has."""
    columns = count if count <= 3 else 2 if count == 4 else 3 if count <= 12 else 4
    return ceil(count / columns), columns


def _header(figure: Figure, title: str, note: str, entries: Sequence[Entry]) -> float:
    """Write title, note and legend at the top of a figure.

    Returns the height of the free space below them, as a fraction of the height of the figure.
    """
    height = figure.get_figheight()
    left, y = SIDE_MARGIN_INCHES / WIDTH_INCHES, 1 - 0.28 / height
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
        # Matplotlib fills the legend column by column; people read it row by row.
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
    """The bytes of a picture file. They contain no dates and versions, so the same figure always gives the same bytes.

    suffix: the format: "png", "svg" or "pdf"
    """
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, metadata=metadata[suffix])
    return buffer.getvalue()
