"""A table of text cells with column names and line numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.timestamps import Timestamps

MAX_COLUMNS = 100_000


def check_width(name: str, columns: int) -> None:
    """Raise DataError for a file with more columns than MAX_COLUMNS. `name` is its name in messages."""
    if columns > MAX_COLUMNS:
        raise DataError(
            f"{name}: has {columns:,} columns; at most {MAX_COLUMNS:,} are read.",
            "Write one row for each value: the series, the time, the value.",
        )


@dataclass(frozen=True)
class RawTable:
    """The table of a file, with all cells as text.

    name:        the file's name in messages
    names:       the column names, all different
    cells:       (rows, columns) object, str without blanks around it
    lines:       (rows,) the line number of each row in the file
    decimal:     the decimal mark, "." or ","
    unnamed:     those of `names` that are not in the file, such as "column 2" for a column without a name
    timestamps:  {column name: its timestamps}, for columns of dates that are already parsed
    layout:      the layout of the file in words, for the log, if the table was converted to long form; otherwise ""
    origins:     (rows,) the name of the file's column that the value of each row comes from, if the table was
                 converted to long form; otherwise None
    first_future_row:  the index of the first row that was read from a second file, with future values of covariates;
                  None if there is no second file
    future_file_name: the name of the second file in messages; "" if there is none
    """

    name: str
    names: tuple[str, ...]
    cells: NDArray[Any]
    lines: NDArray[np.int64]
    decimal: str
    unnamed: frozenset[str] = frozenset()
    timestamps: Mapping[str, Timestamps] = field(default_factory=dict)
    layout: str = ""
    origins: NDArray[Any] | None = None
    first_future_row: int | None = None
    future_file_name: str = ""

    def where(self, row: int, column: str) -> str:
        """The place of a cell for messages: "sales.csv: row 3, column 'price'".

        row:    the index of the row in `cells`
        column: the name of the column; the name in `origins` replaces it if there are `origins`
        """
        if self.origins is not None:
            column = self.origins[row]
        name = self.name if self.first_future_row is None or row < self.first_future_row else self.future_file_name
        return f"{name}: row {self.lines[row]}, column '{column}'"

    def take(self, rows: NDArray[np.intp]) -> RawTable:
        """The table with only the rows at these indices. `timestamps` of the new table is empty."""
        origins = None if self.origins is None else self.origins[rows]
        return replace(self, cells=self.cells[rows], lines=self.lines[rows], origins=origins, timestamps={})

    def select(self, columns: Sequence[int]) -> RawTable:
        """The table with only the columns at these indices."""
        return replace(self, names=tuple(self.names[i] for i in columns), cells=self.cells[:, columns])
