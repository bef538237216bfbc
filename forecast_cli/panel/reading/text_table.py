"""Split the text of a file into a table of cells."""

from __future__ import annotations

import csv
import io
import logging
import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.dialect import DELIMITERS, Dialect, dialect_of, holds_row, preview_of
from forecast_cli.panel.reading.distinct import BYTES_PER_VALUE, factorize
from forecast_cli.panel.reading.header import is_value, with_names
from forecast_cli.panel.reading.memory import check_free
from forecast_cli.panel.reading.mixed_rows import finest_rows, without_metadata
from forecast_cli.panel.reading.numbers import ambiguous_point, decimal_mark
from forecast_cli.panel.reading.table import RawTable, check_width

log = logging.getLogger(__name__)

BYTES_PER_CELL = 112
"""The most memory that pandas takes for a cell, in bytes, without its characters: 40 for the position of the cell in
the text, 72 for the cell itself."""


def read_text(name: str, text: bytes, config: ReadConfig, delimiter: str | None = None) -> RawTable:
    """Read the table in the content of a text file, without empty rows, titles above the table, or notes below it.

    name:       the file's name in messages
    text:       the content of the file in UTF-8
    delimiter:  the character between two cells; None takes that of `config`, or else detects it

    Raises DataError if the text holds no table.
    """
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    if not text or text.isspace():
        raise DataError(f"{name}: is empty.", "Check the program that wrote it.")
    preview = preview_of(text)
    check_width(name, max(line.count(mark) + 1 for line in preview for mark in DELIMITERS))
    dialect = dialect_of(name, preview, delimiter or config.delimiter)
    cells = _split_cells(name, text, dialect, preview)
    lines = _line_numbers(name, text, cells, dialect)
    keep = _rows_with_content(cells)
    if not keep.any():
        raise DataError(f"{name}: has no rows.", "Check the program that wrote it.")
    table = finest_rows(_without_notes(with_names(name, *without_metadata(name, cells[keep], lines[keep]))))
    if len(table.cells) == 0:
        raise DataError(f"{name}: has a header and no rows.", "Check the program that wrote it.")
    return replace(table, decimal=_decimal(table, config, dialect.delimiter))


def _line_numbers(name: str, text: bytes, cells: NDArray[Any], dialect: Dialect) -> NDArray[np.int64]:
    """(rows,) the line of the file at which each row starts, from 1. The first cell with line breaks is logged.

    Such a cell can mean that a quote is misplaced.

    Raises DataError if a cell holds whole rows of the table.
    """
    lines = np.arange(len(cells)) + dialect.skipped_lines + 1
    if b'"' not in text or text.count(b"\n") <= len(cells) + dialect.skipped_lines:
        return lines
    breaks = np.array([sum(cell.count("\n") for cell in row) for row in cells], dtype=np.int64)
    lines += np.cumsum(breaks) - breaks
    rows = np.flatnonzero(breaks)
    for row in rows:
        for cell in cells[row]:
            inside = cell.split("\n")[1:-1]
            if inside and all(holds_row(line, dialect.delimiter, cells.shape[1]) for line in inside):
                raise DataError(
                    f"{name}: row {lines[row]}: a cell holds {len(inside) + 1:,} line breaks and rows of the table.",
                    "Look for a quote that is never closed, or that is closed too late.",
                )
    if len(rows):
        log.warning("%s: row %d: a cell has line breaks; is a quote never closed?", name, lines[rows[0]])
    return lines


def _split_cells(name: str, text: bytes, dialect: Dialect, preview: list[str]) -> NDArray[Any]:
    """(rows, columns) object: every cell of the file as text, header included.

    preview: the first lines of the file, shown in errors

    Raises DataError if a row has more cells than the rows above it.
    """
    import pandas as pd

    for _ in range(dialect.skipped_lines):
        text = _without_first_line(text)
    if dialect.missing_header:
        text = _with_complete_header(text, dialect)
    check_width(name, _first_width(text, dialect.delimiter))
    check_free(_most_memory(text, dialect.delimiter))
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
        if "out of memory" in str(error):
            raise MemoryError from error
        raise _split_error(name, str(error), dialect, preview) from error
    cells: NDArray[Any] = frame.to_numpy(dtype=object)
    return _stripped(cells) if _has_surrounding_blanks(text, dialect.delimiter) else cells


def _most_memory(text: bytes, delimiter: str) -> int:
    """Estimate the most memory that pandas needs to split a text into cells, in bytes.

    If less is free, pandas can end in a segmentation fault.
    """
    rows = text.count(b"\n") + 1
    cells = rows + text.count(delimiter.encode())
    return 3 * len(text) + BYTES_PER_CELL * cells + BYTES_PER_VALUE * rows


def _first_width(text: bytes, delimiter: str) -> int:
    """The number of fields in the first row, whose cells may have line breaks; 0 if it cannot be split."""
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(text), "utf-8", "replace", newline=""), delimiter=delimiter)
    try:
        return len(next(rows, []))
    except csv.Error:
        return 0


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
    """Whether any cell may start or end with a blank, such as a space or a tab. Blanks inside quotes count too."""
    edges = (delimiter.encode(), b'"', b"\n", b"\r")
    blanks = [blank for blank in (b" ", b"\t", b"\xc2\xa0") if blank != edges[0]]
    at_edge = any(blank + edge in text or edge + blank in text for blank in blanks for edge in edges)
    return at_edge or text.startswith(tuple(blanks)) or text.endswith(tuple(blanks))


def _stripped(cells: NDArray[Any]) -> NDArray[Any]:
    codes, texts = factorize(cells.ravel())
    clean = np.array([text.strip(" \t\r\n\u00a0") for text in texts], dtype=object)
    shaped: NDArray[Any] = clean[codes].reshape(cells.shape)
    return shaped


def _split_error(name: str, problem: str, dialect: Dialect, preview: list[str]) -> DataError:
    """The error for a text that pandas cannot split into cells.

    problem: the message of pandas, such as "Expected 2 fields in line 3, saw 4"
    preview: the first lines of the file
    """
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
    """(rows,) True for rows with a filled cell, which are kept.

    In a table of one column, empty rows between two filled ones are kept too: they are missing values.
    """
    keep: NDArray[np.bool_] = (cells != "").any(axis=1)
    if cells.shape[1] == 1 and keep.any():
        known = np.flatnonzero(keep)
        keep[known[0] : known[-1]] = True
    return keep


def _without_notes(table: RawTable) -> RawTable:
    """The table without notes at its end, such as "Source: Eurostat".

    A note is a row with one filled cell that is neither a number nor a date. A table of one column is unchanged.
    """
    end = len(table.cells)
    while end > 1 and len(filled := table.cells[end - 1][table.cells[end - 1] != ""]) == 1 and not is_value(filled[0]):
        end -= 1
    if end == len(table.cells) or len(table.names) == 1:
        return table
    log.info("%s: left out: notes below the table, from row %d on", table.name, table.lines[end])
    return table.take(np.arange(end))


def _decimal(table: RawTable, config: ReadConfig, delimiter: str) -> str:
    """The decimal mark of the table, "." or ",": from `config`, or else detected from the cells.

    Logs a warning if the cells allow both marks, as "1,234" does.
    """
    if config.decimal is not None:
        return config.decimal
    others = [i for i, name in enumerate(table.names) if not ColumnName(name).may_be_id]  # ids may have any marks
    mark, ambiguous = decimal_mark(table.cells[:, others or slice(None)], delimiter)
    if ambiguous is None and mark == "." and delimiter == ";":  # most such files have decimal commas
        ambiguous = next((cell for column in table.cells.T if (cell := ambiguous_point(column))), None)
    if ambiguous is not None:
        sign = "comma" if "," in ambiguous else "point"
        meaning = f"a decimal {sign}" if mark in ambiguous else "a thousands separator"
        log.warning(
            "%s: the %s in '%s' is taken as %s (%s sets it)", table.name, sign, ambiguous, meaning, mention("decimal")
        )
    return mark
