"""Find the ids of the series in a table with one row per series."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.ids import count_distinct
from forecast_cli.panel.reading.naming import series_ids
from forecast_cli.panel.reading.table import RawTable

MAX_ID_COLUMNS = 4
"""The largest number of columns whose texts together form the id of a series."""


def name_columns(table: RawTable, columns: Sequence[RawColumn], given: Sequence[str]) -> list[RawColumn]:
    """The columns whose texts form the series id of each row; [] if there are none.

    These are the columns `given`, or else the smallest number of columns whose texts together differ in each row.
    Columns of text are tried before columns of whole numbers. If no columns differ in this way, all columns of text are
    returned, or else all of whole numbers. If the table has one row only, one column is chosen by its name.

    table:    the table of the columns, named in messages
    columns:  the columns that hold no values
    given:    the names of id columns that the user chose; empty if none

    Raises DataError if a name in `given` is not among `columns`.
    """
    known = {column.name: column for column in columns}
    if unknown := [name for name in given if name not in known]:
        raise DataError(
            f"{table.name}: has no column '{unknown[0]}' of row names; these could be: {', '.join([*known][:10])}.",
            f"Correct {mention('id-column')}.",
        )
    if given:
        return [known[name] for name in given]
    texts = [column for column in columns if column.kind in ("text", "date") or _is_id_by_name(column)]
    whole = [column for column in columns if column.kind == "number" and column.whole]
    if len(table.lines) == 1:  # in one row no column varies, so names decide
        return sorted(texts + whole, key=_rank)[:1]
    named = [column for column in whole if column.label.may_be_id]
    row_numbers = [column for column in whole if column.counts_rows and column.label.numbers_rows]
    others = [column for column in whole if column not in row_numbers]
    for names, sizes in (
        *((texts, MAX_ID_COLUMNS), (texts + named, MAX_ID_COLUMNS)),
        *((others, 1), (row_numbers, 1), (texts + whole, MAX_ID_COLUMNS)),
    ):
        varying = [column for column in names if not column.constant]
        if found := _fewest(varying or names, sizes):
            return sorted(found, key=columns.index)
    return texts or whole


def row_names(table: RawTable, columns: Sequence[RawColumn]) -> NDArray[Any]:
    """(rows,) the series id of each row: the texts of `columns`, joined by "/".

    If `columns` is empty, ids are the row numbers "1", "2", ..., or "value" if the table has only one row.

    Raises DataError if two ids are equal, or if one is empty.
    """
    rows = range(len(table.lines))
    if not columns:
        return np.array([str(row + 1) for row in rows] if len(rows) > 1 else ["value"], dtype=object)
    names = [tuple(str(c.cells[row]) for c in columns if c.cells[row] != "") for row in rows]
    seen: dict[tuple[str, ...], int] = {}
    for row, texts in enumerate(names):
        if not texts:
            raise DataError(f"{table.where(row, columns[0].name)}: the series id is missing.", "Fill it in.")
        first = seen.setdefault(texts, row)
        if first != row:
            raise DataError(
                f"{table.name}: rows {table.lines[first]} and {table.lines[row]} are both called "
                f"'{series_ids([texts])[0]}'.",
                f"Remove one of them, or name the column that tells them apart with {mention('id-column')}.",
            )
    return series_ids(names)


def _fewest(columns: Sequence[RawColumn], largest: int) -> list[RawColumn]:
    """The smallest number of columns whose texts together differ in each row; [] if more than `largest` are needed."""
    for size in range(1, min(largest, len(columns)) + 1):
        found = [each for each in combinations(columns, size) if _differ(each)]
        if found:
            return list(min(found, key=lambda each: min(map(_rank, each))))
    return []


def _differ(columns: Sequence[RawColumn]) -> bool:
    """Whether the texts of `columns` together differ in each row, and each row has a text in one of `columns`."""
    if not np.any([column.cells != "" for column in columns], axis=0).all():
        return False
    return count_distinct(*(column.codes for column in columns)) == len(columns[0].cells)


def _is_id_by_name(column: RawColumn) -> bool:
    """Return whether a column named like an id has ids that look like something else.

    They look like decimal numbers, such as 1E-001, or like missing values, such as NA.
    """
    has_words = column.kind == "blank" and (column.cells != "").all()
    return column.label.may_be_id and (has_words or (column.kind == "number" and not column.whole))


def _rank(column: RawColumn) -> int:
    return column.label.id_rank
