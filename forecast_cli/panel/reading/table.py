"""From bytes to a table of text: delimiter, header, quotes, and the number of each row in its file."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.config import ReadConfig
from forecast_cli.errors import DataError
from forecast_cli.panel.reading.dates import looks_like_date
from forecast_cli.panel.reading.numbers import decimal_mark, is_missing, parse_number
from forecast_cli.panel.reading.source import Source

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

DELIMITERS = (";", "\t", "|", ",", " ")
"""In the order they are tried: a comma may be a decimal mark, a space may stand inside a date."""
NO_DELIMITER = "\x1f"
PREVIEW = 200
HEADER_ROWS, HEADER_COLUMNS = 30, 50


@dataclass(frozen=True)
class Table:
    """A table of text.

    names:   of the columns, each different; "" becomes "column 2"
    cells:   (rows, columns) object, str without surrounding blanks
    lines:   (rows,) the line of the file each row stands on
    decimal: "." or ","
    """

    name: str
    names: tuple[str, ...]
    cells: NDArray[Any]
    lines: NDArray[np.int64]
    decimal: str
    unnamed: frozenset[str] = frozenset()

    def column(self, name: str) -> NDArray[Any]:
        cells: NDArray[Any] = self.cells[:, self.names.index(name)]
        return cells

    def where(self, row: int, column: str) -> str:
        """The place of a cell, as messages name it."""
        return f"{self.name}: row {self.lines[row]}, column '{column}'"


@dataclass(frozen=True)
class Dialect:
    """How the lines of a file are to be cut: what lies above the table, and what its header lacks."""

    delimiter: str
    skipped: int = 0
    header_lacks: str = ""


def read_table(source: Source, config: ReadConfig) -> Table:
    """The table of a file, its rows as they stand. Raises DataError where there is none."""
    if source.frame is not None:
        return _from_frame(source.name, source.frame)
    text = source.text
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    if not text.strip():
        raise DataError(f"{source.name}: is empty.", "Check what wrote it.")
    preview = _preview(text)
    dialect = _dialect(source.name, preview, config.delimiter)
    cells = _cut(source.name, text, dialect, preview)
    lines = np.arange(len(cells)) + dialect.skipped + 1
    there = _rows_with_content(cells)
    table = _named(source.name, cells[there], lines[there])
    if len(table.cells) == 0:
        raise DataError(f"{source.name}: has a header and no rows.", "Check what wrote it.")
    return replace(table, decimal=_decimal(table, config, dialect.delimiter))


def _preview(text: bytes) -> list[str]:
    """The first lines, as many as it takes to see how the rest is written."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline=None)
    return [line.rstrip("\n") for line in islice(stream, PREVIEW)]


def _dialect(name: str, preview: list[str], delimiter: str | None) -> Dialect:
    skipped = _lines_above(preview)
    if announced := re.fullmatch(r"sep=(.)", preview[skipped]) if skipped < len(preview) else None:
        delimiter, skipped = delimiter or announced[1], skipped + 1
    lines = preview[skipped:]
    if not any(line.strip() for line in lines):
        raise DataError(f"{name}: has no rows.", "Check what wrote it.")
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        lacks = _header_lacks(lines, candidate)
        if lacks is not None or delimiter:
            return Dialect(candidate, skipped, lacks or "")
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
        is_title = not any(mark in line for mark in ";\t|,") and not _is_value(line)
        if not line.strip() and i > above:
            rest = preview[i + 1 :]
            return i + _lines_above(rest) + 1 if any(rest) else above
        if not is_title and not re.match(r"[A-Za-z ]+: ", line):
            break
    return above


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


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    if delimiter == " ":
        # The last line of the preview may end inside a quoted cell; it is no worse cut at blanks.
        lines = [re.sub(r"[ \t]+", " ", line.strip()) for line in lines]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []


def _cut(name: str, text: bytes, dialect: Dialect, preview: list[str]) -> NDArray[Any]:
    """(rows, columns) object: every cell of the file as text."""
    import pandas as pd

    for _ in range(dialect.skipped):
        text = _without_first_line(text)
    if dialect.header_lacks:
        text = _with_longer_header(text, dialect)
    try:
        frame = pd.read_csv(
            io.BytesIO(text),
            sep=r"\s+" if dialect.delimiter == " " else dialect.delimiter,
            header=None,
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            low_memory=False,
            encoding_errors="replace",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _uneven(name, str(error), dialect, preview) from error
    return _stripped(frame)


def _without_first_line(text: bytes) -> bytes:
    cut = re.search(rb"\r\n|\n|\r", text)
    return text[cut.end() :] if cut else b""


def _with_longer_header(text: bytes, dialect: Dialect) -> bytes:
    delimiter = dialect.delimiter.encode()
    if dialect.header_lacks == "start":
        return (b'""' + delimiter) + text.lstrip(b"\r\n")
    end = re.search(rb"\r\n|\n|\r", text)
    return text[: end.start()] + delimiter + text[end.start() :] if end else text


def _stripped(frame: pd.DataFrame) -> NDArray[Any]:
    """The cells without the blanks and the stray quotes around them."""
    import pandas as pd

    cells = frame.to_numpy(dtype=object)
    if cells.size == 0:
        return cells
    codes, texts = pd.factorize(cells.ravel())
    clean = np.array([str(text).strip(" \t\r\n\u00a0\ufeff") for text in texts], dtype=object)
    shaped: NDArray[Any] = clean[codes].reshape(cells.shape)
    return shaped


def _uneven(name: str, problem: str, dialect: Dialect, preview: list[str]) -> DataError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem)
    if found is None:
        shown = problem.removeprefix("Error tokenizing data. C error: ").strip()
        return DataError(f"{name}: cannot be cut into rows ({shown}).", "Look for a quote that is never closed.")
    line = int(found[2]) + dialect.skipped
    shown = f": {preview[line - 1][:60]}" if line <= len(preview) else ""
    return DataError(
        f"{name}: row {line} has {found[3]} fields where the rows above have {found[1]}{shown}.",
        "Quote values that hold the delimiter, as a decimal comma may, or name another with --delimiter.",
    )


def _rows_with_content(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """Rows to keep: not the empty ones, unless amid a single column, where they are missing values."""
    there: NDArray[np.bool_] = (cells != "").any(axis=1)
    if cells.shape[1] == 1 and there.any():
        known = np.flatnonzero(there)
        there[known[0] : known[-1]] = True
    return there


def _named(name: str, cells: NDArray[Any], lines: NDArray[np.int64]) -> Table:
    width = cells.shape[1]
    has_header = _has_header(cells[:HEADER_ROWS])
    given = [str(cell) for cell in cells[0]] if has_header else [""] * width
    names: list[str] = []
    taken = Counter[str]()
    for i, text in enumerate(given):
        plain = text or (f"column {i + 1}" if width > 1 else "value")
        taken[plain] += 1
        names.append(plain if taken[plain] == 1 else f"{plain}.{taken[plain] - 1}")
    unnamed = frozenset(n for n, text in zip(names, given, strict=True) if not text)
    if not has_header:
        log.info("%s: no header; columns: %s", name, ", ".join(names[:5]))
    start = 1 if has_header else 0
    return Table(name, tuple(names), cells[start:], lines[start:], ".", unnamed)


def _has_header(cells: NDArray[Any]) -> bool:
    """Whether the first row names the columns: text, or nothing, above values and dates."""
    if len(cells) == 1:
        return not any(_is_value(cell) for cell in cells[0])
    for i, column in enumerate(cells.T[:HEADER_COLUMNS]):
        body = [cell for cell in column[1:] if not is_missing(cell)]
        if not body or 2 * sum(map(_is_value, body)) <= len(body):
            continue
        first = column[0]
        if first == "" and i == 0:
            return True
        if not is_missing(first) and not _is_value(first):
            return True
    return False


def _is_value(text: str) -> bool:
    if is_missing(text):
        return False
    return any(parse_number(text, mark) is not None for mark in ".,") or looks_like_date(text)


def _decimal(table: Table, config: ReadConfig, delimiter: str) -> str:
    if config.decimal is not None:
        return config.decimal
    import pandas as pd

    mark, doubtful = decimal_mark(pd.unique(table.cells.ravel()), delimiter)
    if doubtful is not None:
        meaning = "a decimal comma" if mark == "," else "a thousands separator"
        log.warning("%s: the comma in '%s' is taken for %s (--decimal settles it)", table.name, doubtful, meaning)
    return mark


def _from_frame(name: str, frame: pd.DataFrame) -> Table:
    """The table of a Parquet file, its values written out as text so that all files take one path."""
    import pandas as pd

    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    if len(frame) == 0:
        raise DataError(f"{name}: has columns and no rows.", "Check what wrote it.")
    columns = [_texts(frame.iloc[:, i]) for i in range(frame.shape[1])]
    cells = np.stack(columns, axis=1) if columns else np.empty((len(frame), 0), dtype=object)
    names = tuple(map(str, frame.columns))
    return Table(name, names, cells, np.arange(len(frame)) + 1, ".")


def _texts(column: pd.Series[Any]) -> NDArray[Any]:
    import pandas as pd

    codes, values = pd.factorize(column, use_na_sentinel=True)
    texts = np.array([_written(value) for value in values] + [""], dtype=object)
    out: NDArray[Any] = texts[codes]
    return out


def _written(value: object) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value).strip()
