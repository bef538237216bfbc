"""Find the number of a month from its name, in English or another language.

Names in other languages come from the Unicode CLDR, a database of languages that the package Babel contains. Babel is
imported only for words that are not English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.numbers import whole_numbers

ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "uk", "cs", "sv", "da", "nb", "fi",
    "hu", "ro", "el", "ca", "id", "sk", "bg", "hr", "sl", "lt", "lv", "et", "ms", "ar", "he",
)  # fmt: skip
"""Codes of languages, in the order in which they are tried. A word can mean different months in two languages."""
FURTHER_NAMES = {("de", "mrz"): 3}
"""(language, abbreviation) -> number of the month, for abbreviations that people use and the CLDR does not have."""
MIN_LETTERS = 3
_ADDED_WORDS = re.compile(
    r"(?<=\s)(?:de|del|di)\s+|(?<!\s)\s*+(?:г|р|года|року)?\.?$"
)  # 5 de enero de 2017, 5 января 2017 г.
WORD = re.compile(rf"[^\W\d_]{{{MIN_LETTERS},}}")


def month_number(name: str) -> int:
    """The number of an English month, 1 to 12; 0 for other words. At least the first three letters are needed.

    >>> month_number("July"), month_number("sept"), month_number("Sales"), month_number("Marker")
    (7, 9, 0, 0)
    """
    lower = name.lower()
    for number, month in enumerate(ENGLISH, start=1):
        if len(lower) >= MIN_LETTERS and month.lower().startswith(lower):
            return number
    return 0


def months_of(words: Sequence[str]) -> list[int]:
    """The number of the month, 1 to 12, that each word means; 0 for words that are no months.

    One language is used for all words: the one in which most of them are months. If several are equal, English is used,
    or else the first of LANGUAGES.

    >>> months_of(["July", "Aug", "sales"]), months_of(["enero", "marzo"]), months_of(["févr.", "mars", "août"])
    ([7, 8, 0], [1, 3], [2, 3, 8])
    """
    best = [month_number(word) for word in words]
    if len(set(best) - {0}) == len(ENGLISH):
        return best
    for language in LANGUAGES:
        if all(best):
            break
        names = _names_in(language)
        months = [names.get(_plain(word), 0) for word in words]
        if _count(months) > _count(best):
            best = months
    return best


def month_numbers(cells: NDArray[Any]) -> NDArray[np.int64] | None:
    """(rows,) the months, 1 to 12, in cells with numbers or names of months; None if any cell is not a month."""
    numbers = whole_numbers(cells, 1, 12)
    if numbers is not None:
        return numbers
    codes, texts = factorize(cells)
    if any(re.search(r"\d", text) for text in texts):
        return None
    months = np.array(months_of(texts.tolist()), dtype=np.int64)
    return months[codes] if len(months) and months.all() else None


def in_english(texts: Sequence[str]) -> list[str]:
    """Dates with the names of months translated to English. Words such as "de" between the parts are removed.

    >>> in_english(["5 de enero de 2017", "Montag, 5. Juni 2017"])
    ['5 January 2017', 'Montag, 5. June 2017']
    """
    words = sorted({word for text in texts for word in WORD.findall(_ADDED_WORDS.sub("", text))})
    months = {word: ENGLISH[month - 1] for word, month in zip(words, months_of(words), strict=True) if month}
    return [with_words(text, lambda word: months.get(word, word)) for text in texts]


def with_words(text: str, replace: Callable[[str], str]) -> str:
    """The date `text` with `replace` applied to each word of 3 or more letters, and without words such as "de"."""
    return WORD.sub(lambda word: replace(word[0]), _ADDED_WORDS.sub("", text))


@cache
def _names_in(language: str) -> dict[str, int]:
    """Name of a month in a language -> its number, 1 to 12. Names are in lower case, without accents.

    Abbreviations are included, and beginnings of names, from 3 letters on, that belong to one month only.
    """
    from babel import Locale

    months = Locale(language).months
    names = {name: month for (of, name), month in FURTHER_NAMES.items() if of == language}
    begins: dict[str, set[int]] = {}
    for month, name in _items(months, "wide"):
        for length in range(MIN_LETTERS, len(name) + 1):
            begins.setdefault(name[:length], set()).add(month)
    names |= {name: min(meant) for name, meant in begins.items() if len(meant) == 1}
    return names | {name: month for width in ("wide", "abbreviated") for month, name in _items(months, width)}


def _items(months: Mapping[str, Any], width: str) -> Iterator[tuple[int, str]]:
    """(number, name) of each month: both the names used within dates, and those used alone, from data of the CLDR.

    width: "wide" for full names, "abbreviated" for short ones
    """
    for context in ("format", "stand-alone"):
        for month, name in months[context][width].items():
            yield month, _plain(name)


def _plain(word: str) -> str:
    """A word in lower case, without accents or final points."""
    decomposed = unicodedata.normalize("NFKD", word.casefold().rstrip("."))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _count(months: Sequence[int]) -> int:
    return sum(month > 0 for month in months)
