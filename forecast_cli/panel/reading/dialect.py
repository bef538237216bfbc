"""Detect how to split a text file into cells: which delimiter it has, how many lines are above the header, and whether
the header has one field less than the rows.

A field is the text of one cell. The delimiter is the character between two fields of a line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.decorated import undecorate
from forecast_cli.panel.reading.header import dates_in, is_value

DELIMITERS = (";", "\t", "|", ",", " ")
"""Delimiters in the order of trial. Comma and space are last: they also occur as decimal marks and in dates."""
NO_DELIMITER = "\x1f"
"""The delimiter for a file of one column: a character that does not occur in text."""
PREVIEW_LINES, MIN_PREVIEW_LINES = 200, 5
PREVIEW_CHARACTERS = 1 << 20
MAX_TITLE_LINES = 5
MAX_METADATA_LINES = 30
"""The header is searched in this many first lines. Lines above it can be metadata, such as "Source;Eurostat"."""
MIN_EVEN_ROWS_FRACTION = 0.8
"""A delimiter is accepted if it splits at least this fraction of the rows into the same number of fields."""


_COMMENT = re.compile(r"#(?!\s*[,;\t|])")
"""The start of a line that is a comment. A field with only "#" is no comment: it names a column of row numbers."""


@dataclass(frozen=True)
class Dialect:
    """How to split the lines of a file into the cells of a table.

    delimiter:      the character between two cells
    skipped_lines:  the number of lines above the header, which are not read
    missing_header: "start" or "end" if the header has one field fewer than the rows: the place of the missing field;
                    otherwise ""
    """

    delimiter: str
    skipped_lines: int = 0
    missing_header: str = ""


def preview_of(text: bytes) -> list[str]:
    """The first lines of `text`, without line ends: at most PREVIEW_LINES, fewer if they exceed PREVIEW_CHARACTERS."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline=None)
    lines: list[str] = []
    characters = 0
    for line in islice(stream, PREVIEW_LINES):
        lines.append(line.rstrip("\n"))
        characters += len(line)
        if characters > PREVIEW_CHARACTERS and len(lines) >= MIN_PREVIEW_LINES:
            break
    return lines


def dialect_of(name: str, preview: list[str], delimiter: str | None) -> Dialect:
    """The dialect of a file, detected from its first lines.

    name:      the file's name in messages
    preview:   the first lines, from `preview_of`
    delimiter: the delimiter that the user chose; None detects it

    Raises DataError if all lines are empty.
    """
    skipped = _lines_above(preview)
    announced = re.fullmatch(r"sep=([\t -~])", preview[skipped]) if skipped < len(preview) else None
    if announced:
        delimiter, skipped = delimiter or announced[1], skipped + 1
    lines = preview[skipped:]
    if not any(line.strip() for line in lines):
        raise DataError(f"{name}: has no rows.", "Check the program that wrote it.")
    possible: list[Dialect] = []
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        titles = _title_lines(lines, candidate)
        missing_header = _missing_header(lines[titles:], candidate)
        if missing_header is not None or delimiter:
            possible.append(Dialect(candidate, skipped + titles, missing_header or ""))
    if len(possible) > 1:
        with_values = (dialect for dialect in possible if _has_values(preview[dialect.skipped_lines :], dialect))
        return next(with_values, possible[0])
    if possible:
        return possible[0]
    return Dialect(_fallback_delimiter(lines) or NO_DELIMITER, skipped)


def _fallback_delimiter(lines: list[str]) -> str | None:
    """The first delimiter, except the space, that splits each line into two or more fields; None if none does.

    This delimiter is used if none gives most lines the same number of fields. Reading then fails with an error that
    names the line with too many fields.
    """
    for candidate in DELIMITERS[:-1]:
        rows = [row for row in _split(lines, candidate) if any(row)]
        if rows and min(map(len, rows)) > 1:
            return candidate
    return None


def _lines_above(preview: list[str]) -> int:
    """The number of lines above the table: empty lines, comments, and a title that is followed by an empty line."""
    above = 0
    while above < len(preview) and (not preview[above].strip() or _COMMENT.match(preview[above])):
        above += 1
    for i, line in enumerate(preview[above : above + MAX_TITLE_LINES], start=above):
        is_title = not any(mark in line for mark in ";\t|,") and not is_value(line)
        if not line.strip() and i > above:
            rest = preview[i + 1 :]
            return i + _lines_above(rest) + 1 if any(rest) else above
        if not is_title:
            break
    return above


def _title_lines(lines: list[str], delimiter: str) -> int:
    """The number of lines above the header; 0 if no line looks like a header.

    A header has a name or a date in each field, more fields than the lines above it, and a row with values below it.
    """
    rows = _split(lines[:MAX_METADATA_LINES], delimiter)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = max(widths, key=lambda each: (widths[each], each), default=0)
    filled = [sum(map(bool, row)) for row in rows]
    for i, names in enumerate(rows):
        below = next((row for row in rows[i + 1 :] if row), [])
        complete = width > 0 and len(names) == len(below) == width and filled[i] >= max(filled) - (names[0] == "")
        if not complete or filled[i] <= max(filled[:i], default=0):
            continue
        others = set(range(len(names))) - dates_in(names).keys()
        if not any(is_value(names[column]) for column in others) and any(map(is_value, below)):
            return i
    return 0


def _missing_header(lines: list[str], delimiter: str) -> str | None:
    """Where a field is missing in the header: "start", "end" or "" (nowhere).

    "start": the first column holds row names and has no name. "end": each row ends with a delimiter, but the header
    does not. Returns None if `delimiter` does not split the lines into a table of two or more columns.
    """
    rows = _without_notes([row for row in _split(lines, delimiter) if any(row)])
    if not rows:
        return None
    body = rows[1:] or rows
    width, count = Counter(map(len, body)).most_common(1)[0]
    if width < 2 or count < MIN_EVEN_ROWS_FRACTION * len(body):
        return None
    if len(rows[0]) == width - 1:
        if all(row[-1] == "" for row in body if len(row) == width):
            return "end"
        quoted = lines[-1].lstrip().startswith('"')
        # An unquoted decimal comma looks the same: 1949-01,112,5 under date,value.
        return "start" if quoted or delimiter != "," else None
    return "" if len(rows[0]) >= 2 or delimiter == NO_DELIMITER else None


def _without_notes(rows: list[list[str]]) -> list[list[str]]:
    """The rows up to the last row with several fields. Rows after it are notes. All rows if each has only one field."""
    last = max((i for i, row in enumerate(rows) if len(row) > 1), default=len(rows) - 1)
    return rows[: last + 1]


def _has_values(lines: list[str], dialect: Dialect) -> bool:
    """Whether no field is missing in the header, and more than half of the cells in some column are numbers or dates.

    This is False for a wrong delimiter: a character that occurs only inside ids.
    """
    header, *body = [row for row in _split(lines, dialect.delimiter) if any(row)]
    even = [row for row in body if len(row) == len(header)]
    return not dialect.missing_header and any(
        2 * sum(is_value(cell) or undecorate(cell) is not None for cell in column) > len(body)
        for column in zip(*even, strict=True)
    )


def holds_row(line: str, delimiter: str, width: int) -> bool:
    """Whether a line has `width` fields, two or more, and a number or a date in one of them."""
    rows = _split([line], delimiter)
    return width > 1 and len(rows) == 1 and len(rows[0]) == width and any(map(is_value, rows[0]))


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    """The fields of each line, without blanks around them; [] if the lines cannot be split."""
    if delimiter == " ":
        # A run of blanks is one delimiter. Blanks in quoted fields shrink too, which does no harm in a preview.
        lines = [re.sub(r"[ \t]+", " ", line.strip()) for line in lines]
    try:
        return [[field.strip() for field in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []
