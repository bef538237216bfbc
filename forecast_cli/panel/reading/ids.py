"""Which columns tell the series of a long file apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.columns import ID_NAMES, SURE_ID_NAMES, Column
from forecast_cli.panel.reading.table import Table

FEW = 0.02
"""The share of repeated stamps that honest data may have without an id column being at work."""


def find_ids(table: Table, columns: Sequence[Column], times: NDArray[Any] | None) -> tuple[Column, ...]:
    """The id column, several that are ids together ("store" and "item"), or none: the file is not long.

    A column of text is an id if it parts rows of the same date into series, or if it is constant; where no date
    repeats, it needs a sure name of an id, and texts that look like series (see `_like_series`). A column of whole
    numbers needs the name of an id, or as many different values as a date has rows.
    Raises DataError where several would do and no name speaks for one.
    """
    candidates = [column for column in columns if _may_be_id(column)]
    moving = [column for column in candidates if not column.constant]
    if times is None:
        found = [column for column in moving if len(column.texts) <= len(column.cells) / 2]
        return _best(table, found) or _best(table, [c for c in candidates if c.constant])
    stamps = times.astype(np.int64)
    repeated = _repeats(stamps)
    if repeated == 0:
        called = [column for column in moving if _rank(column) < len(SURE_ID_NAMES) and _like_series(column, stamps)]
        return _best(table, called) or _best(table, [c for c in candidates if c.constant])
    parting = [column for column in moving if _repeats(stamps, column.codes) < repeated]
    alone = [column for column in parting if _repeats(stamps, column.codes) <= FEW]
    if alone:
        return _best(table, alone)
    together = _smallest_set(parting, stamps)
    if together:
        return together
    if parting:
        return _best(table, parting)
    return _numbered(columns, stamps) or _best(table, [c for c in candidates if c.constant])


def group_codes(columns: Sequence[Column]) -> NDArray[np.intp] | None:
    """(rows,) a number for each combination of the columns' texts; None without columns."""
    if not columns:
        return None
    return _combined([column.codes for column in columns])


def count_distinct(*keys: NDArray[Any]) -> int:
    """How many different rows the keys, (rows,) each, make together."""
    return int(_combined(keys).max()) + 1


def _combined(keys: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    import pandas as pd

    codes: NDArray[np.intp] = pd.factorize(keys[0])[0]
    for key in keys[1:]:
        codes = pd.factorize(codes * (int(key.max()) + 1) + key)[0]
    return codes


def _like_series(column: Column, stamps: NDArray[np.int64]) -> bool:
    """Whether each text holds for one span of time or one block of rows, or has a step of its own, unlike remarks."""
    if column.numbers.missing.any() or len(column.texts) > len(column.cells) / 2:
        return False
    in_time = np.argsort(stamps, kind="stable")
    blocks = [1 + int((np.diff(codes) != 0).sum()) for codes in (column.codes, column.codes[in_time])]
    if len(column.texts) in blocks:
        return True
    by_text = np.lexsort((stamps, column.codes))
    own = np.diff(stamps[by_text])[np.diff(column.codes[by_text]) == 0]
    return len(np.unique(own)) == 1 < len(np.unique(np.diff(stamps[in_time])))


def _may_be_id(column: Column) -> bool:
    if column.kind == "text":
        return not column.numbers.missing.any() or _rank(column) < len(ID_NAMES)
    return column.kind == "number" and _rank(column) < len(ID_NAMES) and column.whole and not column.counts_rows


def _rank(column: Column) -> int:
    name = column.plain_name
    return ID_NAMES.index(name) if name in ID_NAMES else len(ID_NAMES)


def _repeats(*keys: NDArray[Any]) -> float:
    """The share of rows that have the same keys as an earlier one."""
    return 1 - count_distinct(*keys) / len(keys[0])


def _best(table: Table, candidates: Sequence[Column]) -> tuple[Column, ...]:
    """The candidate whose name is the surest, or the first of several that say the same."""
    if len(candidates) < 2:
        return tuple(candidates)
    ranked = sorted(candidates, key=_rank)
    if _rank(ranked[0]) < _rank(ranked[1]) or all(_same_groups(candidates[0], c) for c in candidates[1:]):
        return (ranked[0],)
    shown = ", ".join(f"'{column.name}' ({column.cells[0]})" for column in candidates[:4])
    raise DataError(
        f"{table.name}: {len(candidates)} columns could tell the series apart: {shown}.",
        "Name the one to use with --id-column, or give --layout wide.",
    )


def _same_groups(one: Column, other: Column) -> bool:
    return bool((one.codes == other.codes).all())


def _smallest_set(columns: Sequence[Column], stamps: NDArray[np.int64]) -> tuple[Column, ...]:
    """The columns that part all rows of a date together and cannot be spared; empty if they do not."""
    kept = list(columns)
    if len(kept) < 2 or _repeats(stamps, *(c.codes for c in kept)) > FEW:
        return ()
    for column in reversed(columns):
        fewer = [c for c in kept if c is not column]
        if fewer and _repeats(stamps, *(c.codes for c in fewer)) <= FEW:
            kept = fewer
    return tuple(kept)


def _numbered(columns: Sequence[Column], stamps: NDArray[np.int64]) -> tuple[Column, ...]:
    """Whole numbers without the name of an id: as many as a date has rows, and each date has each once."""
    rows_a_date = int(np.unique(stamps, return_counts=True)[1].max())
    numbers = [column for column in columns if column.kind == "number" and column.whole]
    fitting = [c for c in numbers if len(c.texts) <= 1.5 * rows_a_date and _repeats(stamps, c.codes) <= FEW]
    return (fitting[0],) if len(fitting) == 1 and len(numbers) > 1 else ()
