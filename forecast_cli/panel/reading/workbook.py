"""Read one sheet of a spreadsheet workbook (.xlsx, .xlsb, .xls, .ods) as text."""

from __future__ import annotations

import csv
import io
import logging
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.compression import most_unpacked
from forecast_cli.panel.reading.confined import confined
from forecast_cli.panel.reading.table import check_width

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

log = logging.getLogger(__name__)

Cell: TypeAlias = "str | float | bool | date | time | datetime | timedelta"

DELIMITER = "\t"
"""The character between two cells of a row, in the text that `read_sheet` returns."""
OLD_FORMAT = b"\xd0\xcf\x11\xe0"
"""The first bytes of .xls files and other documents of old Office programs."""
MAX_CELLS = 20_000_000
"""A sheet with more cells is not read: all cells from the first row and column to the last ones count, also empty
ones."""
_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""Names of files in zip archives. A newer workbook is a zip archive that contains one of them."""


def is_workbook(data: bytes) -> bool:
    """Whether `data`, the bytes of a zip archive or of an old Office document, may be a workbook."""
    if data.startswith(OLD_FORMAT):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(part in archive.namelist() for part in _PARTS)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return False


def read_sheet(name: str, data: bytes, sheet: str | None) -> bytes:
    """The cells of one sheet as UTF-8 text: one line per row of the sheet, cells separated by DELIMITER.

    name:   the file's name in messages
    data:   the bytes of the workbook
    sheet:  the name of the sheet; None takes the first one that is visible and has cells

    Raises DataError if the workbook cannot be read, if it has no sheet of this name, or if the sheet is too large.
    """
    return confined(name, lambda: _as_text(name, data, sheet), most_unpacked(len(data)))


def _as_text(name: str, data: bytes, sheet: str | None) -> bytes:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            rows = _cells(name, workbook, sheet)
    except PasswordError as error:
        raise DataError(f"{name}: is protected by a password.", "Save it without one.") from error
    except (CalamineError, ValueError, OSError) as error:
        raise DataError(f"{name}: is not a workbook, or is damaged ({error}).", "Save the sheet as CSV.") from error
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    text = io.StringIO()
    csv.writer(text, delimiter=DELIMITER, lineterminator="\n").writerows(zip(*columns, strict=True))
    return text.getvalue().encode("utf-8", "replace")


def _cells(name: str, workbook: CalamineWorkbook, sheet: str | None) -> list[list[Cell]]:
    """The rows of one sheet, each a list of cells.

    sheet:  the name of the sheet; None takes the first one that is visible and has cells

    Raises DataError if the workbook has no sheet of this name, or if the sheet is too large.
    """
    if sheet is None:
        sheet = _first_sheet(name, workbook)
    elif sheet not in workbook.sheet_names:
        shown = ", ".join(f"'{each}'" for each in workbook.sheet_names)
        raise DataError(f"{name}: has no sheet '{sheet}'; its sheets are {shown}.", f"Correct {mention('sheet')}.")
    content = workbook.get_sheet_by_name(sheet)
    row, column = content.end or (0, 0)
    check_width(name, column + 1)
    if (row + 1) * (column + 1) > MAX_CELLS:
        raise DataError(
            f"{name}: sheet '{sheet}' reaches to row {row + 1}, column {column + 1}; at most {MAX_CELLS:,} "
            "cells are read.",
            "Delete the cells that are far from the table, or save the sheet as CSV.",
        )
    return content.to_python(skip_empty_area=False)


def _first_sheet(name: str, workbook: CalamineWorkbook) -> str:
    """The name of the first sheet that is visible and has cells. Raises DataError if no sheet has."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    shown = [
        each.name
        for each in workbook.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
    ]
    filled = [each for each in shown if workbook.get_sheet_by_name(each).height]
    if not filled:
        raise DataError(f"{name}: has no sheet with cells.", "Check the program that wrote it.")
    if len(filled) > 1:
        log.info("%s: sheet '%s', the first of %d (%s names another)", name, filled[0], len(filled), mention("sheet"))
    return filled[0]


def _texts(column: Sequence[Cell]) -> list[str]:
    """The cells of a column as text. If one date has a time of day, all are written with one: "2024-01-31 00:00:00"."""
    clock = any(isinstance(cell, datetime) for cell in column)
    return [_text(cell, clock) for cell in column]


def _text(cell: Cell, clock: bool) -> str:
    match cell:
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            return cell.isoformat(" ")
        case date():
            return cell.isoformat() + (" 00:00:00" if clock else "")
        case _:
            return " ".join(str(cell).split())
