"""From the text of a file to a table of text cells with column names and line numbers."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.dates import Timestamps
from forecast_cli.panel.reading.dialect import Dialect, dialect_of, is_value, preview_of
from forecast_cli.panel.reading.numbers import ambiguous_point, decimal_mark, is_missing
from forecast_cli.panel.reading.source import Source

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

HEADER_SAMPLE_ROWS, HEADER_SAMPLE_COLUMNS = 30, 50
"""The part of a table that decides whether it has a header."""
MAX_NAMES_SHOWN = 5


@dataclass(frozen=True)
class RawTable:
    """A table of text.

    name:        the file as messages call it
    names:       the column names, all different
    cells:       (rows, columns) object, str without surrounding blanks
    lines:       (rows,) the line number of each row in the file
    decimal:     the decimal mark, "." or ","
    unnamed:     the columns without a name in the file, called "column 2" or so
    timestamps:  the parsed timestamps of columns that were combined from several
    """

    name: str
    names: tuple[str, ...]
    cells: NDArray[Any]
    lines: NDArray[np.int64]
    decimal: str
    unnamed: frozenset[str] = frozenset()
    timestamps: Mapping[str, Timestamps] = field(default_factory=dict)

    def where(self, row: int, column: str) -> str:
        """The place of a cell for messages: file, row, column."""
        return f"{self.name}: row {self.lines[row]}, column '{column}'"

    def select(self, columns: Sequence[int]) -> RawTable:
        """The table with some of its columns only."""
        return replace(self, names=tuple(self.names[i] for i in columns), cells=self.cells[:, columns])


def read_table(source: Source, config: ReadConfig) -> RawTable:
    """The table in a file. Raises DataError if the file holds none."""
    if source.frame is not None:
        return _from_frame(source.name, source.frame)
    text = source.text
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    if not text.strip():
        raise DataError(f"{source.name}: is empty.", "Check the program that wrote it.")
    preview = preview_of(text)
    dialect = dialect_of(source.name, preview, config.delimiter)
    cells = _split_cells(source.name, text, dialect, preview)
    lines = np.arange(len(cells)) + dialect.skipped_lines + 1
    keep = _rows_with_content(cells)
    table = _with_names(source.name, cells[keep], lines[keep])
    if len(table.cells) == 0:
        raise DataError(f"{source.name}: has a header and no rows.", "Check the program that wrote it.")
    return replace(table, decimal=_decimal(table, config, dialect.delimiter))


def in_one_line(text: str) -> str:
    """A name without the line breaks that a quoted cell may contain."""
    return re.sub(r"\s*[\r\n]+\s*", " ", text)


def _split_cells(name: str, text: bytes, dialect: Dialect, preview: list[str]) -> NDArray[Any]:
    """(rows, columns) object: every cell of the file as text. Raises DataError if rows have too many fields."""
    import pandas as pd

    for _ in range(dialect.skipped_lines):
        text = _without_first_line(text)
    if dialect.missing_header:
        text = _with_complete_header(text, dialect)
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
        raise _split_error(name, str(error), dialect, preview) from error
    cells: NDArray[Any] = frame.to_numpy(dtype=object)
    return _stripped(cells) if _has_surrounding_blanks(text, dialect.delimiter) else cells


def _without_first_line(text: bytes) -> bytes:
    line_end = re.search(rb"\r\n|\n|\r", text)
    return text[line_end.end() :] if line_end else b""


def _with_complete_header(text: bytes, dialect: Dialect) -> bytes:
    delimiter = dialect.delimiter.encode()
    if dialect.missing_header == "start":
        return (b'""' + delimiter) + text.lstrip(b"\r\n")
    line_end = re.search(rb"\r\n|\n|\r", text)
    return text[: line_end.start()] + delimiter + text[line_end.start() :] if line_end else text


def _has_surrounding_blanks(text: bytes, delimiter: str) -> bool:
    """Whether any cell may start or end with blanks, quoted or not."""
    edges = (delimiter.encode(), b'"', b"\n", b"\r")
    blanks = [blank for blank in (b" ", b"\t", b"\xc2\xa0") if blank != edges[0]]
    at_edge = any(blank + edge in text or edge + blank in text for blank in blanks for edge in edges)
    return at_edge or text.startswith(tuple(blanks)) or text.endswith(tuple(blanks))


def _stripped(cells: NDArray[Any]) -> NDArray[Any]:
    import pandas as pd

    codes, texts = pd.factorize(cells.ravel())
    clean = np.array([text.strip(" \t\r\n\u00a0") for text in texts], dtype=object)
    shaped: NDArray[Any] = clean[codes].reshape(cells.shape)
    return shaped


def _split_error(name: str, problem: str, dialect: Dialect, preview: list[str]) -> DataError:
    """The error for the message `problem` of the parser."""
    fields = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem)
    if fields is None:
        reason = problem.removeprefix("Error tokenizing data. C error: ").strip()
        return DataError(
            f"{name}: cannot be split into rows ({reason}).", "Look for a quote without its closing quote."
        )
    line = int(fields[2]) + dialect.skipped_lines
    shown = f": {preview[line - 1][:60]}" if line <= len(preview) else ""
    return DataError(
        f"{name}: row {line} has {fields[3]} fields, but the rows above have {fields[1]}{shown}.",
        "Quote values that contain the delimiter, such as a decimal comma, or give another one with "
        f"{mention('delimiter')}.",
    )


def _rows_with_content(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """(rows,) the rows that are not empty. In a single column, empty rows between others are missing values."""
    keep: NDArray[np.bool_] = (cells != "").any(axis=1)
    if cells.shape[1] == 1 and keep.any():
        known = np.flatnonzero(keep)
        keep[known[0] : known[-1]] = True
    return keep


def _with_names(name: str, cells: NDArray[Any], lines: NDArray[np.int64]) -> RawTable:
    """The table with the names of its header, or with numbered columns if it has none."""
    width = cells.shape[1]
    has_header = _has_header(cells[:HEADER_SAMPLE_ROWS])
    header = [str(cell) for cell in cells[0]] if has_header else [""] * width
    names: list[str] = []
    uses = Counter[str]()
    for i, text in enumerate(header):
        column = in_one_line(text) or (f"column {i + 1}" if width > 1 else "value")
        uses[column] += 1
        names.append(column if uses[column] == 1 else f"{column}.{uses[column] - 1}")
    unnamed = frozenset(column for column, text in zip(names, header, strict=True) if not text)
    if not has_header:
        log.info("%s: no header; columns: %s", name, ", ".join(names[:MAX_NAMES_SHOWN]))
    start = 1 if has_header else 0
    return RawTable(name, tuple(names), cells[start:], lines[start:], ".", unnamed)


def _has_header(cells: NDArray[Any]) -> bool:
    """Whether the first row has names: text, or an empty first cell, above a column of values or dates."""
    if len(cells) == 1:
        return not any(is_value(cell) for cell in cells[0])
    for i, column in enumerate(cells.T[:HEADER_SAMPLE_COLUMNS]):
        body = [cell for cell in column[1:] if not is_missing(cell)]
        if not body or 2 * sum(map(is_value, body)) <= len(body):
            continue
        first = column[0]
        if first == "" and i == 0:
            return True
        if not is_missing(first) and not is_value(first):
            return True
    return False


def _decimal(table: RawTable, config: ReadConfig, delimiter: str) -> str:
    """The decimal mark of a table, with a warning if its cells leave it open."""
    if config.decimal is not None:
        return config.decimal
    mark, ambiguous = decimal_mark(table.cells.ravel(), delimiter)
    if ambiguous is None and mark == "." and delimiter == ";":  # most such files have decimal commas
        ambiguous = next((cell for column in table.cells.T if (cell := ambiguous_point(column))), None)
    if ambiguous is not None:
        sign = "comma" if "," in ambiguous else "point"
        meaning = f"a decimal {sign}" if mark in ambiguous else "a thousands separator"
        log.warning(
            "%s: the %s in '%s' is taken as %s (%s sets it)", table.name, sign, ambiguous, meaning, mention("decimal")
        )
    return mark


def _from_frame(name: str, frame: pd.DataFrame) -> RawTable:
    """The table of a Parquet file. Its values become text, so that the same rules apply to all file formats."""
    import pandas as pd

    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    if len(frame) == 0:
        raise DataError(f"{name}: has columns and no rows.", "Check the program that wrote it.")
    columns = [_texts(frame.iloc[:, i]) for i in range(frame.shape[1])]
    cells = np.stack(columns, axis=1) if columns else np.empty((len(frame), 0), dtype=object)
    names = tuple(map(str, frame.columns))
    return RawTable(name, names, cells, np.arange(len(frame)) + 1, ".")


def _texts(column: pd.Series[Any]) -> NDArray[Any]:
    """(rows,) the values of a column as text, "" where missing; each distinct value is written once."""
    import pandas as pd

    codes, values = pd.factorize(column, use_na_sentinel=True)
    texts = np.array([_text(value) for value in values] + [""], dtype=object)
    out: NDArray[Any] = texts[codes]
    return out


def _text(value: object) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value).strip()
