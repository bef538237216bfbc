"""The result of a command, as text, CSV or JSON, and as a Parquet file or a workbook."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_cli.report.tables.binary import as_parquet, as_xlsx
from forecast_cli.report.tables.table import Table, as_csv, as_json, as_text, records

FORMATS = ("table", "csv", "json")
FILE_FORMATS = ("parquet", "xlsx")
"""Formats of files alone, which their suffix chooses."""


@dataclass(frozen=True)
class Result:
    """The result of a command.

    text:      what people see; if None, the table as text
    document:  the JSON value; if None, the rows of the table
    """

    table: Table
    text: str | None = None
    document: object | None = None

    def as_(self, form: str) -> str:
        """The result in one of the `FORMATS`."""
        match form:
            case "csv":
                return as_csv(self.table)
            case "json":
                return as_json(records(self.table) if self.document is None else self.document)
            case _:
                return as_text(self.table) if self.text is None else self.text

    def as_bytes(self, form: str) -> bytes:
        """The result in one of the `FORMATS`, in UTF-8, or of the `FILE_FORMATS`, which have the table.

        Raises OutputError if the table has too many rows for a workbook.
        """
        match form:
            case "parquet":
                return as_parquet(self.table)
            case "xlsx":
                return as_xlsx(self.table)
            case _:
                return self.as_(form).encode()
