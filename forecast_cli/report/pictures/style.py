"""The style of all pictures: typeface, colours, and lines that can be distinguished without colour too."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib.style
from matplotlib.font_manager import fontManager

INK = "#1F2328"
MUTED = "#5F6770"
AXIS = "#8B939C"
GRID = "#E4E7EA"
PAPER = "#FFFFFF"

# Matplotlib includes DejaVu Sans, so pictures are the same on all machines. The other fonts have letters that it lacks.
_TYPEFACES = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Arial Unicode MS",
)


@dataclass(frozen=True)
class Look:
    """How a line is drawn.

    colour: as in Matplotlib
    dash:   the line style of Matplotlib, such as "-" or a pattern of dashes
    marker: the marker of Matplotlib at points of the line
    width:  in points
    """

    colour: str
    dash: str | tuple[int, tuple[float, ...]]
    marker: str
    width: float


HISTORY = Look(INK, "-", "", 1.7)
OUTCOME = Look(INK, "-", "o", 1.7)
MAIN = Look("#0072B2", "-", "o", 2.8)
COVARIATE = Look(MUTED, "-", "", 1.3)

# After Okabe and Ito's colours, safe for colour-blind readers. In grey, lines differ by dash and marker.
_BASELINES = (
    Look("#D55E00", (0, (5.0, 1.8)), "s", 1.6),
    Look("#009E73", (0, (1.2, 1.4)), "^", 1.8),
    Look("#B65A92", (0, (6.5, 1.6, 1.4, 1.6)), "D", 1.6),
    Look("#B97C00", (0, (7.5, 3.5)), "v", 1.6),
    Look("#3D9BD1", (0, (3.0, 1.4, 1.0, 1.4, 1.0, 1.4)), "P", 1.6),
    Look("#6B6B6B", (0, (2.4, 2.4)), "X", 1.6),
)
_TINTS = ("#DCE9F3", "#BCD7EA", "#9CC4E0")


def baseline(position: int) -> Look:
    """How the line of a baseline is drawn. `position` is its number among the baselines, from 0."""
    return _BASELINES[position % len(_BASELINES)]


def tint(position: int, count: int) -> str:
    """The colour of an interval.

    position: its number, from 0 for the widest interval, which has the lightest colour
    count:    the number of intervals
    """
    return _TINTS[position * len(_TINTS) // max(count, len(_TINTS))]


def applied() -> AbstractContextManager[None]:
    """A context in which Matplotlib draws with this style. The user's settings are ignored, and stay as they are."""
    installed = set(fontManager.get_font_names())
    style: dict[str, object] = {
        "font.family": [*(name for name in _TYPEFACES if name in installed), "sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 12,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": AXIS,
        "axes.linewidth": 0.8,
        "axes.facecolor": PAPER,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.titlelocation": "left",
        "axes.labelcolor": MUTED,
        "axes.unicode_minus": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": AXIS,
        "xtick.labelcolor": MUTED,
        "xtick.major.size": 4,
        "ytick.color": AXIS,
        "ytick.labelcolor": MUTED,
        "ytick.major.size": 0,
        "ytick.major.pad": 6,
        "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round",
        "lines.scale_dashes": True,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "svg.fonttype": "none",
        "svg.hashsalt": "forecast",
        "pdf.fonttype": 42,
    }
    return matplotlib.style.context(["default", style])
