"""From a path to bytes in UTF-8: what the file is, told by its first bytes and never by its name."""

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

BLOCK = 1 << 20
MAX_LINE = 16 << 20
"""Bytes in the longest line taken for honest; 100,000 columns of a wide file need about a tenth of it."""


@dataclass(frozen=True)
class Source:
    """What a file holds: text (UTF-8, line ends as they were), or the frame of a Parquet file."""

    name: str
    text: bytes = b""
    frame: pd.DataFrame | None = None


def read_source(source: str, encoding: str | None = None) -> Source:
    """The content of the file at `source`, or of standard input where that is "-".

    Raises DataError where it cannot be opened, unpacked or decoded, or is no text table.
    """
    name = "standard input" if source == STDIN else source
    try:
        with _open(source) as raw:
            head = raw.peek(16)[:16]
            if head.startswith(b"PAR1"):
                return Source(name, frame=_parquet(name, raw.read()))
            data = _unpacked(name, head, raw)
    except (OSError, ValueError) as error:
        raise _unopened(name, error) from error
    return Source(name, as_utf8(name, data, encoding))


def _open(source: str) -> io.BufferedReader:
    if source == STDIN:
        return io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer), BLOCK)
    return io.BufferedReader(open(source, "rb", buffering=0), BLOCK)


def _unopened(name: str, error: OSError | ValueError) -> DataError:
    match error:
        case FileNotFoundError():
            return DataError(f"{name}: no such file.", "Check the path; `-` reads standard input.")
        case IsADirectoryError():
            return DataError(f"{name}: is a directory.", "Name a file in it.")
        case PermissionError():
            return DataError(f"{name}: no permission to read it.", "Ask for read access, or copy the file.")
    return DataError(f"{name}: cannot be read ({error}).")


def _unpacked(name: str, head: bytes, raw: IO[bytes]) -> bytes:
    """The bytes of `raw`, uncompressed; a line beyond all reason stops the reading early."""
    unpack = _decompressor(head)
    try:
        if head.startswith(b"PK\x03\x04"):
            return _unzipped(name, raw)
        if unpack is None:
            return _read_lines(name, raw)
        with closing(unpack(raw)) as stream:
            return _read_lines(name, stream)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise DataError(
            f"{name}: the compressed data is damaged or cut short ({error}).", "Fetch the file again."
        ) from error


def _decompressor(head: bytes) -> Callable[[IO[bytes]], IO[bytes]] | None:
    if head.startswith(b"\x1f\x8b"):
        import gzip

        return lambda raw: cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if head.startswith(b"\xfd7zXZ\x00"):
        return lambda raw: cast(IO[bytes], lzma.LZMAFile(raw))
    if head.startswith(b"BZh"):
        import bz2

        return lambda raw: cast(IO[bytes], bz2.BZ2File(raw))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _zstandard
    return None


def _zstandard(raw: IO[bytes]) -> IO[bytes]:
    import zstandard

    class Checked(io.RawIOBase):
        """A stream that reports damage as the other formats do, and a missing end as well."""

        def __init__(self) -> None:
            self.packed = self.plain = b""
            self.decoder = zstandard.ZstdDecompressor().decompressobj()

        def read(self, size: int = -1) -> bytes:
            while not self.plain and (self.packed or (packed := raw.read(BLOCK))):
                self._unpack(self.packed or packed)
            if not self.plain and not self.decoder.eof:
                raise EOFError("the end is missing")
            out, self.plain = self.plain[:size], self.plain[size:]
            return out

        def _unpack(self, packed: bytes) -> None:
            if self.decoder.eof:  # one frame may follow the other
                self.decoder = zstandard.ZstdDecompressor().decompressobj()
            try:
                self.plain = self.decoder.decompress(packed)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            self.packed = self.decoder.unused_data if self.decoder.eof else b""

    return cast(IO[bytes], Checked())


def _unzipped(name: str, raw: IO[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw.read())) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX")]
        if "[Content_Types].xml" in members:
            raise DataError(f"{name}: is an Office document, not a text table.", "Save the sheet as CSV.")
        if len(members) != 1:
            shown = ", ".join(members[:5]) or "nothing"
            raise DataError(
                f"{name}: holds {len(members)} files ({shown}), and one is wanted.", "Unpack the one to read."
            )
        try:
            with archive.open(members[0]) as stream:
                return _read_lines(name, stream)
        except RuntimeError as error:
            raise DataError(f"{name}: is encrypted.", "Unpack it first.") from error


def _read_lines(name: str, stream: IO[bytes]) -> bytes:
    blocks: list[bytes] = []
    line = 0
    while block := stream.read(BLOCK):
        blocks.append(block)
        line_end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        line = line + len(block) if line_end < 0 else len(block) - line_end
        if line > MAX_LINE:
            raise DataError(
                f"{name}: a line is longer than {MAX_LINE >> 20} MB; this is not a table of rows.",
                "Check that rows end with a line end.",
            )
    return b"".join(blocks)


def _parquet(name: str, data: bytes) -> pd.DataFrame:
    import pandas as pd
    import pyarrow

    try:
        return pd.read_parquet(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        first_line = str(error).splitlines()[0] if str(error) else "unreadable"
        raise DataError(f"{name}: the Parquet file is damaged ({first_line}).", "Fetch the file again.") from error
