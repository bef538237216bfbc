"""The common forms of written dates, one regular expression each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

MONTHS = "january february march april may june july august september october november december"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)"
)
_TIME = rf"(?:(?:,?\s+|T){_CLOCK}\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?:\[[\w/]+\])?)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_YEAR = r"'?(?P<year>\d{4}|\d\d)"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"

FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-/](?P<next>\d{4}|\d\d)",  # 1999/00, 2000/01: a season; first, as it looks like a month
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME,  # 1949-01-31 05:00
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)" + _TIME,  # 19490131T0500
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",  # 1949-01
        r"(?P<year>\d{4})[-: ]?M(?P<month>\d{1,2})",  # 1949M01
        r"(?P<year>\d{4})[-/: ]?Q(?P<quarter>[1-4])",  # 1970 Q1
        r"Q(?P<quarter>[1-4])[-/: ]?(?P<year>\d{4})",  # Q1 1970
        r"(?P<year>\d{4})[-/: ]?H(?P<half_year>[12])",  # 1970 H1
        r"(?P<year>\d{4})[-/](?P<day_of_year>\d{3})",  # 2024-020
        r"(?P<year>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",  # 2024-W05
        rf"(?P<year>\d{{4}})[-/ ]?{_NAME}",  # 1991 Jul
        rf"(?P<year>\d{{4}})[-/ ]{_NAME}[-/ ](?P<day>\d{{1,2}})" + _TIME,  # 1991-Jul-01
        rf"{_NAME}[-/ ,]*{_YEAR}",  # Jul 1991, Jul-91
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})[-/. ]*{_NAME}[-/ ,]*{_YEAR}" + _TIME,  # 1 July 1991
        rf"{_WEEKDAY}{_NAME}\s+(?P<day>\d{{1,2}}),?\s+{_YEAR}" + _TIME,  # July 1, 1991
        rf"{_WEEKDAY}{_NAME}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+{_YEAR}",  # Mon Jul 1 05:00:00 1991
        r"(?P<first>\d{1,2})([-/.])(?P<middle>\d{1,2})\2" + _YEAR + _TIME,  # 31/12/2024
        r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",  # 12/2024
        r"(?P<short>\d{1,2})-(?P<month>\d\d)",  # 1-01: month 1 of year 1
    )
)
ISO = frozenset(FORMS[1:4])
MAX_SAMPLE = 50
"""Texts of a column that are tried against each form."""
CLOCK = re.compile(_CLOCK)


def looks_like_date(text: str) -> bool:
    """Whether a text is a date in one of the forms. Digits alone are not.

    >>> [looks_like_date(text) for text in ("1991 Jul", "31/12/2024", "1949", "A1")]
    [True, True, False, False]
    """
    return not text.isdigit() and any(_matches(form, text) for form in FORMS)


def looks_like_clock(text: str) -> bool:
    """Whether a text is a time of day, such as 05:30 or 05.30.00."""
    return (":" in text or text.count(".") == 2) and CLOCK.fullmatch(text.replace(".", ":")) is not None


def best_form(texts: Sequence[str]) -> re.Pattern[str] | None:
    """The form that most of a sample of `texts` match; None if none matches."""
    sample = texts[:: max(1, len(texts) // MAX_SAMPLE)]
    matches = [sum(_matches(form, text) for text in sample) for form in FORMS]
    best = int(np.argmax(matches))
    return FORMS[best] if matches[best] > 0 else None


def _matches(form: re.Pattern[str], text: str) -> bool:
    match = form.fullmatch(text)
    if match is None:
        return False
    groups = match.groupdict()
    if "next" in groups:
        return follows(int(match["year"]), int(match["next"]))
    return "name" not in groups or month_number(match["name"]) > 0


def follows(year: int, following: int) -> bool:
    """Whether a number of two or four digits is the year after `year`.

    >>> follows(1999, 0), follows(2000, 2001), follows(2000, 2)
    (True, True, False)
    """
    return following in (year + 1, (year + 1) % 100)


def month_number(name: str) -> int:
    """The number of an English month, 1 to 12, from its name or at least its first three letters; 0 for other words.

    >>> month_number("July"), month_number("sept"), month_number("Sales"), month_number("Marker")
    (7, 9, 0, 0)
    """
    lower = name.lower()
    for number, month in enumerate(MONTHS.split(), start=1):
        if month.startswith(lower) and len(lower) >= 3:
            return number
    return 0
