"""The common forms in which dates are written, such as 31/12/2024. Each form is one regular expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from forecast_cli.panel.reading.month_names import WORD, in_english, month_number, with_words
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.patterns import MAX_CHARACTERS, full_match
from forecast_cli.panel.reading.zones import ZONE

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:h]?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?:\s*+(?P<half>[AaPp])\.?[Mm]\.?(?![a-z]))?(?:\s*+Uhr)?"
)
_TIME = rf"(?:(?:,?\s++|[T_:]){_CLOCK}\s*+\(?(?P<zone>{ZONE})?\)?(?:\[[\w/]+\]|(?:\s|(?<=\s))\([^)]*\))?)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_YEAR = r"'?(?P<year>\d{4}|\d\d)"
_WEEKDAY = r"(?:[^\W\d_]{2,}+\.?,?\s++)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[ºª])?"
_WEEK, _WEEK_FIRST = r"(?:W|KW|wk|week|S(?=\d\d))[-. ]?(?P<week>\d\d?)", r"(?P<week>\d\d?)\.?\s?(?:W|KW|wk)"
_QUARTER, _QUARTER_FIRST = r"(?:Q|qtr|quarter)\s?0?(?P<quarter>[1-4])", r"(?P<quarter>[1-4])\.?\s?(?:Q|qtr|quarter)"
_FISCAL = r"(?P<fiscal>FY)\s?-?"

FORMS = (
    r"(?P<year>\d{4})[-/](?P<next>\d{4}|\d\d)",  # 1999/00, 2000/01: a season; first, as it looks like a month
    r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME,  # 1949-01-31 05:00
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)" + _TIME,  # 19490131T0500
    r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})",  # 1949-01
    r"(?P<year>\d{4})[-/: ]?M(?P<month>\d{1,2})",  # 1949M01
    r"M(?P<month>\d{1,2})[-/: ](?P<year>\d{4})",  # M01 1949
    r"(?P<year>\d{4}):(?P<month>\d\d)",  # 1949:01
    r"(?P<year>\d{4}):(?P<quarter>[1-4])",  # 1970:1
    r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월](?:\s?(?P<day>\d{1,2})\s?[日일])?" + _TIME,  # 2017年1月
    rf"{_YEAR}[-/:. ]?{_QUARTER}",  # 1970 Q1
    rf"{_YEAR}[-/:. ]?{_QUARTER_FIRST}",  # 1970-1Q
    rf"{_QUARTER}[-/:., ]*'?(?P<year>\d{{4}})",  # Q1 1970
    rf"{_QUARTER}(?:[-/:., ]+'?|')(?P<year>\d\d)",  # Q1 '70
    rf"{_QUARTER_FIRST}[-/:., ]*{_YEAR}",  # 1Q70
    r"(?P<year>\d{4})[-/: ]?T(?P<quarter>[1-4])",  # 1970-T1
    r"T(?P<quarter>[1-4])[-/: ](?P<year>\d{4})",  # T1 1970
    r"(?P<year>\d{4})[-/: ]?[HS](?P<half_year>[12])",  # 1970 H1
    r"[HS](?P<half_year>[12])[-/:. ](?P<year>\d{4})",  # H1 1970
    rf"(?P<half_year>[12])H[-/:. ]?{_YEAR}",  # 1H70
    rf"{_FISCAL}{_YEAR}(?:[-/](?P<next>\d{{4}}|\d\d))?",  # FY1970, FY70/71
    rf"{_FISCAL}{_YEAR}[-/:. ]?{_QUARTER}",  # FY1970 Q1
    rf"{_QUARTER}[-/:. ]*{_FISCAL}{_YEAR}",  # Q1 FY1970
    r"(?P<year>\d{4})[-/](?P<day_of_year>\d{3})",  # 2024-020
    rf"(?P<year>\d{{4}})[-/ ]?{_WEEK}(?:-?(?P<weekday>[1-7]))?",  # 2024-W05
    rf"{_WEEK}[-/., ]+(?P<year>\d{{4}})",  # W05/2024
    rf"{_WEEK_FIRST}[-/., ]+(?P<year>\d{{4}})",  # 5. KW 2024
    rf"(?P<year>\d{{4}})[-/. ]*{_NAME}",  # 1991 Jul
    rf"(?P<year>\d{{4}})[-/. ]+{_NAME}[-/ ]+(?P<day>\d{{1,2}})\.?" + _TIME,  # 1991-Jul-01
    rf"{_NAME}[-/ ,]*{_YEAR}",  # Jul 1991, Jul-91
    rf"{_WEEKDAY}{_DAY}[-/. ]*{_NAME}[-/ ,]*{_YEAR}" + _TIME,  # 1 July 1991
    rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_YEAR}" + _TIME,  # July 1, 1991
    rf"{_WEEKDAY}{_NAME}\s+{_DAY}\s+{_CLOCK}\s+{_YEAR}",  # Mon Jul 1 05:00:00 1991
    _WEEKDAY + r"(?P<first>\d{1,2})(?P<separator>[-/.])(?P<middle>\d{1,2})(?P=separator)" + _YEAR + _TIME,  # 31/12/2024
    r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",  # 12/2024
    r"(?P<left>\d{1,2})[-/](?P<right>\d\d)",  # 24-12, 12/24, or 1-01: month 1 of year 1
)
"""The forms, in the order of trial. ISO 8601 is near the start, so that files with such dates are read fast."""
ISO = frozenset(FORMS[1:4])
NAMED_FORMS = {
    "week": r"(?P<year>\d{4}|\d\d)[-/. ](?P<week>\d\d?)",
    "quarter": r"(?P<year>\d{4}|\d\d)[-/. ]0?(?P<quarter>[1-4])",
}
"""Forms for a column whose name is that of weeks or quarters: 2024-05 is week 5 there. They are tried first."""
MAX_SAMPLE = 50
"""About this many texts of a column are tried with each form."""
CLOCK = re.compile(_CLOCK)
_FISCAL_YEAR = r"(?:FY)?'?(?:\d{4}|\d\d)"
_FISCAL_WEEK = re.compile(rf"{_FISCAL_YEAR}[-/_. ]*FW[-_. ]?\d\d?|FW[-_. ]?\d\d?[-/_., ]+{_FISCAL_YEAR}", re.IGNORECASE)
_SPAN = re.compile(
    r"(\d{4}-\d\d?-\d\d?[^/]*+|\d{8})/(?:\d{4}-\d\d?-\d\d?.*|\d{8})|"
    r"(\d{1,2}[:.]\d\d(?::\d\d)?)-\d{1,2}[:.]\d\d(?::\d\d)?|"
    r"(\d++[./]\d++[./]\d++)-\d++[./]\d++[./]\d++"
)
"""Spans: a start and an end in one text, such as 2020-01-06/2020-01-12, 00:00-00:15, 6.1.2020-12.1.2020."""
_BETWEEN = re.compile(r"(?<!\s)\s++(?:-|to|bis|until)\s++|(?<!\s)\s*+[–—~]\s*+")
"""What is between the start and the end of a span such as 06.01.2020 - 12.01.2020."""
_DIGIT = re.compile(r"\d")


def looks_like_date(text: str) -> bool:
    """Whether a text is a date in one of FORMS. A text of digits alone, such as "1949", is not.

    >>> [looks_like_date(text) for text in ("1991 Jul", "31/12/2024", "1949", "A1")]
    [True, True, False, False]
    """
    has_digit = any(character.isdigit() for character in text)
    return has_digit and not text.isdigit() and any(_matches(form, text) for form in FORMS)


def looks_like_clock(text: str) -> bool:
    """Whether a text is a time of day, such as 05:30 or 05.30.00."""
    return (":" in text or text.count(".") == 2) and full_match(CLOCK, text.replace(".", ":")) is not None


def is_fiscal_week(text: str) -> bool:
    """Whether a text is a numbered week of a fiscal year. Its date is not known, as such years start on any day.

    >>> [is_fiscal_week(text) for text in ("FW01 2023", "2023-FW1", "FY23 FW05", "W01 2023", "FW12")]
    [True, True, True, False, False]
    """
    return full_match(_FISCAL_WEEK, text) is not None


def start_of_span(text: str) -> str:
    """The start of a span, a text with two dates or two times of day. Any other text is returned unchanged.

    >>> [start_of_span(text) for text in ("2020-01-06/2020-01-12", "1.1.2024 00:00 - 1.1.2024 01:00", "05:00-05:15")]
    ['2020-01-06', '1.1.2024 00:00', '05:00']
    """
    if span := full_match(_SPAN, text):
        return str(next(filter(None, span.groups())))
    if len(text) > MAX_CHARACTERS:
        return text
    starts = (text[: gap.start()] for gap in reversed(list(_BETWEEN.finditer(text))) if _DIGIT.search(text, gap.end()))
    return next((start for start in starts if _DIGIT.search(start)), text)


def form_of(texts: Sequence[str], part: str = "") -> tuple[re.Pattern[str] | None, list[str]]:
    """The form that most texts of a column match (None if none match any form), and the texts to match it with.

    The returned texts are rewritten if more of them then match: only the start of a span is kept, or names of months
    are translated to English.

    texts: the different texts of the column
    part:  the part of a date that the column's name stands for, or ""
    """
    texts = list(texts)
    named = NAMED_FORMS.get(part.removeprefix("year and "))
    if named is not None and all(full_match(_compiled(named), text) for text in _sample(texts)):
        return _compiled(named), texts
    sample = _sample(texts)
    form, matched = _best_form(sample)
    for rewrite in (_starts_of_spans, _translated):
        if matched < 1:
            other, fraction = _best_form(rewrite(sample))
            if fraction > matched:
                form, matched, texts = other, fraction, rewrite(texts)
    return form, texts


def _starts_of_spans(texts: list[str]) -> list[str]:
    return [start_of_span(text) for text in texts]


def _translated(texts: list[str]) -> list[str]:
    """The texts of a column with names of months translated to English; unchanged if the column has no dates.

    It has dates if one of them matches a form after each word is replaced by "January". If all have the same word and
    no day, such as "Total 2020" and "Total 2021", the word may not be a month, so they are unchanged too.
    """
    sample = _sample(texts)
    words = {word for text in sample for word in WORD.findall(text)}
    form, _ = _best_form([with_words(text, lambda _: "January") for text in sample])
    one_month = len(words) == 1 and form is not None and "day" not in form.groupindex
    return texts if form is None or one_month else in_english(texts)


def _sample(texts: Sequence[str]) -> list[str]:
    present = [text for text in texts if not text.isdigit() and not is_missing(text)]
    return present[:: max(1, len(present) // MAX_SAMPLE)]


def _best_form(sample: Sequence[str]) -> tuple[re.Pattern[str] | None, float]:
    """The form that most of the texts match, and the fraction of texts that match it; None and 0 if no form matches.

    If several forms match equally many texts, the one that matches earlier texts is returned.
    """
    best: tuple[int, list[bool]] = (0, [])
    chosen = None
    for form in FORMS:
        matches = [_matches(form, text) for text in sample]
        if sum(matches) > 0 and (sum(matches), matches) > best:
            best, chosen = (sum(matches), matches), _compiled(form)
        if best[0] == len(sample):
            break
    return chosen, best[0] / max(1, len(sample))


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """The compiled regular expression of a form. It is compiled at first use: to compile all forms takes long."""
    return re.compile(form, re.IGNORECASE)


def _matches(form: str, text: str) -> bool:
    match = full_match(_compiled(form), text)
    if match is None:
        return False
    groups = match.groupdict()
    if groups.get("next"):
        return follows(int(match["year"]), int(match["next"]))
    return "name" not in groups or month_number(match["name"]) > 0


def follows(year: int, following: int) -> bool:
    """Whether a number of two or four digits is the year after `year`, as in the season 1999/00.

    >>> follows(1999, 0), follows(2000, 2001), follows(2000, 2)
    (True, True, False)
    """
    return following in (year + 1, (year + 1) % 100)
