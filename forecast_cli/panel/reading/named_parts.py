"""Which part of a date a column holds, by its name or its texts."""

from __future__ import annotations

from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.date_parts import (
    DAY_NAMES,
    HOUR_NAMES,
    MONTH_NAMES,
    QUARTER_NAMES,
    WEEK_NAMES,
    YEAR_NAMES,
)
from forecast_cli.panel.reading.forms import looks_like_clock, month_number

_NAMES = {
    "year": YEAR_NAMES,
    "quarter": QUARTER_NAMES,
    "month": MONTH_NAMES,
    "week": WEEK_NAMES,
    "day": DAY_NAMES,
    "hour": HOUR_NAMES,
}


def part_of_date(column: RawColumn) -> str:
    """The part of a date that a column holds: year, quarter, month, week, day or hour; "" if it holds none."""
    named = next((part for part, names in _NAMES.items() if column.label.plain in names), "")
    if named or column.kind != "text":
        return named
    if all(month_number(text) for text in column.texts):
        return "month"
    return "hour" if all(map(looks_like_clock, column.texts)) else ""
