"""Convert times to the cells of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecast_cli.report.tables.table import Cell, Column
from forecast_cli.words import clock_unit, span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from forecast_cli.panel.panel import Panel


def time_cells(times: NDArray[Any], panel: Panel) -> list[Cell]:
    """The cells for k times of a panel: dates as ISO 8601 text, or step numbers as int. NaT becomes None.

    Dates have no time of day if all k times are at midnight and the steps of the panel are whole days or longer.
    Otherwise all have a time of day with seconds. Fractions of a second are written only if one of these times or a
    time of the panel has them. A "Z" at the end means UTC: the data had a time zone.

    times: (k,)
    """
    import numpy as np

    from forecast_cli.panel.calendar import calendar_of

    if not panel.dated:
        return [int(step) for step in times]
    whole_days = not calendar_of(panel.freq).has_clock and bool(
        np.all((times == times.astype("datetime64[D]")) | np.isnat(times))
    )
    unit, suffix = ("D", "") if whole_days else (clock_unit(np.r_[times, panel.times]), "Z" if panel.tz else "")
    texts = times.astype(f"datetime64[{unit}]").astype(str).tolist()
    return [None if text == "NaT" else f"{text}{suffix}" for text in texts]


def frequency_text(freq: str) -> str:
    """A frequency followed by its meaning, such as "D@MON-SAT (Monday to Saturday)".

    A frequency whose meaning is not known is returned unchanged.

    >>> frequency_text("MS"), frequency_text("SMS-15")
    ('MS (1 month)', 'SMS-15 (days 1 and 15 of each month)')
    """
    from forecast_cli.panel.cycle_text import cycle_in_words

    meaning = cycle_in_words(freq) or span(1, freq)
    return freq if meaning == "1 step" else f"{freq} ({meaning})"


def time_column(times: NDArray[Any], panel: Panel, name: str | None = None, drop_order: int = 0) -> Column:
    """A column with times of a panel.

    times:       of any shape; they are flattened row by row
    name:        the name of the column; None calls it "date", or "step" for a panel without dates
    drop_order:  as in `Column`: 0 means that the text never leaves out the column
    """
    default = "date" if panel.dated else "step"
    return Column(name or default, time_cells(times.ravel(), panel), drop_order=drop_order, dated=panel.dated)
