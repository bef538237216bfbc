"""How a text table is written: its delimiter, what stands above it, and what its header lacks."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.forms import looks_like_date
from forecast_cli.panel.reading.numbers import is_missing, parse_number

DELIMITERS = (";", "\t", "|", ",", " ")
"""In the order they are tried: a comma may be a decimal mark, a space may stand inside a date."""
NO_DELIMITER = "\x1f"
PREVIEW, PREVIEW_SIZE = 200, 1 << 20
MAX_TITLES = 5


@dataclass(frozen=True)
class Dialect:
    """How the lines of a file are to be cut: what lies above the table, and what its header lacks."""

    delimiter: str
    skipped: int = 0
    header_lacks: str = ""


def preview_of(text: bytes) -> list[str]:
    """The first lines, as many as it takes to see how the rest is written: fewer where they are long."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline=None)
    lines: list[str] = []
    seen = 0
    for line in islice(stream, PREVIEW):
        lines.append(line.rstrip("\n"))
        seen += len(line)
        if seen > PREVIEW_SIZE and len(lines) >= 5:
            break
    return lines


def dialect_of(name: str, preview: list[str], delimiter: str | None) -> Dialect:
    """The dialect of a file by its first lines, with the `delimiter` that was asked for, if any."""
    skipped = _lines_above(preview)
    if announced := re.fullmatch(r"sep=(.)", preview[skipped]) if skipped < len(preview) else None:
        delimiter, skipped = delimiter or announced[1], skipped + 1
    lines = preview[skipped:]
    if not any(line.strip() for line in lines):
        raise DataError(f"{name}: has no rows.", "Check what wrote it.")
    found: list[Dialect] = []
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        titles = _title_lines(lines, candidate)
        lacks = _header_lacks(lines[titles:], candidate)
        if lacks is not None or delimiter:
            found.append(Dialect(candidate, skipped + titles, lacks or ""))
    if len(found) > 1:
        return next((dialect for dialect in found if _holds_values(preview[dialect.skipped :], dialect)), found[0])
    if found:
        return found[0]
    return Dialect(_uneven_delimiter(lines) or NO_DELIMITER, skipped)


def _uneven_delimiter(lines: list[str]) -> str | None:
    """What cuts every line, if not into equally many fields; the error is then about the row, not the file."""
    for candidate in DELIMITERS[:-1]:
        rows = [row for row in _split(lines, candidate) if any(row)]
        if rows and min(map(len, rows)) > 1:
            return candidate
    return None


def _lines_above(preview: list[str]) -> int:
    """How many lines of comment, or of a title closed by an empty line, stand above the table."""
    above = 0
    while above < len(preview) and (not preview[above].strip() or preview[above].startswith("#")):
        above += 1
    for i, line in enumerate(preview[above : above + 5], start=above):
        is_title = not any(mark in line for mark in ";\t|,") and not is_value(line)
        if not line.strip() and i > above:
            rest = preview[i + 1 :]
            return i + _lines_above(rest) + 1 if any(rest) else above
        if not is_title:
            break
    return above


def _title_lines(lines: list[str], delimiter: str) -> int:
    """How many lines of one cell each stand right above a row of names that has values below it."""
    rows = _split(lines[: MAX_TITLES + 2], delimiter)
    above = next((i for i, row in enumerate(rows) if len(row) > 1), 0)
    if above + 1 >= len(rows) or len(rows[above]) != len(rows[above + 1]):
        return 0
    names, values = rows[above], rows[above + 1]
    return above if not any(map(is_value, names)) and any(map(is_value, values)) else 0


def _header_lacks(lines: list[str], delimiter: str) -> str | None:
    """None if `delimiter` cuts no table out of the lines; otherwise where its header has a field too few.

    "start" is a file with unnamed row names, "end" one with a delimiter after the last value of each row.
    """
    rows = [row for row in _split(lines, delimiter) if any(row)]
    if not rows:
        return None
    body = rows[1:] or rows
    width, count = Counter(map(len, body)).most_common(1)[0]
    if width < 2 or count < 0.8 * len(body):
        return None
    if len(rows[0]) == width - 1:
        if all(row[-1] == "" for row in body if len(row) == width):
            return "end"
        quoted = lines[-1].lstrip().startswith('"')
        # An unquoted decimal comma looks just the same: 1949-01,112,5 under date,value.
        return "start" if quoted or delimiter != "," else None
    return "" if len(rows[0]) >= 2 or delimiter == NO_DELIMITER else None


def _holds_values(lines: list[str], dialect: Dialect) -> bool:
    """Whether every cell has a name above it, and some column holds values: what an id contains cuts no such table."""
    header, *body = [row for row in _split(lines, dialect.delimiter) if any(row)]
    even = [row for row in body if len(row) == len(header)]
    return not dialect.header_lacks and any(
        2 * sum(map(is_value, column)) > len(body) for column in zip(*even, strict=True)
    )


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    if delimiter == " ":
        # The last line of the preview may end inside a quoted cell; it is no worse cut at blanks.
        lines = [re.sub(r"[ \t]+", " ", line.strip()) for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []


def is_value(text: str) -> bool:
    """Whether a text is a number or a date, however written."""
    if is_missing(text):
        return False
    return any(parse_number(text, mark) is not None for mark in ".,") or looks_like_date(text)
