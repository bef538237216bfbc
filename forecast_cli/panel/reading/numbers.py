"""Read numbers from text: with thousands separators, decimal commas, currency signs, and words for missing values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.decorated import fits_unit, undecorate, usual_unit
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.patterns import full_match

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
        "\\n",  # NULL in exports of PostgreSQL and MySQL
        "none",
        "nil",
        "missing",
    ]
)
"""Texts that mean a missing value, in lower case."""
MAX_SAMPLE = 200
"""About this many different texts of a column are tried. If none is a number, the column holds no numbers."""
MIN_DECORATED_FRACTION = 0.9
"""A column that has numbers with currency signs or units is a column of numbers only if at least this fraction of its
non-missing cells can be read as numbers. Otherwise it may hold ids, such as 1M, 6M and 1Y."""
MIN_ROWS_PER_LABEL, MAX_LABEL_RATIO = 3, 1.5
"""Texts such as 10% and 90% can be labels of series instead of numbers. They are, if each text is in MIN_ROWS_PER_LABEL
rows or more on average, and if the most frequent text is in at most MAX_LABEL_RATIO times as many rows as the rarest.
"""
# A thousands separator is the same character between all groups of three digits: 1,234,567 or 1'234.
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2})(?:([,.'’\s\u00a0\u202f])\d{3})(?:\2\d{3})*+(?=[.,eE]|$)")
_INDIAN = re.compile(r"([+-]?[1-9]\d?(?:,\d\d)+,\d{3})(\.\d*)?")  # 12,34,567
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_COUNT = re.compile(r"(?:[^\W\d_]{1,9}\.?\s?)?0*(\d{1,6})(?:\.0*)?(?:\s?[^\W\d_]{1,9})?")
_DECORATED = re.compile(r"[+-]?([^\d.,+-]{0,5})[+-]?\d[\d.,'\u2019\s]*(?<!\s)(\s?\D{0,5})")


@dataclass(frozen=True)
class Numbers:
    """The cells of one column, read as numbers.

    values:   (rows,) float64, NaN where `missing` or `bad`
    missing:  (rows,) bool, True for cells that are empty or mean a missing value, such as "NA"
    bad:      (rows,) bool, True for cells with a text that is not a number
    example:  the first cell of which a currency sign, a unit or brackets were left out, such as "$5"; "" if there is
              no such cell
    """

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    example: str = ""

    @property
    def valid_fraction(self) -> float:
        """The fraction of the non-missing cells that are numbers; 0 if all are missing."""
        present = int((~self.missing).sum())
        return 1 - int(self.bad.sum()) / present if present else 0.0


def is_missing(text: str) -> bool:
    """Whether a text means a missing value: it is in MISSING, such as "" or "N/A"."""
    return text.strip().lower() in MISSING


def parse_number(text: str, decimal: str) -> float | None:
    """The number that is written in `text`; NaN for a missing value, None for any other text.

    decimal: the decimal mark, "." or ","

    >>> parse_number("1,234.5", "."), parse_number("1.234,5", ","), parse_number("1 234", ".")
    (1234.5, 1234.5, 1234.0)
    >>> parse_number("abc", ".") is None
    True
    """
    plain = _with_hyphen(text)
    if plain.lower() in MISSING:
        return float("nan")
    if decimal == "." and full_match(_INDIAN, plain):
        plain = plain.replace(",", "")
    grouped = _GROUPED.match(plain)
    if grouped and grouped[2] != decimal:
        plain = plain[: grouped.end()].replace(grouped[2], "") + plain[grouped.end() :]
    if decimal == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return float(plain) if full_match(_NUMBER, plain) else None


def _with_hyphen(text: str) -> str:
    """The text without blanks around it, and with "-" for the mathematical minus sign."""
    return text.strip().replace("\u2212", "-")


def is_decorated(text: str) -> bool:
    """Whether a text is a number with a currency sign, a unit, a percent sign or brackets.

    >>> [is_decorated(text) for text in ("$118", "-$118", "118 %", "(1,118.5)", "118-", "12 kWh")]
    [True, True, True, True, True, True]
    >>> [is_decorated(text) for text in ("118", "-118", "2024-01-01", "x")]
    [False, False, False, False]
    """
    match = full_match(_DECORATED, text.strip())
    return match is not None and bool(match[1] + match[2])


def read_numbers(cells: NDArray[Any], decimal: str) -> Numbers:
    """The cells of a column, read as numbers.

    cells:   (rows,) object, text
    decimal: the decimal mark, "." or ","
    """
    try:
        values = cells.astype(np.float64) if decimal == "." else None
        if values is not None and not any("_" in cell for cell in cells):  # float("1_5") is 15
            no_row = np.zeros(len(cells), dtype=bool)
            return Numbers(values, np.isnan(values), no_row)
    except ValueError:
        pass
    codes, texts = factorize(cells)  # each distinct text is parsed once
    missing = np.array([is_missing(text) for text in texts], dtype=bool)
    sample = _sample(texts[~missing])
    parsed: list[float | None] = [None] * len(texts)
    if any(parse_number(text, decimal) is not None for text in sample):
        parsed = [parse_number(text, decimal) for text in texts]
    numbers = _numbers(codes, missing, parsed)
    if numbers.bad.any() and any(map(is_decorated, sample)) and not _are_labels(codes):
        decorated = _numbers(codes, missing, _parse_decorated(texts, missing, decimal))
        if decorated.valid_fraction >= MIN_DECORATED_FRACTION and decorated.bad.sum() < numbers.bad.sum():
            example = str(texts[codes[np.argmax(numbers.bad & ~decorated.bad)]])
            return replace(decorated, example=example)
    return numbers


def _numbers(codes: NDArray[np.intp], missing: NDArray[np.bool_], parsed: list[float | None]) -> Numbers:
    values = np.array([np.nan if value is None else value for value in parsed])
    bad = np.array([value is None for value in parsed], dtype=bool) & ~missing
    return Numbers(values[codes], missing[codes], bad[codes])


def _parse_decorated(texts: NDArray[Any], missing: NDArray[np.bool_], decimal: str) -> list[float | None]:
    """The number in each text, also if it has a currency sign or a unit, such as "$5"; None for other texts.

    A missing value is None too, and so is a number with another unit than most, such as "€5" among dollars.

    texts:   (distinct,) the different texts of a column
    missing: (distinct,) bool, True for texts that mean a missing value
    """
    found = [None if gone else undecorate(_with_hyphen(text)) for text, gone in zip(texts, missing, strict=True)]
    unit = usual_unit([each for each in found if each is not None])
    parsed: list[float | None] = []
    for each in found:
        number = parse_number(each.number, decimal) if each is not None and fits_unit(each, unit) else None
        parsed.append(None if each is None or number is None else number * each.factor)
    return parsed


def _are_labels(codes: NDArray[np.intp]) -> bool:
    """Whether the texts of a column are labels of series, such as 10% and 90%, and not numbers.

    Labels are few, and each is in about the same number of rows.

    codes: (rows,) the index of each cell's text among the different texts
    """
    rows = np.bincount(codes)
    return bool(len(codes) >= MIN_ROWS_PER_LABEL * len(rows) > 0 and rows.max() <= MAX_LABEL_RATIO * rows.min())


def whole_numbers(cells: NDArray[Any], low: int, high: int) -> NDArray[np.int64] | None:
    """(rows,) the whole numbers in cells such as "5", "5.0", "Q1", "M05", "W5" or "FY2015": 5, 5, 1, 5, 5, 2015.

    Returns None if a cell is another text, or if a number is below `low` or above `high`.
    """
    codes, texts = factorize(cells)  # each distinct text is parsed once
    matches = [full_match(_COUNT, text) for text in texts]
    values = [int(match[1]) if match else None for match in matches]
    if any(value is None or not low <= value <= high for value in values):
        return None
    numbers: NDArray[np.int64] = np.array(values, dtype=np.int64)[codes]
    return numbers


def _sample(texts: NDArray[Any]) -> NDArray[Any]:
    sample: NDArray[Any] = texts[:: max(1, len(texts) // MAX_SAMPLE)]
    return sample


def decimal_mark(cells: NDArray[Any], delimiter: str) -> tuple[str, str | None]:
    """The decimal mark of `cells` (rows, columns), and the first ambiguous cell (None if the mark is certain).

    The first cell that is a number with one of the two marks only decides: "0,5" and "1.234,5" have a decimal comma,
    "1,234.5" a decimal point. But the other mark is taken if it makes more columns numeric. If no cell decides, a comma
    separates thousands, as in "1,234", except in a file delimited by semicolons: programs that write such files use
    decimal commas.

    delimiter: the character between two cells of the file

    >>> decimal_mark(np.array([["112,5", "98"]]), ";")
    (',', None)
    >>> decimal_mark(np.array([["1,5", "98.5"], ["x", "17.25"]]), ";")  # the first column has ids
    ('.', None)
    >>> decimal_mark(np.array([["1,234", "998"]], dtype=object), ",")
    ('.', '1,234')
    """
    ambiguous = None
    for text in dict.fromkeys(text for text in cells.flat if "," in text or text.count(".") > 1):
        point, comma = (_parse_present(text, mark) for mark in ".,")
        if (point is None) != (comma is None):
            mark, other = (",", ".") if point is None else (".", ",")
            return other if _number_columns(cells, other) > _number_columns(cells, mark) else mark, None
        if point is not None and ambiguous is None:
            ambiguous = text
    return ("," if ambiguous is not None and delimiter == ";" else "."), ambiguous


def _number_columns(cells: NDArray[Any], decimal: str) -> int:
    """How many columns have only numbers, in a sample of their cells."""
    samples = (dict.fromkeys(_sample(column)) for column in cells.T)
    present = ([text for text in sample if not is_missing(text)] for sample in samples)
    return sum(bool(texts) and all(_parse_present(text, decimal) is not None for text in texts) for texts in present)


def ambiguous_point(texts: Iterable[str]) -> str | None:
    """The first number with a point, such as "1.120", if the points in all `texts` may separate thousands; else None.

    They may if each number is 1 to 3 digits, the first not 0, and then groups of a point and three digits: "1.120" or
    "1.120.500", but not "1.120,50". A sign, a currency, "%" and a letter such as "K" are left out of the number.

    >>> ambiguous_point(["990", "1.120"]), ambiguous_point(["990", "1.120", "0.5"]), ambiguous_point(["0.990", "1.120"])
    ('1.120', None, None)
    """
    with_point = [_digits(text) for text in dict.fromkeys(texts) if "." in text and not is_missing(text)]
    return with_point[0] if with_point and all(full_match(_GROUPED, text) for text in with_point) else None


def _digits(text: str) -> str:
    decorated = undecorate(text)
    return text if decorated is None else decorated.number


def _parse_present(text: str, decimal: str) -> float | None:
    """The number in `text`, also if it has a currency sign or a unit; None if it is missing or not a number.

    A factor of the number, such as 1000 for the "K" of "5K", is ignored.
    """
    value = parse_number(text, decimal)
    if value is None and (decorated := undecorate(_with_hyphen(text))) is not None:
        value = parse_number(decorated.number, decimal)
    return None if value is None or np.isnan(value) else value
