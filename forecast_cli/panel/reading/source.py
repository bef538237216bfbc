"""Read a file as UTF-8 text or a data frame. The first bytes decide its format, not the name."""

from __future__ import annotations

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
    """The content of a file: its text (UTF-8, line ends unchanged), or the data frame of a Parquet file.

    name:       the file as messages call it
    delimiter:  the column separator in the text of a workbook; otherwise None
    """

    name: str
    text: bytes = b""
    frame: pd.DataFrame | None = None
    delimiter: str | None = None


def read_source(source: str, encoding: str | None = None, sheet: str | None = None) -> Source:
    """The content of the file at `source`, or of standard input if `source` is "-".

    sheet: a sheet's name; None: first with cells

    Raises DataError if the file cannot be opened, unpacked or decoded.
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
    return DataError(f"{name}: cannot be read ({error}).")
