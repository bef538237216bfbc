"""From a path to the text of a file in UTF-8. The format is detected from the first bytes, not from the name."""

from __future__ import annotations

import io
import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.encoding import as_utf8

if TYPE_CHECKING:
    import pandas as pd

STDIN = "-"

BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 16 << 20
"""A file with a longer line is not a table. A wide file with 100,000 columns needs about a tenth of it."""


@dataclass(frozen=True)
class Source:
    """The content of a file: its text (UTF-8, line ends unchanged), or the data frame of a Parquet file.

    name: the file as messages call it
    """

    name: str
    text: bytes = b""
    frame: pd.DataFrame | None = None


def read_source(source: str, encoding: str | None = None) -> Source:
    """The content of the file at `source`, or of standard input if `source` is "-".

    Raises DataError if it cannot be opened, unpacked or decoded, or is not text.
    """
    name = "standard input" if source == STDIN else source
    try:
        with _open(source) as raw:
            head = raw.peek(16)[:16]
            if head.startswith(b"PAR1"):
                return Source(name, frame=_read_parquet(name, raw.read()))
            data = _unpack(name, head, raw)
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


def _unpack(name: str, head: bytes, raw: IO[bytes]) -> bytes:
    """The bytes of `raw`, decompressed. Raises DataError if they are damaged or a line is too long."""
    decompress = _decompressor(head)
    try:
        if head.startswith(b"PK\x03\x04"):
            return _unzip(name, raw)
        if decompress is None:
            return _read_lines(name, raw)
        with closing(decompress(raw)) as stream:
            return _read_lines(name, stream)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise DataError(
            f"{name}: the compressed data is damaged or cut short ({error}).", "Fetch the file again."
        ) from error


def _decompressor(head: bytes) -> Callable[[IO[bytes]], IO[bytes]] | None:
    """The function that opens the compression format with these first bytes; None for uncompressed data."""
    if head.startswith(b"\x1f\x8b"):
        import gzip

        return lambda raw: cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda raw: cast(IO[bytes], lzma.LZMAFile(raw))
    if head.startswith(b"BZh"):
        import bz2

        return lambda raw: cast(IO[bytes], bz2.BZ2File(raw))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _open_zstandard
    return None


def _open_zstandard(raw: IO[bytes]) -> IO[bytes]:
    import zstandard

    class ZstandardStream(io.RawIOBase):
        """Decompressed data. Raises EOFError for damaged or incomplete data, as the other formats do."""

        def __init__(self) -> None:
            self.packed = self.plain = b""
            self.decoder = zstandard.ZstdDecompressor().decompressobj()

        def read(self, size: int = -1) -> bytes:
            while not self.plain and (self.packed or (packed := raw.read(BLOCK_BYTES))):
                self._decompress(self.packed or packed)
            if not self.plain and not self.decoder.eof:
                raise EOFError("the end is missing")
            out, self.plain = self.plain[:size], self.plain[size:]
            return out

        def _decompress(self, packed: bytes) -> None:
            if self.decoder.eof:  # a file may consist of several frames
                self.decoder = zstandard.ZstdDecompressor().decompressobj()
            try:
                self.plain = self.decoder.decompress(packed)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            self.packed = self.decoder.unused_data if self.decoder.eof else b""

    return cast(IO[bytes], ZstandardStream())


def _unzip(name: str, raw: IO[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw.read())) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX")]
        if "[Content_Types].xml" in members:
            raise DataError(f"{name}: is an Office document, not a text table.", "Save the sheet as CSV.")
        if len(members) != 1:
            shown = ", ".join(members[:5]) or "nothing"
            raise DataError(f"{name}: holds {len(members)} files ({shown}), not one.", "Unpack the file to read.")
        try:
            with archive.open(members[0]) as stream:
                return _read_lines(name, stream)
        except RuntimeError as error:
            raise DataError(f"{name}: is encrypted.", "Unpack it first.") from error


def _read_lines(name: str, stream: IO[bytes]) -> bytes:
    """All bytes of `stream`. Stops at a line longer than MAX_LINE_BYTES, before it fills the memory."""
    blocks: list[bytes] = []
    line_bytes = 0
    while block := stream.read(BLOCK_BYTES):
        blocks.append(block)
        line_end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        line_bytes = line_bytes + len(block) if line_end < 0 else len(block) - line_end
        if line_bytes > MAX_LINE_BYTES:
            raise DataError(
                f"{name}: a line is longer than {MAX_LINE_BYTES >> 20} MB, so this is not a table.",
                "Check that each row ends with a line end.",
            )
    return b"".join(blocks)


def _read_parquet(name: str, data: bytes) -> pd.DataFrame:
    import pandas as pd
    import pyarrow

    try:
        return pd.read_parquet(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        first_line = str(error).splitlines()[0] if str(error) else "unreadable"
        raise DataError(f"{name}: the Parquet file is damaged ({first_line}).", "Fetch the file again.") from error
