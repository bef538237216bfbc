"""Read a column whose cells must be numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.numbers import is_decorated
from forecast_cli.panel.reading.table import RawTable

MAX_ABSOLUTE_VALUE = 1e100
"""The largest absolute value that is accepted. Squares of larger values could exceed the range of float64."""


def checked_values(table: RawTable, column: RawColumn) -> NDArray[np.float64]:
    """(rows,) the values in a column, NaN where missing. Raises DataError if a cell is no number, or too large."""
    if column.numbers.bad.any():
        raise not_a_number(table, column, int(np.argmax(column.numbers.bad)))
    too_large = np.abs(column.numbers.values) > MAX_ABSOLUTE_VALUE
    if too_large.any():
        row = int(np.argmax(too_large))
        problem = "infinite" if np.isinf(column.numbers.values[row]) else "too large to calculate with"
        raise DataError(
            f"{table.where(row, column.name)}: '{column.cells[row]}' is {problem}.", "Correct it or leave it empty."
        )
    return column.numbers.values


def not_a_number(table: RawTable, column: RawColumn, row: int) -> DataError:
    """The error for a cell that should be a number. It says what to do.

    row: the index of the row in `column`
    """
    text = str(column.cells[row])
    hint = (
        f"Correct it or leave it empty; {mention('decimal')}, {mention('value-column')} and {mention('id-column')} "
        "change how the file is read."
    )
    if is_decorated(text):
        hint = (
            "Write numbers without currency signs, percent signs, units and brackets; "
            f"{mention('value-column')} names another column."
        )
    return DataError(f"{table.where(row, column.name)}: '{text[:40]}' is not a number.", hint)
