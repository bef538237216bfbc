"""Files that ask for far more memory or time than their size are refused, and say why; ordinary ones are read."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zstandard

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.reading import read_panel

ROWS = [f"s{i},2020-01-{day:02d},{day}\n" for i in range(400) for day in range(1, 11)]
HEADER = "id,date,y\n"
INSPECT = [sys.executable, "-P", "-m", "forecast_cli", "inspect", "--quiet"]


def written(folder: Path, text: str) -> str:
    path = folder / "data.csv"
    path.write_text(text)
    return str(path)


def with_quotes(first: int, last: int) -> str:
    """The rows with a quote before the id in one row, and a quote after the id in a later one."""
    rows = ROWS.copy()
    rows[first] = '"' + rows[first]
    rows[last] = rows[last].replace(",", '",', 1)
    return HEADER + "".join(rows)


@pytest.mark.parametrize(("first", "last"), [(1000, 1002), (1000, 1010), (1000, 3000)])
def test_a_misplaced_quote_that_swallows_rows_is_refused(tmp_path: Path, first: int, last: int) -> None:
    with pytest.raises(DataError, match=f"row {first + 2}: .*line breaks") as refused:
        read_panel(written(tmp_path, with_quotes(first, last)))
    assert "quote that is never closed" in (refused.value.hint or "")


def test_remarks_with_line_breaks_are_read_and_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    remark = '"dear all,\nthe shop was closed, sorry\nyours"'
    rows = [f"2020-01-{day:02d},{day},{remark if day == 3 else ''}\n" for day in range(1, 13)]
    panel = read_panel(written(tmp_path, "date,y,remark\n" + "".join(rows)))
    assert panel.values.tolist() == list(range(1, 13))
    assert "row 4: a cell has line breaks" in caplog.text


def test_the_row_in_a_message_counts_line_breaks_in_cells_above(tmp_path: Path) -> None:
    rows = ['2020-01-01,1,"a\nb"\n', "2020-01-02,2,\n", "2020-01-03,oops,\n"]
    rows += [f"2020-01-{day:02d},{day},\n" for day in range(4, 20)]
    with pytest.raises(DataError, match="row 5, column 'y'"):
        read_panel(written(tmp_path, "date,y,remark\n" + "".join(rows)))


@pytest.mark.parametrize(("length", "refused"), [(1000, False), (1001, True)])
def test_ids_and_column_names_have_at_most_1000_characters(tmp_path: Path, length: int, refused: bool) -> None:
    long_id = "".join(ROWS).replace("s7,", "s" * length + ",")
    wide = f"date,{'y' * length},z\n" + "".join(f"2020-01-{day:02d},{day},1\n" for day in range(1, 11))
    for text in (HEADER + long_id, wide):
        if refused:
            with pytest.raises(DataError, match="a name has 1,001 characters"):
                read_panel(written(tmp_path, text))
        else:
            assert max(map(len, read_panel(written(tmp_path, text)).ids)) == length


def test_no_array_is_as_wide_as_the_longest_id(tmp_path: Path) -> None:
    ids = read_panel(written(tmp_path, HEADER + "".join(ROWS).replace("s7,", "s" * 900 + ","))).ids
    assert ids.dtype.itemsize <= 8
    assert len(ids) == 400


@pytest.mark.parametrize(
    "header", ["date" + ",y" * 300_000, "\n" * 7 + "date" + ",y" * 300_000, "date" + ',"y\n"' * 300_000]
)
def test_a_file_of_300_000_columns_is_refused(header: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has 300,001 columns"):
        read_panel(written(tmp_path, header + "\n" + "2020-01-01" + ",1" * 300_000 + "\n"))


def test_a_wide_file_of_3000_columns_is_read(tmp_path: Path) -> None:
    names = ",".join(f"s{i}" for i in range(3000))
    rows = "".join(f"2020-01-{day:02d}" + ",1" * 3000 + "\n" for day in range(1, 8))
    assert len(read_panel(written(tmp_path, f"date,{names}\n{rows}")).ids) == 3000


def zstd_of_rows(path: Path) -> None:
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as stream:
        for _ in range(500):
            stream.write(b"1,2\n" * (1 << 18))


def gzip_of_line_ends(path: Path) -> None:
    with gzip.open(path, "wb") as stream:
        for _ in range(1000):
            stream.write(b"\n" * (1 << 20))


def zip_of_rows(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as stream:
        for _ in range(500):
            stream.write(b"1,2\n" * (1 << 18))


def sheet_to_the_last_cell(path: Path) -> None:
    write_workbook(path, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def write_workbook(path: Path, rows: str) -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    link = f'<Relationship Id="rId1" Type="{office}/%s" Target="%s"/>'
    links = f'<Relationships xmlns="{package}/relationships">{link}</Relationships>'
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": links % ("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": links % ("worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{first}{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def parquet_of_a_constant(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, dtype=np.int32)), pa.array(["x" * 100_000]))
    pq.write_table(pa.table({"id": column}), path, compression="zstd")


@pytest.mark.slow
@pytest.mark.parametrize(
    "write", [zstd_of_rows, gzip_of_line_ends, zip_of_rows, sheet_to_the_last_cell, parquet_of_a_constant]
)
def test_a_file_that_unpacks_to_far_more_than_its_size_is_refused(write: object, tmp_path: Path) -> None:
    path = tmp_path / "data"
    write(path)  # type: ignore[operator]
    assert path.stat().st_size < 4_000_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    ended = subprocess.run(
        [*INSPECT, str(path)], capture_output=True, text=True, timeout=120, preexec_fn=limit, check=False
    )
    assert ended.returncode == 5, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "panicked" not in ended.stderr


def test_data_that_compress_well_are_read(tmp_path: Path) -> None:
    path = tmp_path / "zeros.csv.zst"
    rows = "".join(f"item_{i:05d},2020-01-{day:02d},0\n" for i in range(2000) for day in range(1, 29))
    path.write_bytes(zstandard.ZstdCompressor(level=10).compress((HEADER + rows).encode()))
    assert len(read_panel(str(path), ReadConfig()).ids) == 2000
