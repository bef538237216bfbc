"""From a path to bytes in UTF-8: what the file is, told by its first bytes and never by its name."""

from __future__ import annotations

import codecs
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

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 1 << 20
MAX_LINE = 16 << 20
"""Bytes in the longest line taken for honest; 100,000 columns of a wide file need about a tenth of it."""

BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_TABLES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
)
LIKELY_ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
]


@dataclass(frozen=True)
class Source:
    """What a file holds: text (UTF-8, line ends as they were), or the frame of a Parquet file.

    encoding: the one the text was stored in
    """

    name: str
    text: bytes = b""
    encoding: str = "utf-8"
    frame: pd.DataFrame | None = None


def read_source(source: str, encoding: str | None = None) -> Source:
    """The content of the file at `source`, or of standard input where that is "-".

    Raises DataError where it cannot be opened, unpacked or decoded, or is no text table.
    """
    name = "standard input" if source == "-" else source
    try:
        with _open(source) as raw:
            head = raw.peek(16)[:16]
            if head.startswith(b"PAR1"):
                return Source(name, frame=_parquet(name, raw.read()))
            data = _unpacked(name, head, raw)
    except (OSError, ValueError) as error:
        raise _unopened(name, error) from error
    text, used = _as_utf8(name, data, encoding)
    return Source(name, text, used)


def _open(source: str) -> io.BufferedReader:
    if source == "-":
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
            self.left = b""
            self.decoder = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)

        def read(self, size: int = -1) -> bytes:
            try:
                while not self.left:
                    block = raw.read(BLOCK)
                    if not block:
                        return self._end()
                    self.left = self.decoder.decompress(block)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            out, self.left = self.left[:size], self.left[size:]
            return out

        def _end(self) -> bytes:
            if not self.decoder.eof:
                raise EOFError("the end is missing")
            return b""

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
        raise DataError(
            f"{name}: the Parquet file is damaged ({first_line}).", "Fetch the file again."
        ) from error


def _as_utf8(name: str, data: bytes, encoding: str | None) -> tuple[bytes, str]:
    """`data` as UTF-8 without byte-order mark, and the encoding it was in."""
    marked = next((e for mark, e in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    _refuse_binary(name, data, marked or encoding)
    chosen = encoding or marked or _unmarked_encoding(data)
    if chosen == "utf-8":
        return data, chosen
    if chosen.lower().replace("_", "-") in ("utf-8", "utf8"):
        chosen = "utf-8-sig"
    try:
        text = data.decode(chosen)
    except LookupError as error:
        raise DataError(
            f"{name}: there is no encoding '{chosen}'.", "Give --encoding utf-8 or cp1252."
        ) from error
    except UnicodeError as error:
        raise DataError(
            f"{name}: is not {chosen} text ({error}).", "Give the right one with --encoding."
        ) from error
    return text.encode("utf-8", "replace"), chosen.removesuffix("-sig")


def _refuse_binary(name: str, data: bytes, encoding: str | None) -> None:
    kind = next((kind for magic, kind in NOT_TABLES if data.startswith(magic)), None)
    if kind is None and encoding is None and b"\0" in data and _utf16(data) is None:
        kind = "binary"
    if kind is not None:
        raise DataError(f"{name}: is {kind}, not a text table.", "Save the data as CSV or Parquet.")


def _unmarked_encoding(data: bytes) -> str:
    if wide := _utf16(data):
        return wide
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed_encoding(data)
    return "utf-8"


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: in a table, mostly of digits, every other byte is zero."""
    even, odd = data[:4096:2], data[1:4096:2]
    if b"\0" not in data:
        return None
    if odd and odd.count(0) > 0.9 * len(odd) and 0 not in even:
        return "utf-16-le"
    if even and even.count(0) > 0.9 * len(even) and 0 not in odd:
        return "utf-16-be"
    return None


def _guessed_encoding(data: bytes) -> str:
    from charset_normalizer import from_bytes

    first = next(i for i, byte in enumerate(data) if byte > 127)
    sample = data[max(0, first - BLOCK // 16) : first + BLOCK // 16]
    best = from_bytes(sample, cp_isolation=LIKELY_ENCODINGS).best()
    guess = best.encoding if best is not None else "cp1252"
    try:
        data.decode(guess)
    except UnicodeError:
        return "latin-1"
    return guess
