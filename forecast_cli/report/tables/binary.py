"""Convert a table to the bytes of a Parquet file or of an Excel workbook. Dates become dates there, not text."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import OutputError
from forecast_cli.report.tables.table import Column, Table, finite

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_SHEET_ROWS = 1_048_576
FIRST_SHEET_YEAR = 1900
"""The first year of dates in a workbook. Earlier dates are written as text."""
DATE_FORMATS = {"D": "yyyy-mm-dd", "s": "yyyy-mm-dd hh:mm:ss", "ms": "yyyy-mm-dd hh:mm:ss.000"}
"""Unit of times -> the number format with which a workbook shows them: days, seconds or milliseconds."""
WIDTH_SAMPLE, MAX_WIDTH = 100, 40


def as_parquet(table: Table) -> bytes:
    """The bytes of a Parquet file with the table. Numbers have full precision, dates are timestamps.

    None and numbers that are not finite become null.
    """
    import pyarrow as pa
    from pyarrow import parquet

    arrays = []
    for column in table:
        if column.dated:
            zone = "UTC" if _in_utc(column) else None
            arrays.append(pa.array(_times(column), type=pa.timestamp("ns")).cast(pa.timestamp("ns", tz=zone)))
        else:
            cells = [finite(cell) for cell in column.cells]
            known = any(cell is not None for cell in cells)
            arrays.append(pa.array(cells) if known else pa.array(cells, type=pa.float64()))
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, names=[column.name for column in table]), file)
    return file.getvalue()


def as_xlsx(table: Table) -> bytes:
    """The bytes of an Excel workbook with the table in one sheet. Numbers have 16 digits.

    Dates become dates, but those before FIRST_SHEET_YEAR become text. None and numbers that are not finite become empty
    cells.

    Raises OutputError if the table has too many rows.
    """
    from xlsxwriter import Workbook

    rows = len(table[0].cells)
    if rows >= MAX_SHEET_ROWS:
        raise OutputError(
            f"The result has {rows} rows, and a sheet of a workbook at most {MAX_SHEET_ROWS - 1} below its header.",
            "Write a .csv or .parquet file.",
        )
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(table):
            sheet.write_string(0, place, column.name, workbook.add_format({"bold": True}))
            sheet.set_column(place, place, min(max(map(len, column.texts[:WIDTH_SAMPLE])) + 1, MAX_WIDTH))
            _write_cells(workbook, sheet, place, column)
    return file.getvalue()


def _write_cells(workbook: Workbook, sheet: Worksheet, place: int, column: Column) -> None:
    """Write the cells of a column into a sheet, below its name. Dates before FIRST_SHEET_YEAR are written as text.

    place: the number of the column in the sheet, from 0
    """
    if column.dated:
        times = _times(column)
        unit = next((unit for unit in DATE_FORMATS if (times == times.astype(f"datetime64[{unit}]")).all()), "ms")
        shown = workbook.add_format({"num_format": DATE_FORMATS[unit]})
        dates = times.astype("datetime64[us]").tolist()
    for row, cell in enumerate(column.cells):
        value = finite(cell)
        if column.dated and value is not None and dates[row].year >= FIRST_SHEET_YEAR:
            sheet.write_datetime(row + 1, place, dates[row], shown)
        elif isinstance(value, str):
            sheet.write_string(row + 1, place, value)
        elif value is not None:
            sheet.write_number(row + 1, place, value)


def _in_utc(column: Column) -> bool:
    return any(isinstance(cell, str) and cell.endswith("Z") for cell in column.cells)


def _times(column: Column) -> NDArray[Any]:
    """(rows,) the dates of a column, datetime64[ns]; NaT for None. Dates with a time zone are in UTC."""
    import numpy as np

    texts = ["NaT" if cell is None else str(cell).removesuffix("Z") for cell in column.cells]
    return np.array(texts, dtype="datetime64[ns]")
