"""Find the columns that identify the series of a long file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.table import RawTable

MAX_REPEATED_FRACTION = 0.02
"""Maximum fraction of rows that repeat a time of their series. If more do, another id column is needed."""
MAX_SERIES_PER_DATE_ROW = 1.5
"""Maximum of (series formed by a numeric id) / (largest number of rows with the same date)."""


def find_ids(table: RawTable, columns: Sequence[RawColumn], times: NDArray[Any] | None) -> tuple[RawColumn, ...]:
    """The id columns: one, or several that together identify a series ("store", "item"); () if the file is not long.

    columns: the columns to choose from
    times:   (rows,) the time of each row; None for a file without dates

    Columns named like ids are tried first, whatever their cells are. Another text column is an id if it separates rows
    of the same time into series, or if it is constant. A column of whole numbers is an id if it has one row per number
    and time. If no time repeats, an id needs a name in SURE_ID_NAMES, and rows that look like series (see
    `_look_like_series`).

    Raises DataError if several columns have an equal claim.
    """
    candidates = sorted((c for c in columns if _may_be_id(c)), key=lambda column: column.label.id_rank)
    constant = [column for column in candidates if column.constant]
    varying = [column for column in candidates if not column.constant]
    sure = [column for column in varying if column.label.is_id]
    if times is None:
        grouping = [column for column in varying if column.has_groups]
        found = _needed([c for c in sure if c in grouping], np.zeros(len(table.lines), dtype=np.int64))
        found = found or _best(table, grouping)
    elif _separate((), stamps := times.astype(np.int64)):
        found = _series_at_other_times(sure, stamps)
    elif _separate(sure, stamps):
        found = _needed(sure, stamps)
    else:
        found = _separating_ids(table, columns, varying, stamps)
    found = found or _best(table, constant)
    return tuple(column for column in columns if column in found)


def _series_at_other_times(sure: Sequence[RawColumn], stamps: NDArray[np.int64]) -> tuple[RawColumn, ...]:
    """The columns of `sure` whose texts look like ids, for a file that has each time once."""
    if not _look_like_series(sure, stamps):
        sure = [column for column in sure if _look_like_series([column], stamps)]
    return _needed(sure, np.zeros_like(stamps))


def _separating_ids(
    table: RawTable, columns: Sequence[RawColumn], varying: Sequence[RawColumn], stamps: NDArray[np.int64]
) -> tuple[RawColumn, ...]:
    """The columns that distinguish rows of the same time, by name and cells; () if none do."""
    repeated = _repeated_fraction(stamps)
    separating = [column for column in varying if _repeated_fraction(stamps, column.codes) < repeated]
    grouping = [column for column in separating if column.has_groups or column.label.is_id]
    if any(_separate([column], stamps) for column in grouping):
        return _best(table, [column for column in separating if _separate([column], stamps)])
    if _separate(grouping, stamps):
        return _needed(grouping, stamps, MAX_REPEATED_FRACTION)
    return _with_a_numeric_id(columns, grouping, stamps) or _best(table, grouping)


def group_codes(columns: Sequence[RawColumn], rows: NDArray[np.intp] | None = None) -> NDArray[np.intp] | None:
    """(rows,) a number for each combination of texts, by first appearance; None if `columns` is empty.

    rows: indices of the rows to use; None for all
    """
    if not columns:
        return None
    return _combined_codes([column.codes if rows is None else column.codes[rows] for column in columns])


def telling_apart(columns: Sequence[RawColumn], rows: NDArray[np.intp], *keys: NDArray[Any]) -> list[RawColumn]:
    """The columns that look like ids and distinguish rows with equal keys: one if it is enough, or else all.

    keys: integer arrays (len(rows),)
    """
    found = []
    for column in columns:
        codes = column.codes[rows]
        if column.has_groups and (column.kind == "text" or column.label.may_be_id or column.whole):
            found.append((_repeated_fraction(*keys, codes), column.label.id_rank, len(column.texts), column))
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


def _look_like_series(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> bool:
    """Whether each combination of texts has one span of time or block of rows, or all have the same single step.

    False for remarks on single rows.
    """
    codes = group_codes(columns)
    if codes is None or any((column.cells == "").any() for column in columns):
        return False
    number = int(codes.max()) + 1
    if number > len(codes) / 2:
        return False
    by_time = np.argsort(stamps, kind="stable")
    if number in (1 + int((np.diff(ordered) != 0).sum()) for ordered in (codes, codes[by_time])):
        return True
    by_text = np.lexsort((stamps, codes))
    own_steps = np.diff(stamps[by_text])[np.diff(codes[by_text]) == 0]
    return len(np.unique(own_steps)) == 1 < len(np.unique(np.diff(stamps[by_time])))


def _may_be_id(column: RawColumn) -> bool:
    if column.tells_time and not column.label.may_be_id:
        return False
    if column.kind == "number":
        return column.holds_ids and column.has_groups
    whole = not (column.cells == "").any()  # NA may be a country, a region or a missing remark
    if column.kind == "text":
        return whole or column.label.may_be_id
    return column.label.is_id and whole and column.has_groups


def _repeated_fraction(*keys: NDArray[Any]) -> float:
    """The fraction of rows that repeat the `keys` of an earlier row."""
    return 1 - count_distinct(*keys) / len(keys[0])


def _separate(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> bool:
    """Whether the columns together distinguish most rows of the same time."""
    return _repeated_fraction(stamps, *(column.codes for column in columns)) <= MAX_REPEATED_FRACTION


def _best(table: RawTable, candidates: Sequence[RawColumn]) -> tuple[RawColumn, ...]:
    """The candidate with the surest id name; () without candidates. If all group rows alike, any will do.

    Raises DataError if the two best names are equally sure and groups differ.
    """
    if len(candidates) < 2:
        return tuple(candidates)
    ranked = sorted(candidates, key=lambda column: column.label.id_rank)
    if ranked[0].label.id_rank < ranked[1].label.id_rank or all(_same_groups(candidates[0], c) for c in candidates[1:]):
        return (ranked[0],)
    shown = ", ".join(f"'{column.name}' ({column.cells[0]})" for column in candidates[:4])
    raise DataError(
        f"{table.name}: {len(candidates)} columns could identify the series: {shown}.",
        f"Name the one to use with {mention('id-column')}, or several by repeating it; or give "
        f"{mention('layout', 'wide')}.",
    )


def _same_groups(one: RawColumn, other: RawColumn) -> bool:
    return bool((one.codes == other.codes).all())


def _needed(columns: Sequence[RawColumn], stamps: NDArray[np.int64], allowed: float = 0.0) -> tuple[RawColumn, ...]:
    """The columns that are needed to distinguish rows of the same time, or series that follow each other in time.

    columns: the surest id first
    allowed: the fraction of rows that may repeat a time; raised to what all columns leave
    """
    kept = tuple(columns)
    if len(kept) < 2:
        return kept
    allowed = max(allowed, _repeated_fraction(stamps, *(column.codes for column in kept)))
    for column in reversed(columns):
        fewer = tuple(each for each in kept if each is not column)
        codes = [each.codes for each in fewer]
        if not fewer or _repeated_fraction(stamps, *codes) > allowed:
            continue
        if count_distinct(*codes) == count_distinct(*codes, column.codes) or not _look_like_series(kept, stamps):
            kept = fewer
    return kept


def _with_a_numeric_id(
    columns: Sequence[RawColumn], grouping: Sequence[RawColumn], stamps: NDArray[np.int64]
) -> tuple[RawColumn, ...]:
    """`grouping` and the one column of whole numbers that completes the ids; () if none or several do.

    Another column of numbers, without the name of an id, must remain for the values. Columns named like hours, days or
    values are not ids.
    """
    rows_per_time = int(np.unique(stamps, return_counts=True)[1].max())
    known = [column.codes for column in grouping]
    numbers = [column for column in columns if column.kind == "number" and column not in grouping]
    fitting = [
        column
        for column in numbers
        if column.whole
        and not column.tells_time
        and not column.label.says_values
        and count_distinct(*known, column.codes) <= MAX_SERIES_PER_DATE_ROW * rows_per_time
        and _separate([*grouping, column], stamps)
    ]
    left = [column for column in numbers if column not in fitting and not column.label.is_id]
    return (*grouping, fitting[0]) if len(fitting) == 1 and left else ()
