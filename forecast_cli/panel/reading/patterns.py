"""Match cells and names with regular expressions, in limited time for any text."""

from __future__ import annotations

import re

MAX_CHARACTERS = 100
"""The longest text that can match. No number or date is longer, and slow patterns take little time on short texts."""


def full_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a pattern with a whole text; None if there is none, or for more than MAX_CHARACTERS characters."""
    return pattern.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
