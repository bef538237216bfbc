"""Spans of time as a job file writes them."""

from __future__ import annotations

import re
from datetime import timedelta

from forecast_cli.errors import UsageError

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
LONGEST = timedelta(days=36_500)
EXAMPLES = '"90s", "30min", "12h", "7d" or "2w"'


def parse_duration(text: str) -> timedelta:
    """A whole number and a unit: s, min (or m), h, d or w.

    Raises UsageError, whose message begins with the text in quotes.

    >>> parse_duration("7d")
    datetime.timedelta(days=7)
    """
    found = re.fullmatch(r"([0-9]{1,12}) ?([a-z]+)", text.strip())
    if found is None or found[2] not in UNITS:
        raise UsageError(f'"{text}": must be a duration such as {EXAMPLES}.')
    count, unit = int(found[1]), UNITS[found[2]]
    if not 1 <= count <= LONGEST // unit:
        raise UsageError(f'"{text}": must be a duration above 0, of at most 100 years.')
    return count * unit
