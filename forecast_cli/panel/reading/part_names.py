"""Find from the name of a column which part of a date the column holds: year, month, week, hour etc."""

from __future__ import annotations

import re
from functools import cache

from forecast_cli.panel.reading.patterns import full_match

PARTS = {
    "year and month": "yearmonth yearmon yrmonth yrmo yyyymm yymm jahrmonat anneemois annéemois añomes annomese",
    "year and quarter": "yearquarter yearqtr yrqtr yyyyqq yyyyq jahrquartal",
    "year and week": "yearweek yearwk yrweek yrwk yyyyww yyww jahrwoche jahrkw annéesemaine añosemana",
    "day of year": "dayofyear dayoftheyear doy yday yearday julianday jday",
    "weekday": "weekday dayofweek dayoftheweek dow wday dayname weekdayname wochentag jourdelasemaine diadelasemana",
    "weekend": "weekend isweekend",
    "year": "year years yr yyyy yy fy jahr annee année an año ano anno jaar rok år",
    "half-year": "halfyear halbjahr semester semestre",
    "quarter": "quarter qtr q quartal trimestre kwartaal kvartal",
    "month": "month mon mo mm mnth monthname monat mois mes mês mese maand månad måned",
    "week": "week wk woche kw semaine semana settimana vecka uge uke",
    "day": "day dd dy mday dom monthday date tag jour dia día giorno dag",
    "hour": "hour hr hh he stunde std heure hora ora uur timme",
    "minute": "minute mi",
    "period": "period sp tp interval slot halfhour quarterhour shift ptu mtu isp",
}
"""Part of a date -> names of its columns, in lower case, separated by blanks. If a name is listed in two rows, the
first row is meant. A "period" is one of the numbered intervals of a day, such as the half-hours 1 to 48."""
YEAR_PARTS = ("year", "year and quarter", "year and month", "year and week")
"""The parts of a date that contain the year."""
DATE_PARTS = (*YEAR_PARTS, "quarter", "month", "week")
"""Columns with names of these parts may hold whole dates: a column "month" may hold 2024-05."""
HIGHEST = {
    "half-year": 2, "quarter": 4, "month": 12, "week": 53, "weekday": 7, "day": 31, "day of year": 366, "hour": 24,
    "period": 1440,
}  # fmt: skip
"""The highest number of each part that repeats: 12 for months."""
_BEFORE = (
    "the|calendar|kalender|cal|iso|epidemiological|epi|mmwr|cdc|fiscal|reporting|report|observation|obs|delivery|"
    "trading|settlement|dispatch|market|local|opr"
)
_AFTER = r"(?:of|in)(?:the)?(?:year|month|day)|no|nr|num|number|nbr|index|idx|ending|end|starting|start|beginning"
_PART = {word: part for part, words in reversed(PARTS.items()) for word in words.split()}
_NAME = re.compile(rf"(?:{_BEFORE})*(?P<word>.+?)(?:{_AFTER})*")
_EPIDEMIC = re.compile("epi|mmwr|cdc")


@cache
def part_of(name: str) -> str:
    """The part of a date, a key of PARTS, that the name of a column stands for; "" if it stands for none.

    >>> [part_of(name) for name in ("Hour Ending", "EPIWEEK", "week_no", "date_of_month", "day of year", "week sales")]
    ['hour', 'week', 'week', 'day', 'day of year', '']
    """
    plain = re.sub(r"[\W_]", "", name.lower())
    match = full_match(_NAME, plain)
    return _PART.get(plain) or (_PART.get(match["word"], "") if match else "")


def is_epidemic(name: str) -> bool:
    """Whether a column name contains epi, mmwr or cdc. Its weeks are then those of US health reports (MMWR)."""
    return _EPIDEMIC.search(name.lower()) is not None
