"""Decompress files: gzip, bzip2, xz, zstd, and zip archives with exactly one file."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from typing import IO, Any, cast

from forecast_cli.errors import DataError

BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 16 << 20
"""A file with a longer line is not a table. A table with 100,000 columns has lines of about a tenth of this length."""
FREE_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES = 8 << 20, 250, 2 << 30
"""Limits for the size of decompressed content. The largest size is FREE_BYTES, or MAX_RATIO times the size of the
compressed file if that is more; but never above MAX_UNPACKED_BYTES. Tables of series stay below this ratio: even zeros
shrink only to about 1 %."""
ZSTANDARD_BYTES = 256
"""How many compressed bytes are unpacked at once: 4 of them can become 128 KB."""
ZIP = b"PK\x03\x04"
"""The first bytes of a zip archive."""


def unpack(name: str, head: bytes, raw: IO[bytes]) -> bytes:
    """The decompressed bytes of `raw`; uncompressed data is returned as it is.

    name: the file's name in messages
    head: the first bytes of the file, which show how it is compressed
    raw:  the file, to be read from its start: it still contains `head`

    Raises DataError if the compressed data is damaged, if a line or the content is too long, or if a zip archive is
    encrypted or does not have exactly one file.
    """
    decompress = _decompressor(head)
    try:
        if head.startswith(ZIP):
            return _unzip(name, raw)
        if decompress is None:
            return _read_lines(name, raw)
        packed = _Counted(raw)
        with closing(decompress(cast(IO[bytes], packed))) as stream:
            return _read_lines(name, stream, packed)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise DataError(
            f"{name}: the compressed data are damaged or incomplete ({error}).", "Fetch the file again."
        ) from error


def most_unpacked(packed: int) -> int:
    """The most bytes that a compressed file of `packed` bytes may hold."""
    return min(MAX_UNPACKED_BYTES, max(FREE_BYTES, MAX_RATIO * packed))


def _decompressor(head: bytes) -> Callable[[IO[bytes]], IO[bytes]] | None:
    """The function that opens a compressed stream, chosen by its first bytes `head`.

    Returns None for uncompressed data and for zip archives.
    """
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
        """A stream of decompressed bytes. Reading damaged or incomplete data raises EOFError, as with gzip."""

        def __init__(self) -> None:
            self.packed = self.plain = b""
            self.at = 0
            self.decoder = zstandard.ZstdDecompressor().decompressobj()

        def read(self, size: int = -1) -> bytes:
            while not self.plain and self._has_packed():
                self._decompress(self.packed[self.at : self.at + ZSTANDARD_BYTES])
            if not self.plain and not self.decoder.eof:
                raise EOFError("the end is missing")
            out, self.plain = self.plain[:size], self.plain[size:]
            return out

        def _has_packed(self) -> bool:
            if self.at == len(self.packed):
                self.packed, self.at = raw.read(BLOCK_BYTES), 0
            return bool(self.packed)

        def _decompress(self, packed: bytes) -> None:
            if self.decoder.eof:  # a file may consist of several frames
                self.decoder = zstandard.ZstdDecompressor().decompressobj()
            try:
                self.plain = self.decoder.decompress(packed)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            self.at += len(packed) - (len(self.decoder.unused_data) if self.decoder.eof else 0)

    return cast(IO[bytes], ZstandardStream())


def _unzip(name: str, raw: IO[bytes]) -> bytes:
    packed = _Counted(raw)
    with zipfile.ZipFile(io.BytesIO(packed.read())) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX")]
        if "[Content_Types].xml" in members:
            raise DataError(f"{name}: is an Office document, not a text table.", "Save the sheet as CSV.")
        if len(members) != 1:
            shown = ", ".join(members[:5]) or "nothing"
            raise DataError(f"{name}: holds {len(members)} files ({shown}), not one.", "Unpack the file to read.")
        try:
            with archive.open(members[0]) as stream:
                return _read_lines(name, stream, packed)
        except RuntimeError as error:
            raise DataError(f"{name}: is encrypted.", "Unpack it first.") from error


class _Counted(io.RawIOBase):
    """A stream that counts the bytes that were read from it.

    number: how many bytes were read
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.number = 0

    def read(self, size: int = -1) -> bytes:
        block = self._raw.read(size)
        self.number += len(block)
        return block

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _read_lines(name: str, stream: IO[bytes], packed: _Counted | None = None) -> bytes:
    """Read all bytes of `stream`.

    packed: the compressed stream that `stream` decompresses; None if the file is not compressed

    Raises DataError if a line is longer than MAX_LINE_BYTES, or if decompressed content is larger than `most_unpacked`
    allows. Both are checked while reading, before the content fills the memory.
    """
    content = io.BytesIO()
    line_bytes = 0
    while block := stream.read(BLOCK_BYTES):
        content.write(block)
        if packed is not None and content.tell() > most_unpacked(packed.number):
            raise DataError(
                f"{name}: its content is suspiciously large: more than {MAX_UNPACKED_BYTES >> 30} GB, or more than "
                f"{FREE_BYTES >> 20} MB and {MAX_RATIO} times the size of the file.",
                "If you trust its source, unpack it first.",
            )
        line_end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        line_bytes = line_bytes + len(block) if line_end < 0 else len(block) - line_end
        if line_bytes > MAX_LINE_BYTES:
            raise DataError(
                f"{name}: a line is longer than {MAX_LINE_BYTES >> 20} MB, so this is not a table.",
                "Check that each row ends with a line end.",
            )
    return content.getvalue()
