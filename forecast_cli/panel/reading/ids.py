"""Find the id columns of a long file: the columns whose texts together identify the series of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.table import RawTable

MAX_REPEATED_FRACTION = 0.02
"""At most this fraction of rows may have the same series and time as an earlier row. If more have, a further id column
is needed."""
MAX_SERIES_RATIO = 1.5
"""If the date with the most rows has 10 rows, there should be about 10 series. A column of numbers is an id only if it
gives at most MAX_SERIES_RATIO times as many series as that date has rows."""


def find_ids(table: RawTable, columns: Sequence[RawColumn], times: NDArray[Any] | None) -> tuple[RawColumn, ...]:
    """The id columns: one, or several that together identify a series, such as store and item; () if the file is wide.

    Columns named like ids are tried first.

    - A column of text is an id if it distinguishes rows of the same time, or if all its cells are equal.
    - A column of whole numbers is an id if each number occurs once per time.
    - If no time occurs in two rows, an id column needs a name in ID_NAMES, and the rows with the same text must look
      like a series (see `_look_like_series`).
    - In a file without dates, an id column has each of its texts in two or more rows, on average, or only one text.

    columns: the columns to choose from
    times:   (rows,) the time of each row; None for a file without dates

    Raises DataError if it is not clear which of several columns is the id.
    """
    candidates = sorted((c for c in columns if _may_be_id(c)), key=lambda column: column.label.id_rank)
    constant = [column for column in candidates if column.constant]
    varying = [column for column in candidates if not column.constant]
    sure = [column for column in varying if column.label.is_id]
    if times is None:
        grouping = [column for column in varying if column.has_groups]
        found = _needed([c for c in sure if c in grouping], np.zeros(len(table.lines), dtype=np.int64))
        found = found or _best(table, grouping)
    elif _are_distinguished((), stamps := times.astype(np.int64)):
        found = _ids_of_separate_periods(sure, stamps)
    elif _are_distinguished(sure, stamps):
        found = _needed(sure, stamps)
    else:
        found = _separating_ids(table, columns, varying, stamps)
    found = found or _best(table, constant)
    return tuple(column for column in columns if column in found)


def _ids_of_separate_periods(sure: Sequence[RawColumn], stamps: NDArray[np.int64]) -> tuple[RawColumn, ...]:
    """The id columns of a file in which hardly any time occurs in two rows, so that series do not overlap in time.

    Only columns whose rows look like series are used (see `_look_like_series`).

    sure:   the columns whose names are certain to be those of ids
    stamps: (rows,) the time of each row
    """
    if not _look_like_series(sure, stamps):
        sure = [column for column in sure if _look_like_series([column], stamps)]
    return _needed(sure, np.zeros_like(stamps))


def _separating_ids(
    table: RawTable, columns: Sequence[RawColumn], varying: Sequence[RawColumn], stamps: NDArray[np.int64]
) -> tuple[RawColumn, ...]:
    """The id columns of a file with several rows per time: the columns that distinguish these rows; () if none.

    columns: all columns to choose from
    varying: those that may be ids and have more than one text
    stamps:  (rows,) the time of each row
    """
    repeated = _repeated_fraction(stamps)
    separating = [column for column in varying if _repeated_fraction(stamps, column.codes) < repeated]
    grouping = [column for column in separating if column.has_groups or column.label.is_id]
    if any(_are_distinguished([column], stamps) for column in grouping):
        return _best(table, [column for column in separating if _are_distinguished([column], stamps)])
    if _are_distinguished(grouping, stamps):
        return _needed(grouping, stamps, MAX_REPEATED_FRACTION)
    return _with_a_numeric_id(columns, grouping, stamps) or _best(table, grouping)


def group_codes(columns: Sequence[RawColumn], rows: NDArray[np.intp] | None = None) -> NDArray[np.intp] | None:
    """(rows,) the number of the series of each row: rows with the same texts in `columns` have the same number.

    Numbers are 0, 1, 2, ... by first appearance. Returns None if `columns` is empty.

    rows: the indices of the rows to use; None uses all
    """
    if not columns:
        return None
    return _combined_codes([column.codes if rows is None else column.codes[rows] for column in columns])


def distinguishing_columns(
    columns: Sequence[RawColumn], rows: NDArray[np.intp], *keys: NDArray[Any]
) -> list[RawColumn]:
    """The columns that look like ids and distinguish rows with the same keys, such as the same time and series.

    If one column distinguishes all such rows, only this column is returned. An error about duplicates names the
    columns, because one of them may be an id column that was not found.

    rows: the indices of the rows to compare
    keys: integer arrays (len(rows),), such as the time and the series of each row
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
    """How many different combinations of keys the rows have. Each of `keys` is an integer array (rows,)."""
    return int(_combined_codes(keys).max()) + 1


def _combined_codes(keys: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    codes: NDArray[np.intp] = factorize(keys[0])[0]
    for key in keys[1:]:
        codes = factorize(codes * (int(key.max(initial=0)) + 1) + key)[0]
    return codes


def _look_like_series(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> bool:
    """Whether all rows with the same texts in `columns` look like one series, and not like rows with the same remark.

    They do if rows with the same texts are adjacent in the file, or after sorting by time. They also do if the step
    from time to time is the same within all series, but varies between the rows of the whole file.

    Returns False if a cell is empty, or if there are fewer than two rows per combination of texts, on average.

    stamps: (rows,) the time of each row
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
    """The fraction of rows whose keys are all equal to those of an earlier row. `keys` are integer arrays (rows,)."""
    return 1 - count_distinct(*keys) / len(keys[0])


def _are_distinguished(columns: Sequence[RawColumn], stamps: NDArray[np.int64]) -> bool:
    """Whether nearly all rows of the same time differ in one of the columns. `stamps` (rows,) are the times."""
    return _repeated_fraction(stamps, *(column.codes for column in columns)) <= MAX_REPEATED_FRACTION


def _best(table: RawTable, candidates: Sequence[RawColumn]) -> tuple[RawColumn, ...]:
    """The column whose name is most certainly that of an id, in a tuple; () if `candidates` is empty.

    Raises DataError if two names are equally certain, unless all columns give the same series.
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
    """The columns that are needed to distinguish the series.

    Columns are tried from the last to the first. A column is left out if the other columns still distinguish rows of
    the same time. But it is needed if, without it, series that do not overlap in time would become one series.

    columns: id columns, the one with the most certain name first
    stamps:  (rows,) the time of each row
    allowed: the fraction of rows that may have the same series and time as an earlier row. If more rows do so even
             with all columns, that fraction is allowed.
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
    """The id columns, if one of them holds whole numbers: the columns of `grouping`, and this column.

    Rows of the same time must differ in these columns. A column named like times or values is not an id, and another
    column of numbers must be left for the values. Returns () if no column of numbers fits, or more than one.

    columns:  all columns to choose from
    grouping: the id columns found so far
    stamps:   (rows,) the time of each row
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
        and count_distinct(*known, column.codes) <= MAX_SERIES_RATIO * rows_per_time
        and _are_distinguished([*grouping, column], stamps)
    ]
    left = [column for column in numbers if column not in fitting and not column.label.is_id]
    return (*grouping, fitting[0]) if len(fitting) == 1 and left else ()
