"""Find the columns that identify the series of a long file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import ID_NAMES, SURE_ID_NAMES, RawColumn
from forecast_cli.panel.reading.table import RawTable

MAX_REPEATED_FRACTION = 0.02
"""Fraction of rows that may repeat the time of another row of the same series; more means another id column."""
MAX_DISTINCT_FRACTION = 0.5
"""Distinct texts per row, above which a column holds values and no ids."""
MAX_VALUES_PER_DATE_ROW = 1.5
"""A column of numbers is an id only if it has at most so many distinct values per row of a date."""


def find_ids(table: RawTable, columns: Sequence[RawColumn], times: NDArray[Any] | None) -> tuple[RawColumn, ...]:
    """The id column, several that identify a series together ("store" and "item"), or () if the file is not long.

    columns: the columns that may be ids
    times:   (rows,) the time of each row; None for a file without dates

    A column of text is an id if it separates rows of the same time into series, or if it is constant. If no time
    repeats, it needs a name of SURE_ID_NAMES and texts that look like series (see `_looks_like_series`). A column of
    whole numbers needs the name of an id, or as many distinct values as a time has rows.

    Raises DataError if several columns have an equal claim.
    """
    candidates = [column for column in columns if _may_be_id(column)]
    varying = [column for column in candidates if not column.constant]
    constant = [column for column in candidates if column.constant]
    if times is None:
        grouping = [column for column in varying if len(column.texts) <= len(column.cells) / 2]
        return _best(table, grouping) or _best(table, constant)
    stamps = times.astype(np.int64)
    repeated = _repeated_fraction(stamps)
    if repeated == 0:
        named = [c for c in varying if _rank(c) < len(SURE_ID_NAMES) and _looks_like_series(c, stamps)]
        return _best(table, named) or _best(table, constant)
    separating = [column for column in varying if _repeated_fraction(stamps, column.codes) < repeated]
    sufficient = [c for c in separating if _repeated_fraction(stamps, c.codes) <= MAX_REPEATED_FRACTION]
    if sufficient:
        return _best(table, sufficient)
    together = _smallest_set(separating, stamps)
    if together:
        return together
    if separating:
        return _best(table, separating)
    return _numeric_id(columns, stamps) or _best(table, constant)


def group_codes(columns: Sequence[RawColumn], rows: NDArray[np.intp] | None = None) -> NDArray[np.intp] | None:
    """(rows,) a code for each combination of the columns' texts, by first appearance; None without columns.

    rows: the rows to consider; None for all
    """
    if not columns:
        return None
    return _combined_codes([column.codes if rows is None else column.codes[rows] for column in columns])


def separating(columns: Sequence[RawColumn], rows: NDArray[np.intp], *keys: NDArray[Any]) -> list[RawColumn]:
    """The columns that look like ids and tell some of the rows with the same keys apart; the best alone, or all.

    keys: integer arrays, for each of `rows`
    """
    found = []
    for column in columns:
        codes = column.codes[rows]
        few = column.kind == "text" or _rank(column) < len(ID_NAMES) or column.whole
        if few and len(column.texts) <= MAX_DISTINCT_FRACTION * len(column.cells):
            found.append((_repeated_fraction(*keys, codes), _rank(column), len(column.texts), column))
    before = _repeated_fraction(*keys)
    found = sorted((each for each in found if each[0] < before), key=lambda each: each[:3])
    complete = [column for left, *_, column in found if left == 0]
    return complete[:1] or [each[-1] for each in found]


def count_distinct(*keys: NDArray[Any]) -> int:
    """The number of distinct combinations of `keys`, integer arrays (rows,)."""
    return int(_combined_codes(keys).max()) + 1


def _combined_codes(keys: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    import pandas as pd

    codes: NDArray[np.intp] = pd.factorize(keys[0])[0]
    for key in keys[1:]:
        codes = pd.factorize(codes * (int(key.max(initial=0)) + 1) + key)[0]
    return codes


def _looks_like_series(column: RawColumn, stamps: NDArray[np.int64]) -> bool:
    """Whether each text covers one span of time or one block of rows, or has its own time step; remarks do not."""
    if column.numbers.missing.any() or len(column.texts) > len(column.cells) / 2:
        return False
    by_time = np.argsort(stamps, kind="stable")
    blocks = [1 + int((np.diff(codes) != 0).sum()) for codes in (column.codes, column.codes[by_time])]
    if len(column.texts) in blocks:
        return True
    by_text = np.lexsort((stamps, column.codes))
    own_steps = np.diff(stamps[by_text])[np.diff(column.codes[by_text]) == 0]
    return len(np.unique(own_steps)) == 1 < len(np.unique(np.diff(stamps[by_time])))


def _may_be_id(column: RawColumn) -> bool:
    if column.kind == "text":
        return not column.numbers.missing.any() or _rank(column) < len(ID_NAMES)
    return column.kind == "number" and _rank(column) < len(ID_NAMES) and column.whole and not column.counts_rows


def _rank(column: RawColumn) -> int:
    """The place of the column's name in ID_NAMES, the most certain first; len(ID_NAMES) for other names."""
    name = column.plain_name
    return ID_NAMES.index(name) if name in ID_NAMES else len(ID_NAMES)


def _repeated_fraction(*keys: NDArray[Any]) -> float:
    """The fraction of rows with the same combination of `keys` as an earlier row."""
    return 1 - count_distinct(*keys) / len(keys[0])


def _best(table: RawTable, candidates: Sequence[RawColumn]) -> tuple[RawColumn, ...]:
    """The candidate, if any, with the most certain name, or the first if all form the same groups of rows.

    Raises DataError if several candidates differ and have an equal claim.
    """
    if len(candidates) < 2:
        return tuple(candidates)
    ranked = sorted(candidates, key=_rank)
    if _rank(ranked[0]) < _rank(ranked[1]) or all(_same_groups(candidates[0], c) for c in candidates[1:]):
        return (ranked[0],)
    shown = ", ".join(f"'{column.name}' ({column.cells[0]})" for column in candidates[:4])
    raise DataError(
        f"{table.name}: {len(candidates)} columns could identify the series: {shown}.",
        f"Name the one to use with {mention('id-column')}, or give {mention('layout', 'wide')}.",
    )


def _same_groups(one: RawColumn, other: RawColumn) -> bool:
    return bool((one.codes == other.codes).all())


def _smallest_set(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> tuple[RawColumn, ...]:
    """The columns that are all needed to separate the rows of each time; () if they do not separate them."""
    kept = list(columns)
    if len(kept) < 2 or _repeated_fraction(stamps, *(c.codes for c in kept)) > MAX_REPEATED_FRACTION:
        return ()
    for column in reversed(columns):
        fewer = [c for c in kept if c is not column]
        if fewer and _repeated_fraction(stamps, *(c.codes for c in fewer)) <= MAX_REPEATED_FRACTION:
            kept = fewer
    return tuple(kept)


def _numeric_id(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> tuple[RawColumn, ...]:
    """The only column of whole numbers with one row per number and time; () if there is none or several."""
    rows_per_time = int(np.unique(stamps, return_counts=True)[1].max())
    numbers = [column for column in columns if column.kind == "number" and column.whole]
    fitting = [
        column
        for column in numbers
        if len(column.texts) <= MAX_VALUES_PER_DATE_ROW * rows_per_time
        and _repeated_fraction(stamps, column.codes) <= MAX_REPEATED_FRACTION
    ]
    return (fitting[0],) if len(fitting) == 1 and len(numbers) > 1 else ()
