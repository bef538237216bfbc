"""The result of a command, and its formats: text, CSV, JSON, Parquet file, Excel workbook."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.report.tables.binary import as_parquet, as_xlsx
from forecast_cli.report.tables.table import Table, as_csv, as_json, as_text, records

FORMATS = ("table", "csv", "json")
FILE_FORMATS = ("parquet", "xlsx")
"""Formats that only files can have. The suffix of the file's name chooses the format."""


@dataclass(frozen=True)
class Result:
    """The result of a command.

    table:     the result as a table, for CSV, Parquet and Excel
    text:      the result as text for people; None takes the table as text
    document:  the value for JSON; None takes the rows of the table
    """

    table: Table
    text: str | None = None
    document: object | None = None

    def as_(self, form: str) -> str:
        """The result as text in one of FORMATS, such as "csv"."""
        match form:
            case "csv":
                return as_csv(self.table)
            case "json":
                return as_json(records(self.table) if self.document is None else self.document)
            case _:
                return as_text(self.table) if self.text is None else self.text

    def as_bytes(self, form: str) -> bytes:
        """The content of a file with the result in one of FORMATS (as UTF-8 text) or FILE_FORMATS (only the table).

        Raises OutputError if the table has too many rows for a workbook.
        """
        match form:
            case "parquet":
                return as_parquet(self.table)
            case "xlsx":
                return as_xlsx(self.table)
            case _:
                return self.as_(form).encode()
