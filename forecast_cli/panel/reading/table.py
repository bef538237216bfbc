"""A table of text cells with column names and line numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.dates import Timestamps


@dataclass(frozen=True)
class RawTable:
    """A table of text.

    name:        the file as messages call it
    names:       the column names, all different
    cells:       (rows, columns) object, str without surrounding blanks
    lines:       (rows,) the line number of each row in the file
    decimal:     the decimal mark, "." or ","
    unnamed:     invented names, such as "column 2", of columns without one
    timestamps:  name -> parsed timestamps of a column, where known
    layout:      the file's layout in words, if the table was converted; otherwise ""
    origins:     (rows,) the file's column that each value comes from, if rows were split; otherwise None
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

    def where(self, row: int, column: str) -> str:
        """The place of a cell for messages: file, row, column."""
        if self.origins is not None:
            column = self.origins[row]
        return f"{self.name}: row {self.lines[row]}, column '{column}'"

    def take(self, rows: NDArray[np.intp]) -> RawTable:
        """The table of `rows`, without parsed timestamps."""
        origins = None if self.origins is None else self.origins[rows]
        return replace(self, cells=self.cells[rows], lines=self.lines[rows], origins=origins, timestamps={})

    def select(self, columns: Sequence[int]) -> RawTable:
        """The table with only the given columns."""
        return replace(self, names=tuple(self.names[i] for i in columns), cells=self.cells[:, columns])
