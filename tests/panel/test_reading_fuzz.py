"""Damaged files of every format: the reader gives a panel that holds together, or says what is wrong."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard

from forecast_cli.errors import DataError, UsageError
from forecast_cli.panel.reading import read_panel

SEEDS, PARTS = 2000, 20
MAX_SECONDS = 5
DIALECTS = ((",", "."), (";", ","), ("\t", "."), ("|", "."), (";", "."))
DATES = ("2024-{m:02d}-{d:02d}", "{d:02d}.{m:02d}.2024", "{m:02d}/{d:02d}/2024", "2024{m:02d}{d:02d}", "{d} Jan 2024")
WEIRD = (
    *('"', "'", ",", ";", "\n", "\r", "\0", "\t", "\ufeff", "−", "\u202e", "\x1b[31m", "٣", "½", "∞", "é" * 50),
    *("1e999", "-1e308", "9" * 400, "1,234,234", "nan", "-inf", "0x10", "1_000", "2024-02-30", "99999-01-01"),
    *("a" * 3000, " " * 3000, '"' * 9, "\n" * 50, ",,,,", "--", "#", "=1+1", "31/31/31", "24:00", "()", "1 2 3"),
)
PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    gzip.compress,
    bz2.compress,
    lzma.compress,
    zstandard.ZstdCompressor().compress,
)


def table(chance: random.Random) -> str:
    """A file in one of several dialects and layouts, with ids or without."""
    delimiter, mark = chance.choice(DIALECTS)
    date = chance.choice(DATES)
    layout = chance.choice(["long", "wide", "one", "numbers"])
    days = [date.format(d=day, m=1) for day in range(1, chance.choice([3, 12, 25]))]

    def number() -> str:
        return f"{chance.uniform(-9, 999):.2f}".replace(".", mark)

    match layout:
        case "long":
            rows = [["id", "date", "y"], *([name, day, number()] for name in ("a", "b", "c/d") for day in days)]
        case "wide":
            rows = [["date", "a", "b", "c"], *([day, number(), number(), number()] for day in days)]
        case "one":
            rows = [["date", "y"], *([day, number()] for day in days)]
        case _:
            rows = [["y"], *([number()] for _ in days)]
    if chance.random() < 0.2:
        rows = rows[1:]
    return chance.choice(["\n", "\r\n", "\n", "\r"]).join(delimiter.join(row) for row in rows)


def damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice([0, 1, 1, 2, 5, 20])):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(5):
            case 0:
                text = text[:at] + text[at + chance.randrange(1, 30) :]
            case 1:
                text = text[:at] + text[max(0, at - 40) : at] * chance.choice([1, 2, 20]) + text[at:]
            case 2:
                lines = text.split("\n")
                chance.shuffle(lines)
                text = "\n".join(lines)
            case _:
                text = text[:at] + chance.choice(WEIRD) + text[at:]
    return text


def parquet(chance: random.Random) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = chance.choice([1, 12, 40])
    days = np.datetime64("2024-01-01") + np.arange(size)
    columns = {
        "date": pa.array(days) if chance.random() < 0.7 else pa.array([str(day) for day in days]),
        "y": pa.array(np.array([chance.uniform(-9, 9) for _ in range(size)]).astype(chance.choice(["f4", "f8", "i8"]))),
        chance.choice(["id", "x", "\x1b", "d" * 2000]): pa.array(["s"] * size).dictionary_encode(),
    }
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, compression=chance.choice(["none", "zstd", "snappy"]))
    return target.getvalue()


def content(seed: int) -> bytes:
    chance = random.Random(seed)
    kind = chance.random()
    if kind < 0.06:
        packed = parquet(chance)
    else:
        text = damaged(table(chance), chance)
        encoding = chance.choice(["utf-8", "utf-8", "utf-8", "cp1252", "utf-16", "utf-8-sig"])
        packed = text.encode(encoding, "replace")
        if kind < 0.25:
            packed = chance.choice(PACKERS)(packed)
    if kind < 0.25 and chance.random() < 0.5:
        broken = bytearray(packed)
        for _ in range(chance.choice([1, 3, 30])):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        packed = bytes(broken[: chance.randrange(len(broken))] if chance.random() < 0.3 else broken)
    return packed


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.filterwarnings("ignore")
def test_any_file_is_read_or_refused(part: int, tmp_path: Path) -> None:
    path = tmp_path / "data"
    for seed in range(part, SEEDS, PARTS):
        path.write_bytes(content(seed))
        started = time.process_time()
        try:
            panel = read_panel(str(path))
        except (DataError, UsageError):
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
        finally:
            assert time.process_time() - started < MAX_SECONDS, seed
        assert len(set(panel.ids.tolist())) == len(panel.ids), seed
        for start, end in zip(panel.indptr[:-1], panel.indptr[1:], strict=True):
            assert (np.diff(panel.times[start:end].astype(np.int64)) > 0).all(), seed
