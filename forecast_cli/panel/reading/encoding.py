"""Convert the bytes of a text file to UTF-8. A file that is not text, such as a picture, is an error."""

from __future__ import annotations

import codecs
import logging

from forecast_cli.errors import DataError, mention

log = logging.getLogger(__name__)

SAMPLE_BYTES = 1 << 16
"""The encoding is guessed from this many bytes before the first non-ASCII byte, and as many after it."""
BLOCK_BYTES = 1 << 20
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
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
)
"""The first bytes of formats that are not text tables."""
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


def as_utf8(name: str, data: bytes, encoding: str | None) -> bytes:
    """The text `data`, converted to UTF-8 without byte-order mark.

    name:     the file's name in messages
    encoding: the encoding of `data`; None detects it

    Raises DataError if `data` is not text or not text in `encoding`, or if there is no such encoding.
    """
    marked = next((e for mark, e in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    _refuse_binary(name, data, marked or encoding)
    chosen = encoding or marked or _detect_encoding(name, data)
    if chosen == "utf-8" and encoding is None:
        return data
    if chosen.lower().replace("_", "-") in ("utf-8", "utf8"):
        chosen = "utf-8-sig"
    try:
        text = data.decode(chosen)
    except LookupError as error:
        raise DataError(
            f"{name}: there is no encoding '{chosen}'.", f"Give {mention('encoding', 'utf-8')} or cp1252."
        ) from error
    except UnicodeError as error:
        raise DataError(
            f"{name}: is not {encoding or chosen} text ({error}).", f"Give its encoding with {mention('encoding')}."
        ) from error
    return text.encode("utf-8", "replace")


def _refuse_binary(name: str, data: bytes, encoding: str | None) -> None:
    kind = next((kind for first_bytes, kind in NOT_TABLES if data.startswith(first_bytes)), None)
    if kind is None and encoding is None and b"\0" in data and _detect_utf16(data) is None:
        kind = "binary"
    if kind is not None:
        raise DataError(f"{name}: is {kind}, not a text table.", "Save the data as CSV or Parquet.")


def _detect_encoding(name: str, data: bytes) -> str:
    if utf16 := _detect_utf16(data):
        return utf16
    return "utf-8" if _is_utf8(data) else _guess_encoding(name, data)


def _is_utf8(data: bytes) -> bool:
    """Whether `data` is valid UTF-8. It is decoded block by block, to save memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), BLOCK_BYTES):
            decoder.decode(data[start : start + BLOCK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _detect_utf16(data: bytes) -> str | None:
    """The encoding of UTF-16 data without byte-order mark: "utf-16-le" or "utf-16-be"; None for other data.

    English letters in UTF-16 are pairs of a byte 0 and another byte. So the data is UTF-16 if over 90 % of all bytes at
    even positions are 0 and none at odd positions, or the reverse.
    """
    even, odd = data[:4096:2], data[1:4096:2]
    if b"\0" not in data:
        return None
    if odd and odd.count(0) > 0.9 * len(odd) and 0 not in even:
        return "utf-16-le"
    if even and even.count(0) > 0.9 * len(even) and 0 not in odd:
        return "utf-16-be"
    return None


def _guess_encoding(name: str, data: bytes) -> str:
    """The most likely encoding of text that is not UTF-8: cp1252 unless another one fits better.

    If that encoding cannot decode all of `data`, the result is latin-1. The guess is logged as a warning.
    """
    from charset_normalizer import from_bytes

    first = next(i for i, byte in enumerate(data) if byte > 127)
    sample = data[max(0, first - SAMPLE_BYTES) : first + SAMPLE_BYTES]
    matches = from_bytes(sample, cp_isolation=LIKELY_ENCODINGS)
    best = matches.best()
    western = next((match for match in matches if "cp1252" in match.could_be_from_charset), None)
    fits_better = best is not None and (western is None or best.chaos < western.chaos)
    guess = best.encoding if best is not None and fits_better else "cp1252"
    try:
        data.decode(guess)
    except UnicodeError:
        guess = "latin-1"
    log.warning("%s: is not UTF-8, read as %s (%s sets it)", name, guess, mention("encoding"))
    return guess
