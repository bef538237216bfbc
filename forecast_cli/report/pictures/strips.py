"""Draw strips: small charts below the chart of a series. Each shows one covariate over the same time span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.forecasting import Forecast
from forecast_cli.panel.covariates import FUTURE, PAST, STATIC
from forecast_cli.panel.panel import Panel, row_by_id
from forecast_cli.report.pictures.chart import RowFormatter, draw_line
from forecast_cli.report.pictures.style import AXIS, COVARIATE, MUTED
from forecast_cli.report.pictures.views import Strip, Track, View, no_infinities, positions
from forecast_cli.words import short, tick_labels

MAX_STRIPS = 4
"""The largest number of covariates in one picture."""

MAX_CATEGORIES = 5
"""If more categories than this are drawn in a strip, only some of them have labels."""


def strips_of(view: View, history: Panel, forecast: Forecast, names: Sequence[str]) -> tuple[Strip, ...]:
    """The strips below the picture of one series, one for each covariate, over the time span of the picture.

    A past covariate ends at the last value of the series; one known ahead ends at its own last value.

    history:  the data that the forecast continues
    names:    the names of the covariates

    Raises UsageError for too many names, for a name that is no covariate of the data, and for a static covariate.
    """
    if len(names) > MAX_STRIPS:
        raise UsageError(
            f"{len(names)} covariates are too many for one picture.", f"Name at most {MAX_STRIPS}.", "draw"
        )
    row, step = row_by_id(history.ids)[view.id], row_by_id(forecast.ids)[view.id]
    first, end = history.indptr[row], history.indptr[row + 1]
    x = positions(np.concatenate([history.times[first:end], forecast.times[step]]), history.freq)
    strips = []
    for name in names:
        values, categories = _values(history, row, name)
        shown = np.flatnonzero(x[: len(values)] >= view.recent.x[0])
        strips.append(Strip(name, Track(x[shown], no_infinities(values[shown])), categories))
    return tuple(strips)


def _values(history: Panel, row: int, name: str) -> tuple[NDArray[np.float64], tuple[str, ...] | None]:
    """The values of a covariate from the first point of a series on, and its categories (None for numbers).

    row: the index of the series in `history`

    Raises UsageError if there is no such covariate, or if it is static.
    """
    known = history.covariates
    columns = {column.name: column for column in known.columns} if known else {}
    if known is None or name not in columns:
        have = f"it has {', '.join(columns)}" if columns else "it has none"
        raise UsageError(
            f"{name}: this is no covariate of the model; {have}.{did_you_mean(name, columns)}", option="draw"
        )
    column = columns[name]
    if column.kind == STATIC:
        raise UsageError(f"{name}: a static covariate is the same at all times.", "Leave it out.", "draw")
    if column.kind == PAST:
        points = slice(history.indptr[row], history.indptr[row + 1])
        return known.past[points, known.of(PAST).index(column)], column.categories
    rows = slice(known.start[row], known.end[row])
    return known.ahead[rows, known.of(FUTURE, STATIC).index(column)], column.categories


def draw_strip(axes: Axes, strip: Strip, view: View, *, small: bool) -> None:
    """Draw a strip into axes: numbers as a line, categories as steps whose levels are named.

    view:   the chart above
    small:  whether several charts are side by side
    """
    axes.axvline(view.start, color=AXIS, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    weight, size = (0.8, 9.0) if small else (1.0, 10.5)
    draw_line(axes, strip.track, COVARIATE, weight, zorder=3, steps=strip.categories is not None)
    axes.set_title(short(strip.name, 30), fontsize=size, color=MUTED, pad=3)
    axes.tick_params(axis="y", labelsize=size - 1)
    axes.tick_params(axis="x", labelsize=10 if small else 12)
    axes.margins(y=0.15)
    if strip.categories is None:
        axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(RowFormatter(tick_labels))
        return
    levels = np.unique(strip.track.values[np.isfinite(strip.track.values)])
    levels = levels[:: -(-len(levels) // MAX_CATEGORIES) or 1]
    axes.set_yticks(levels, [short(strip.categories[int(level)] or "(empty)", 12) for level in levels])
