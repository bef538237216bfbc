"""A file that does not fit into the memory: refused with exit code 5, never a crash, whatever its format."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.cli import run
from forecast_cli.errors import DataError
from forecast_cli.panel import reading
from forecast_cli.panel.reading import read_panel
from tests.trained_model import TrainedModel

LIMITED = """
import resource, sys
import onnxruntime, pandas, pyarrow.parquet, zstandard
from forecast_cli.cli import run
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
most = used + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
sys.exit(run(["inspect", "--quiet", sys.argv[2]]))
"""
"""Inspects a file with a limited number of MB in addition to those of the program."""
ROWS = 600_000


def csv_text() -> bytes:
    days = np.datetime_as_string(np.datetime64("2020-01-01") + np.arange(1000))
    values = np.random.default_rng(1).normal(size=ROWS).tolist()
    return ("id,date,y\n" + "".join(f"s{i // 1000},{days[i % 1000]},{y!r}\n" for i, y in enumerate(values))).encode()


def write_csv(path: Path) -> None:
    path.write_bytes(csv_text())


def write_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(csv_text(), 1))


def write_zstandard(path: Path) -> None:
    import zstandard

    path.write_bytes(zstandard.ZstdCompressor(1).compress(csv_text()))


def write_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = np.arange(ROWS)
    day = np.datetime64("2020-01-01", "ms") + at % 1000 * 86_400_000
    pq.write_table(pa.table({"id": at // 1000, "date": day, "y": np.random.default_rng(1).normal(size=ROWS)}), path)


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_csv, write_gzip, write_zstandard, write_parquet])
def test_a_file_that_is_too_large_for_the_memory_is_refused(write: object, tmp_path: Path) -> None:
    path = tmp_path / "data"
    write(path)  # type: ignore[operator]
    for megabytes in (10, 40, 70, 100):
        command = [sys.executable, "-P", "-c", LIMITED, str(megabytes), str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 5, f"{megabytes} MB: {ended.returncode} {ended.stderr}"
        assert "is too large: there is not enough memory" in ended.stderr or "content is too large" in ended.stderr
        assert "Traceback" not in ended.stderr


def _fail(*_args: object) -> None:
    raise MemoryError


def test_a_lack_of_memory_is_an_error_of_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "regularise", _fail)
    path = tmp_path / "data.csv"
    path.write_text("date,y\n" + "".join(f"2020-01-{day:02d},{day}\n" for day in range(1, 20)))
    with pytest.raises(DataError, match="not enough memory") as refused:
        read_panel(str(path))
    assert "rows and columns" in (refused.value.hint or "")


def test_data_that_a_model_was_trained_on_can_be_too_large(
    monkeypatch: pytest.MonkeyPatch, airline_model: TrainedModel, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "regularise", _fail)
    assert run(["predict", "-m", str(airline_model.directory)]) == 5
    assert "not enough memory to read it" in capsys.readouterr().err


def test_a_parquet_file_that_states_too_many_columns_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    columns = b"\xe1\xa7\x12"  # 300,001 elements, the root included
    footer = b"\x15\x04\x19\xfc" + columns
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(DataError, match="has 300,000 columns"):
        read_panel(str(path))
