"""A file that cannot be read gives an error that names the file, the place and the remedy."""

from __future__ import annotations

import builtins
import gzip
import io
import lzma
import resource
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
import zstandard

from forecast_cli.cli.screen import with_flags
from forecast_cli.errors import DataError, ExitCode, UsageError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel

DAILY = "ds,y\n" + "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 29))
NOISE = bytes(range(256)) * 20

Refusal = Callable[..., DataError]


@pytest.fixture
def refusal(tmp_path: Path) -> Refusal:
    """Write a file, read it, and return the error."""

    def write_and_read(content: str | bytes, config: ReadConfig | None = None) -> DataError:
        path = tmp_path / "sales.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(DataError) as caught:
            read_panel(str(path), config or ReadConfig())
        assert caught.value.exit_code == ExitCode.DATA
        assert caught.value.message.startswith(f"{path}: ")
        assert "\n" not in caught.value.message
        return caught.value

    return write_and_read


@pytest.mark.parametrize(
    ("content", "words", "remedy"),
    [
        pytest.param("", "is empty", "", id="empty"),
        pytest.param("  \n\n", "is empty", "", id="blank"),
        pytest.param("ds,y\n", "header and no rows", "", id="header only"),
        pytest.param("ds,y\n2024-01-01,5\n", "one row", "", id="one row"),
        pytest.param("a,b\nx,y\nz,w\n", "no column holds numbers", "--delimiter", id="no numbers"),
        pytest.param("a~b\n2024-01-01~5\n2024-01-02~6\n", "2024-01-01~5", "--delimiter", id="odd delimiter"),
        pytest.param(DAILY.replace(",9\n", ",nine\n"), "row 10, column 'y': 'nine'", "--value-column", id="text"),
        pytest.param(DAILY.replace(",9\n", ",inf\n"), "row 10, column 'y': 'inf' is infinite", "", id="infinite"),
        pytest.param(DAILY.replace(",9\n", ",-1.7e308\n"), "'-1.7e308' is too large to", "", id="no missing value"),
        pytest.param(DAILY.replace(",9\n", ",1e999\n"), "row 10, column 'y': '1e999' is infinite", "", id="huge"),
        pytest.param(DAILY.replace("01-09", "02-30"), "row 10, column 'ds': '2024-02-30'", "--date-column", id="day"),
        pytest.param(DAILY.replace("2024-01-09", ""), "row 10, column 'ds': the date is missing", "", id="no date"),
        pytest.param("ds,y\n2024-01-01,\n2024-01-02,NA\n", "every value is missing", "--value-column", id="missing"),
        pytest.param(
            "from,to,y\n2024-01-01,2024-02-01,1\n2024-02-01,2024-03-01,2\n",
            "'from' (2024-01-01) and 'to' (2024-02-01)",
            "--date-column",
            id="two dates",
        ),
        pytest.param(
            "t,y\n2024-01-01T00:00Z,1\n2024-01-01T01:00,2\n", "row 3 has none", "", id="mixed zones"
        ),
        pytest.param(
            "t,y\n" + "".join(f"01/0{i}/2024,{i}\n" for i in range(1, 8)),
            "'01/01/2024' could have the day or the month first",
            "--day-first",
            id="day or month",
        ),
        pytest.param("ds,y\n2024-01-01,1\n2024-01-02,2,5\n", "row 3 has 3 fields", "--delimiter", id="uneven"),
        pytest.param("ds,y\n2024-01,1,5\n2024-02,2,5\n", "row 2 has 3 fields", "decimal comma", id="decimal comma"),
        pytest.param('ds,y\n2024-01-01,1\n2024-01-02,"2\n', "cannot be split", "quote", id="open quote"),
        pytest.param(
            "id,ds,sold,price\n" + "".join(f"{i},2024-01-0{d},{d},{d}.5\n" for i in "ab" for d in range(1, 6)),
            "'sold', 'price'",
            "--value-column",
            id="two values",
        ),
        pytest.param(
            "ds,north,red,y\n" + "".join(f"2024-01-0{d},{a}1,{a}{d},{d}\n" for a in "ab" for d in range(1, 6)),
            "'north' (a1), 'red' (a1)",
            "--id-column",
            id="two ids",
        ),
        pytest.param("id,t,y\na,2024-01-01,1\n,2024-01-01,2\n", "row 3, column 'id': the series id", "", id="no id"),
        pytest.param("V1,V2,V3\nH1,5,6\nH2,6,7\n", "'H1' is neither a date", "one series per row", id="wide rows"),
        pytest.param("ds,y\n2024-01-01 00:00:00,1\n2024-01-01 00:00:01,2\n2024-01-01 00:00:02,2\n2034-01-01,3\n",
                     "in steps of s", "--freq", id="a date far off"),
        pytest.param(NOISE, "is binary", "", id="binary"),
        pytest.param(b"%PDF-1.7 ...", "PDF", "", id="PDF"),
        pytest.param('[{"ds": "2024-01-01", "y": 1}]', "JSON", "", id="JSON"),
        pytest.param(gzip.compress(DAILY.encode())[:-9], "damaged", "", id="cut gzip"),
        pytest.param(lzma.compress(DAILY.encode())[:-9], "damaged", "", id="cut xz"),
        pytest.param(zstandard.compress(DAILY.encode())[:-9], "damaged", "", id="cut zstd"),
        pytest.param(b"PK\x03\x04" + NOISE, "damaged", "", id="broken zip"),
        pytest.param(b"PAR1" + NOISE, "Parquet", "", id="broken Parquet"),
    ],
)  # fmt: skip
def test_an_error_names_the_place_and_the_remedy(
    refusal: Refusal, content: str | bytes, words: str, remedy: str
) -> None:
    error = refusal(content)
    assert words in error.message
    assert error.hint is not None
    assert remedy in with_flags(error.hint)


@pytest.mark.parametrize(
    ("content", "config", "words"),
    [
        (DAILY, ReadConfig(date_column="when"), "has no column 'when'; its columns are ds, y"),
        (DAILY, ReadConfig(value_columns=("z",)), "has no column 'z'"),
        (DAILY, ReadConfig(id_columns=("z",)), "has no column 'z'"),
        (DAILY, ReadConfig(value_columns=("ds",)), "'2024-01-01' is not a number"),
        (DAILY, ReadConfig(delimiter=";"), "no column holds numbers"),
        ("Costs\n" + DAILY.replace(",", ",~").replace("~y", "y"), ReadConfig(), "column 'y': '~1' is not a number"),
        (DAILY.replace("y", "é").encode("latin-1"), ReadConfig(encoding="utf-8"), "is not utf-8 text"),
        (DAILY, ReadConfig(layout="long"), "no column identifies the series"),
        (DAILY, ReadConfig(encoding="klingon"), "no encoding 'klingon'"),
        ("a,y\nx,1\nz,2\n", ReadConfig(date_column="a"), "'x' is not a date"),
        ("1\n2\n3\n", ReadConfig(freq="MS"), "has no dates, but steps of MS are required"),
        (DAILY, ReadConfig(freq="step"), "has dates, but step numbers are required"),
        (DAILY.replace("09,9", "08,9"), ReadConfig(on_duplicate="error"), "1 repeated timestamp, first 2024-01-08"),
        (DAILY.replace("2024-01-09,9\n", ""), ReadConfig(on_gap="error"), "1 step without a value, first 2024-01-09"),
        (DAILY, ReadConfig(freq="W-SUN", on_duplicate="error"), "24 repeated timestamps on the time grid of W-SUN"),
        (DAILY, ReadConfig(freq="W-SUN", on_irregular="error"), "off the time grid of W-SUN, first 2024-01-01"),
    ],
)  # fmt: skip
def test_an_option_that_does_not_fit_the_file_is_an_error(
    refusal: Refusal, content: str | bytes, config: ReadConfig, words: str
) -> None:
    assert words in refusal(content, config).message


@pytest.mark.parametrize("cell", ["<118", "118*", "[118]", "118 h", "1,118 kWh", "DM 118"])
@pytest.mark.parametrize("name", ["y", "passengers"])
def test_decorated_numbers_have_an_error_of_their_own(refusal: Refusal, name: str, cell: str) -> None:
    rows = [f"2024-01-0{day};{cell.replace('8', str(9 - day))}\n" for day in range(1, 9)]
    error = refusal(f"ds;{name}\n" + "".join(rows))
    assert f"row 2, column '{name}': '{cell}' is not a number" in error.message
    assert error.hint is not None
    assert "percent signs, units and brackets" in error.hint


@pytest.mark.parametrize("option", ["layout", "on_gap", "on_duplicate", "on_irregular"])
def test_an_unknown_policy_is_a_usage_error(option: str) -> None:
    with pytest.raises(UsageError, match=f"{option.replace('_', '-')} maybe: must be one of"):
        replace(ReadConfig(), **{option: "maybe"})


def test_an_unknown_frequency_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(DAILY)
    with pytest.raises(UsageError, match="freq sometimes"):
        read_panel(str(tmp_path / "a.csv"), ReadConfig(freq="sometimes"))


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_panel(str(tmp_path / "absent.csv"), ReadConfig())
    with pytest.raises(DataError, match="is a directory"):
        read_panel(str(tmp_path), ReadConfig())


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the operating system is simulated, because root may read every file."""
    opened = builtins.open

    def guarded(file: Any, *args: Any, **options: Any) -> IO[Any]:
        if str(file).endswith("secret.csv"):
            raise PermissionError(13, "Permission denied")
        return opened(file, *args, **options)

    monkeypatch.setattr(builtins, "open", guarded)
    with pytest.raises(DataError, match="no permission"):
        read_panel(str(tmp_path / "secret.csv"), ReadConfig())


def test_a_zip_with_several_files(refusal: Refusal) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", DAILY)
        archive.writestr("b.csv", DAILY)
    assert "holds 2 files (a.csv, b.csv)" in refusal(packed.getvalue()).message


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """A sparse file and a compressed file of a gigabyte in one line: neither is held in memory as a whole."""
    size = 1 << 30
    sparse = tmp_path / "sparse.csv"
    with sparse.open("wb") as file:
        file.truncate(size)
    packed = tmp_path / "packed.csv"
    block = b"1" * (1 << 20)
    with gzip.open(packed, "wb", compresslevel=1) as file:
        for _ in range(size >> 22):
            file.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in (sparse, packed):
        with pytest.raises(DataError, match="a line is longer than"):
            read_panel(str(path), ReadConfig())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
