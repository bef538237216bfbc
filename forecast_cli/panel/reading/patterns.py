"""Match cells and names with regular expressions, in a time that is bounded whatever the text is."""

from __future__ import annotations

import re

MAX_CHARACTERS = 100
"""No number, date or part of a date is longer. Longer texts match no pattern, so even a slow one takes no time."""


def full_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a pattern with a whole text; None for texts of more than MAX_CHARACTERS characters."""
    return pattern.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
