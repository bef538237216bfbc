"""Which part of a date a column holds, by its name: the year, month, week, hour and others."""

from __future__ import annotations

import re
from functools import cache

PARTS = {
    "year and month": "yearmonth yearmon yrmonth yrmo yyyymm yymm jahrmonat anneemois annéemois añomes annomese",
    "year and quarter": "yearquarter yearqtr yrqtr yyyyqq yyyyq jahrquartal",
    "year and week": "yearweek yearwk yrweek yrwk yyyyww yyww jahrwoche jahrkw annéesemaine añosemana",
    "day of year": "dayofyear doy yday yearday julianday jday",
    "weekday": "weekday dayofweek dow wday dayname weekdayname wochentag jourdelasemaine diadelasemana",
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
"""The words for each part, in lower case and without blanks. Of two parts that a name fits, the first is meant."""
YEAR_PARTS = ("year", "year and quarter", "year and month", "year and week")
"""The parts that do not repeat."""
DATE_PARTS = (*YEAR_PARTS, "quarter", "month", "week")
"""The parts whose name a column of whole dates may have."""
_BEFORE = (
    "the|calendar|kalender|cal|iso|epidemiological|epi|mmwr|cdc|fiscal|reporting|report|observation|obs|delivery|"
    "trading|settlement|dispatch|market|local|opr"
)
_AFTER = r"(?:of|in)(?:the)?(?:year|month|day)|no|nr|num|number|nbr|index|idx|ending|end|starting|start|beginning"
_PATTERNS = {
    part: re.compile(rf"(?:{_BEFORE})*(?:{words.replace(' ', '|')})(?:{_AFTER})*") for part, words in PARTS.items()
}
_EPIDEMIC = re.compile("epi|mmwr|cdc")


@cache
def part_of(name: str) -> str:
    """The part of a date, a key of `PARTS`, that a column's name stands for; "" for other names.

    >>> [part_of(name) for name in ("Hour Ending", "EPIWEEK", "week_no", "date_of_month", "day of year", "week sales")]
    ['hour', 'week', 'week', 'day', 'day of year', '']
    """
    plain = re.sub(r"[\W_]", "", name.lower())
    return next((part for part, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), "")


def is_epidemic(name: str) -> bool:
    """Whether a name speaks of epidemiological weeks, such as those of the MMWR."""
    return _EPIDEMIC.search(name.lower()) is not None
