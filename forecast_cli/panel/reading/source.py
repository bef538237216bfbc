"""Read a file as UTF-8 text (also a workbook), or as a data frame (Parquet).

The format is detected from the first bytes of the file.
"""

from __future__ import annotations

import errno
import io
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.compression import BLOCK_BYTES, ZIP, unpack
from forecast_cli.panel.reading.encoding import as_utf8
from forecast_cli.panel.reading.parquet import read_parquet
from forecast_cli.panel.reading.workbook import DELIMITER, OLD_FORMAT, is_workbook, read_sheet

if TYPE_CHECKING:
    import pandas as pd

STDIN = "-"


@dataclass(frozen=True)
class Source:
    """The content of a file: either its text, or its data frame.

    name:       the file's name in messages
    text:       the content in UTF-8 with the line ends of the file; b"" for a Parquet file
    frame:      the data frame of a Parquet file; otherwise None
    delimiter:  the character between two cells in the text made from a workbook; None for other files
    """

    name: str
    text: bytes = b""
    frame: pd.DataFrame | None = None
    delimiter: str | None = None


def read_source(source: str, encoding: str | None = None, sheet: str | None = None) -> Source:
    """The content of the file at `source`, or of standard input if `source` is "-".

    encoding: the encoding of a text file; None detects it
    sheet:    the sheet of a workbook to read; None reads the first visible one that has cells

    Raises DataError if the file cannot be opened, decompressed or decoded, or if `sheet` is given for a file that is no
    workbook.
    """
    name = "standard input" if source == STDIN else source
    try:
        with _open(source) as raw:
            head = raw.peek(16)[:16]
            stream: IO[bytes] = raw
            if head.startswith((ZIP, OLD_FORMAT)):
                content = raw.read()
                if is_workbook(content):
                    return Source(name, read_sheet(name, content, sheet), delimiter=DELIMITER)
                stream = io.BytesIO(content)
            if sheet is not None:
                raise DataError(f"{name}: is not a workbook, and has no sheets.", f"Leave out {mention('sheet')}.")
            if head.startswith(b"PAR1"):
                return Source(name, frame=read_parquet(name, raw.read()))
            data = unpack(name, head, stream)
    except (OSError, ValueError) as error:
        raise _open_error(name, error) from error
    return Source(name, as_utf8(name, data, encoding))


def _open(source: str) -> io.BufferedReader:
    if source == STDIN:
        if sys.stdin is None or sys.stdin.closed:
            raise OSError(errno.EBADF, "it is closed")
        return io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer), BLOCK_BYTES)
    return io.BufferedReader(open(source, "rb", buffering=0), BLOCK_BYTES)


def _open_error(name: str, error: OSError | ValueError) -> DataError:
    match error:
        case FileNotFoundError():
            return DataError(f"{name}: no such file.", "Check the path; `-` reads standard input.")
        case IsADirectoryError():
            return DataError(f"{name}: is a directory.", "Name a file in it.")
        case PermissionError():
            return DataError(f"{name}: no permission to read it.", "Ask for read access, or copy the file.")
    return DataError(f"{name}: cannot be read ({error}).", "Check that it can be read, or give a copy of the file.")
