"""Numbers as people write them: thousands separators, decimal commas, and the many words for "missing"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset(
    [
        "",
        "-",
        "--",
        ".",
        "..",
        "?",
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "#na",
        "nan",
        "null",
        "\\n",  # NULL in what PostgreSQL and MySQL write out
        "none",
        "nil",
        "missing",
    ]
)
# A thousands separator is one and the same mark between groups of three digits: 1,234,567 or 1'234.
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2})(?:([,.'’\s\u00a0\u202f])\d{3})(?:\2\d{3})*(?=[.,eE]|$)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_DRESSED = re.compile(r"([^\d.,+-]{0,5})[+-]?\d[\d.,'\u2019\s]*(?<!\s)(\s?\D{0,5})")


@dataclass(frozen=True)
class Numbers:
    """values: (rows,) float64, NaN where missing or bad; bad: (rows,) bool, text that is no number."""

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """The numbers' share of what is there, 0 where nothing is."""
        there = int((~self.missing).sum())
        return 1 - int(self.bad.sum()) / there if there else 0.0


def is_missing(text: str) -> bool:
    return text.strip().lower() in MISSING


def parse_number(text: str, decimal: str) -> float | None:
    """The number that `text` writes, NaN where it says "missing", None where it says something else.

    >>> parse_number("1,234.5", "."), parse_number("1.234,5", ","), parse_number("1 234", ".")
    (1234.5, 1234.5, 1234.0)
    >>> parse_number("abc", ".") is None
    True
    """
    plain = text.strip().replace("\u2212", "-")
    if plain.lower() in MISSING:
        return float("nan")
    grouped = _GROUPED.match(plain)
    if grouped and grouped[2] != decimal:
        plain = plain[: grouped.end()].replace(grouped[2], "") + plain[grouped.end() :]
    if decimal == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def is_dressed(text: str) -> bool:
    """Whether a text is a number with a sign of currency, a unit, or brackets around it.

    >>> [is_dressed(text) for text in ("$118", "118 %", "(1,118.5)", "118-", "12 kWh", "118", "2024-01-01", "x")]
    [True, True, True, True, True, False, False, False]
    """
    dressed = _DRESSED.fullmatch(text.strip())
    return dressed is not None and bool(dressed[1] + dressed[2])


def read_numbers(cells: NDArray[Any], decimal: str) -> Numbers:
    """The numbers of one column of text; each distinct text is looked at once."""
    try:
        if decimal == ".":
            values = cells.astype(np.float64)
            nowhere = np.zeros(len(cells), dtype=bool)
            return Numbers(values, np.isnan(values), nowhere)
    except ValueError:
        pass
    import pandas as pd

    codes, texts = pd.factorize(cells)
    missing = np.array([is_missing(text) for text in texts], dtype=bool)
    values = np.full(len(texts), np.nan)
    bad = ~missing
    if any(parse_number(text, decimal) is not None for text in _sample(texts[~missing])):
        parsed = [parse_number(text, decimal) for text in texts]
        bad = np.array([value is None for value in parsed], dtype=bool)
        values[~bad] = [value for value in parsed if value is not None]
    return Numbers(values[codes], missing[codes], bad[codes])


def _sample(texts: NDArray[Any]) -> NDArray[Any]:
    """Some of many texts, from all over: enough to see that they are no numbers."""
    sample: NDArray[Any] = texts[:: max(1, len(texts) // 200)]
    return sample


def decimal_mark(texts: Iterable[str], delimiter: str) -> tuple[str, str | None]:
    """The decimal mark of a file, and a cell that could be read either way (None if there is none).

    One cell decides where it can: "0,5" and "1.234,5" have a decimal comma, "1,234.5" a point. Where every
    comma stands before three digits, as in "1,234", a comma that does not also part the columns, in a file of
    semicolons, is taken for the decimal mark, as the programs that write such files do.

    >>> decimal_mark(["112,5", "98"], ";"), decimal_mark(["1,234", "998"], ",")
    ((',', None), ('.', '1,234'))
    """
    doubtful = None
    for text in dict.fromkeys(text for text in texts if "," in text or text.count(".") > 1):
        point, comma = (_worth(text, mark) for mark in ".,")
        if point is None and comma is not None:
            return ",", None
        if point is not None and comma is None:
            return ".", None
        if point is not None and doubtful is None:
            doubtful = text
    return ("," if doubtful is not None and delimiter == ";" else "."), doubtful


def doubtful_point(texts: Iterable[str]) -> str | None:
    """A cell of a column such as "1.120" if its point may as well part the thousands, None if it does not.

    It may where all points stand before three digits, and after one to three that do not begin with 0.

    >>> doubtful_point(["990", "1.120"]), doubtful_point(["990", "1.120", "0.5"]), doubtful_point(["0.990", "1.120"])
    ('1.120', None, None)
    """
    pointed = [text for text in dict.fromkeys(texts) if "." in text and not is_missing(text)]
    return pointed[0] if pointed and all(map(_GROUPED.fullmatch, pointed)) else None


def _worth(text: str, decimal: str) -> float | None:
    value = parse_number(text, decimal)
    return None if value is None or np.isnan(value) else value
