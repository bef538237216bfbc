"""Convert a table with several columns of values to long form: a table with one column of values, one row per value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.columns import RawColumn, classify_columns
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.table import RawTable

VALUE = "value"
"""The name of the column of values in the long form. It is the last column."""


def other_columns(table: RawTable, columns: Sequence[int]) -> list[RawColumn]:
    """All columns of `table` except those at the indices `columns`.

    What each of them holds (numbers, dates or other text) is determined again.
    """
    left_out = set(columns)
    others = [i for i in range(len(table.names)) if i not in left_out]
    names = tuple(table.names[i] for i in others)
    return classify_columns(replace(table, names=names, cells=table.cells[:, others]), None)


def long_form(
    table: RawTable, kept: Mapping[str, NDArray[Any]], columns: Sequence[int], texts: Mapping[str, Sequence[str]]
) -> RawTable:
    """The long form of `table`: one row for each cell in `columns`. The cell becomes the value of its row.

    columns:  the indices of the columns with values
    kept:     {name: cells (rows of `table`,)} of columns to repeat for each value of a row, such as the id
    texts:    {name: texts (columns,)} of new columns with one text for each of `columns`, such as its date

    If a name is in both `kept` and `texts`, the column of `texts` is used.
    """
    rows, width = len(table.cells), len(columns)
    repeated = {name: np.repeat(cells, width) for name, cells in kept.items() if name != VALUE}
    tiled = {name: np.tile(np.array(each, dtype=object), rows) for name, each in texts.items()}
    cells = repeated | tiled | {VALUE: table.cells[:, columns].ravel()}
    return replace(
        table,
        names=tuple(cells),
        cells=np.column_stack(list(cells.values())),
        lines=np.repeat(table.lines, width),
        unnamed=table.unnamed & cells.keys(),
        origins=np.tile(np.array([table.names[i] for i in columns], dtype=object), rows),
    )


def with_values(long: RawTable) -> RawTable:
    """The rows of a long table that have a value in the last column. Others, such as for 31 February, are left out."""
    missing = np.array([is_missing(cell) for cell in long.cells[:, -1]], dtype=bool)
    return long.take(np.flatnonzero(~missing))
