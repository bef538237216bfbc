"""From bytes to a table of text: delimiter, header, quotes, and the number of each row in its file."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.dialect import Dialect, dialect_of, is_value, preview_of
from forecast_cli.panel.reading.numbers import decimal_mark, doubtful_point, is_missing
from forecast_cli.panel.reading.source import Source

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

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


def read_table(source: Source, config: ReadConfig) -> Table:
    """The table of a file, its rows as they stand. Raises DataError where there is none."""
    if source.frame is not None:
        return _from_frame(source.name, source.frame)
    text = source.text
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    if not text.strip():
        raise DataError(f"{source.name}: is empty.", "Check what wrote it.")
    preview = preview_of(text)
    dialect = dialect_of(source.name, preview, config.delimiter)
    cells = _cut(source.name, text, dialect, preview)
    lines = np.arange(len(cells)) + dialect.skipped + 1
    there = _rows_with_content(cells)
    table = _named(source.name, cells[there], lines[there])
    if len(table.cells) == 0:
        raise DataError(f"{source.name}: has a header and no rows.", "Check what wrote it.")
    return replace(table, decimal=_decimal(table, config, dialect.delimiter))


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
    cells: NDArray[Any] = frame.to_numpy(dtype=object)
    return _stripped(cells) if _has_stray_blanks(text, dialect.delimiter) else cells


def _without_first_line(text: bytes) -> bytes:
    cut = re.search(rb"\r\n|\n|\r", text)
    return text[cut.end() :] if cut else b""


def _with_longer_header(text: bytes, dialect: Dialect) -> bytes:
    delimiter = dialect.delimiter.encode()
    if dialect.header_lacks == "start":
        return (b'""' + delimiter) + text.lstrip(b"\r\n")
    end = re.search(rb"\r\n|\n|\r", text)
    return text[: end.start()] + delimiter + text[end.start() :] if end else text


def _has_stray_blanks(text: bytes, delimiter: str) -> bool:
    """Whether any cell may start or end with blanks, with or without quotes around it."""
    edges = (delimiter.encode(), b'"', b"\n", b"\r")
    blanks = [blank for blank in (b" ", b"\t", b"\xc2\xa0") if blank != edges[0]]
    touching = any(blank + edge in text or edge + blank in text for blank in blanks for edge in edges)
    return touching or text.startswith(tuple(blanks)) or text.endswith(tuple(blanks))


def _stripped(cells: NDArray[Any]) -> NDArray[Any]:
    import pandas as pd

    codes, texts = pd.factorize(cells.ravel())
    clean = np.array([text.strip(" \t\r\n\u00a0") for text in texts], dtype=object)
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
        plain = in_one_line(text) or (f"column {i + 1}" if width > 1 else "value")
        taken[plain] += 1
        names.append(plain if taken[plain] == 1 else f"{plain}.{taken[plain] - 1}")
    unnamed = frozenset(n for n, text in zip(names, given, strict=True) if not text)
    if not has_header:
        log.info("%s: no header; columns: %s", name, ", ".join(names[:5]))
    start = 1 if has_header else 0
    return Table(name, tuple(names), cells[start:], lines[start:], ".", unnamed)


def in_one_line(text: str) -> str:
    """A name without the line breaks that a quoted cell may hold."""
    return re.sub(r"\s*[\r\n]+\s*", " ", text)


def _has_header(cells: NDArray[Any]) -> bool:
    """Whether the first row names the columns: text, or nothing, above values and dates."""
    if len(cells) == 1:
        return not any(is_value(cell) for cell in cells[0])
    for i, column in enumerate(cells.T[:HEADER_COLUMNS]):
        body = [cell for cell in column[1:] if not is_missing(cell)]
        if not body or 2 * sum(map(is_value, body)) <= len(body):
            continue
        first = column[0]
        if first == "" and i == 0:
            return True
        if not is_missing(first) and not is_value(first):
            return True
    return False


def _decimal(table: Table, config: ReadConfig, delimiter: str) -> str:
    if config.decimal is not None:
        return config.decimal
    mark, doubtful = decimal_mark(table.cells.ravel(), delimiter)
    if doubtful is None and mark == "." and delimiter == ";":  # in such files the decimal mark is mostly a comma
        doubtful = next((cell for column in table.cells.T if (cell := doubtful_point(column))), None)
    if doubtful is not None:
        sign = "comma" if "," in doubtful else "point"
        meaning = f"a decimal {sign}" if mark in doubtful else "a thousands separator"
        log.warning("%s: the %s in '%s' is taken for %s (--decimal settles it)", table.name, sign, doubtful, meaning)
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
