"""Read numbers with signs around them: "$1,234", "12 %", "1.2K", and "(5)" or "5-" for -5."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from forecast_cli.panel.reading.patterns import full_match

_CURRENCY = (
    "(?:[A-Z]{0,2}[$¢-¥֏؋৲৳৻૱௹฿៛₠-⃀﷼﹩＄￠-￦]|"  # $, R$, €
    "(?:USD|EUR|GBP|JPY|CNY|CHF|AUD|CAD|NZD|INR|BRL|MXN|ZAR|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|RUB|KRW|SGD|HKD|ILS|"
    "kr|zł|Kč|Ft|Rs)\\.?)"
)
_SCALES = {
    **{"k": 1e3, "tsd": 1e3, "thousand": 1e3},
    **{"m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6},
    **{"b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9},
}
_NUMBER = r"(?P<number>[.,]?\d++(?:[.,'’\s]++\d++)*+[.,]?)(?:(?<=[.,])(?:--?|[–—]))?"  # 5.- is 5, without cents
_SCALE = r"(?:(?P<letter>[kKMB])|\s?(?P<word>[Mm]n|[Bb]n|[Mm]io|[Mm]rd|[Tt]sd|thousand|[mb]illion)\.?)?"
_DECORATED = re.compile(
    rf"(?P<open>\()?\s*+(?P<sign>[+-])?\s*+(?P<before>{_CURRENCY})?\s*+(?P<inner>[(+-])?\s*+"
    rf"{_NUMBER}{_SCALE}\s*+(?P<after>{_CURRENCY}|[%‰])?\s*+(?P<close>\))?\s*+(?P<minus>-)?\s*+(?P<last>[%‰])?"
)
_NOTHING = re.compile(rf"{_CURRENCY}\s*-+|-+\s*{_CURRENCY}")
"""A currency sign and a hyphen, such as "$ -": how spreadsheets write zero in the accounting format."""


class Decorated(NamedTuple):
    """A number that was written with signs around it.

    number:  the digits as text, without the signs: "1.2" of "1.2K"
    factor:  the factor to multiply the number with: 1000 for "K", -1 for brackets or a minus sign
    unit:    the currency, "%" or "‰"; "" without a unit
    """

    number: str
    factor: float
    unit: str


def undecorate(text: str) -> Decorated | None:
    """The number in a text, with or without signs around it; None if the text is no such number.

    >>> undecorate("($1,234.50)"), undecorate("12 %")
    (Decorated(number='1,234.50', factor=-1.0, unit='$'), Decorated(number='12', factor=1.0, unit='%'))
    >>> undecorate("1.2K"), undecorate("12 kWh")
    (Decorated(number='1.2', factor=1000.0, unit=''), None)
    >>> undecorate("CHF 5.-")
    Decorated(number='5.', factor=1.0, unit='CHF')
    """
    if full_match(_NOTHING, text):
        return Decorated("0", 1.0, "")
    match = full_match(_DECORATED, text)
    if match is None:
        return None
    opened = [match["open"], match["inner"] if match["inner"] == "(" else None]
    negative = [match["sign"], match["inner"] if match["inner"] != "(" else None, match["minus"], match["close"]]
    units = [unit for name in ("before", "after", "last") if (unit := match[name])]
    if bool(match["close"]) != any(opened) or all(opened) or sum(map(bool, negative)) > 1 or len(units) > 1:
        return None
    scale = _SCALES[(match["letter"] or match["word"]).lower()] if match["letter"] or match["word"] else 1.0
    factor = -scale if any(sign in ("-", ")") for sign in negative) else scale
    return Decorated(match["number"], factor, units[0] if units else "")


def usual_unit(numbers: Sequence[Decorated]) -> str:
    """The most frequent unit of the numbers, such as "$"; "" if no number has a unit."""
    units = Counter(number.unit for number in numbers if number.unit)
    return units.most_common(1)[0][0] if units else ""


def fits_unit(number: Decorated, unit: str) -> bool:
    """Whether a number fits into a column in which most numbers have this unit.

    The number must have the same unit, or none. If `unit` is "%" or "‰", only 0 may have none.
    """
    return number.unit == unit or (not number.unit and (unit not in "%‰" or not number.number.strip("0.,")))
