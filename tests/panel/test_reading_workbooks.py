"""Workbooks of spreadsheet programs."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from tests.panel.tables import Read

HEADER = ["date", "sales"]


def workbook(**sheets: list[list[Any]]) -> bytes:
    """An .xlsx file with these sheets. Dates have the format of a date, or of a date and a time if they have one."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        formats = [book.add_format({"num_format": code}) for code in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm")]
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        page.write_datetime(i, j, cell, formats[cell.hour > 0])
                    else:
                        page.write(i, j, cell)
    return file.getvalue()


def hours(count: int) -> list[list[Any]]:
    return [[datetime(2024, 1, 31) + timedelta(hours=i), i + 0.5] for i in range(count)]


def days(count: int) -> list[list[Any]]:
    return [[datetime(2024, 1, 31) + timedelta(days=i), 10 * i] for i in range(count)]


def test_a_sheet_with_a_title(read: Read) -> None:
    panel = read(workbook(Data=[["Sales of 2024"], [], HEADER, *days(4)]))
    assert panel.ids.tolist() == ["sales"]
    assert panel.times.astype("datetime64[D]").tolist() == [row[0].date() for row in days(4)]
    assert panel.values.tolist() == [0, 10, 20, 30]


def test_times_of_day_and_an_empty_cell(read: Read) -> None:
    panel = read(workbook(Data=[HEADER, *hours(5), [datetime(2024, 1, 31, 5), ""], [datetime(2024, 1, 31, 6), 7]]))
    assert panel.freq == "h"
    np.testing.assert_array_equal(panel.values, [0.5, 1.5, 2.5, 3.5, 4.5, np.nan, 7])


def test_the_first_sheet_with_cells_or_the_one_named(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    content = workbook(Empty=[], Hours=[HEADER, *hours(5)], Days=[HEADER, *days(6)])
    assert read(content).freq == "h"
    assert "sheet 'Hours', the first of 2" in caplog.text
    assert read(content, ReadConfig(sheet="Days")).freq == "D"
    with pytest.raises(DataError, match="has no sheet 'Weeks'; its sheets are 'Empty', 'Hours', 'Days'"):
        read(content, ReadConfig(sheet="Weeks"))


def test_a_row_is_named_by_its_number_in_the_sheet(read: Read) -> None:
    content = workbook(Data=[["Sales of 2024"], [], HEADER, *days(4), [datetime(2024, 2, 4), "closed"]])
    with pytest.raises(DataError, match="row 8, column 'sales': 'closed' is not a number"):
        read(content)


def test_dates_in_the_header_of_a_sheet(read: Read) -> None:
    dates = [row[0] for row in days(4)]
    panel = read(workbook(Data=[["shop", "latitude", *dates], ["A", 1.5, 5, 6, 7, 8], ["B", 2.5, 1, 2, 3, 4]]))
    assert panel.ids.tolist() == ["A", "B"]
    assert panel.values.tolist() == [5, 6, 7, 8, 1, 2, 3, 4]


def test_a_sheet_of_an_open_document(read: Read) -> None:
    def row(day: str, value: str) -> str:
        return f"<table:table-row><table:table-cell{day}/><table:table-cell{value}/></table:table-row>".replace(
            "/>", "></table:table-cell>", 0
        )

    cells = "".join(
        row(
            f' office:value-type="date" office:date-value="2024-01-0{i}"',
            f' office:value-type="float" office:value="{i}.5"',
        )
        for i in range(1, 6)
    )
    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in HEADER
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content{spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Data"><table:table-row>{names}</table:table-row>{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    panel = read(file.getvalue())
    assert panel.freq == "D"
    assert panel.values.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook(Data=[]), "no sheet with cells"),
        (workbook(Data=[HEADER]), "has a header and no rows"),
        (b"\xd0\xcf\x11\xe0" + b"\0\x01" * 3000, "is not a workbook, or is damaged"),
        (workbook(Data=[HEADER, *days(4)])[:-200], "damaged"),
    ],
)
def test_a_workbook_without_a_table_is_refused(read: Read, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(content)


def test_a_sheet_of_a_text_file_is_refused(read: Read) -> None:
    with pytest.raises(DataError, match="is not a workbook"):
        read("date,y\n2024-01-01,5\n", ReadConfig(sheet="Data"))


def test_notes_below_a_sheet_are_left_out(read: Read) -> None:
    assert read(workbook(Data=[HEADER, *days(4), [], ["Source: the shops"], ["Without returns"]])).values.tolist() == [
        0,
        10,
        20,
        30,
    ]
