"""Find columns whose numbers count 1 to k within each group of rows, such as hours 1 to 24 within each date.

A group is the set of rows with the same date, or with the same year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.ids import count_distinct
from forecast_cli.panel.reading.numbers import read_numbers
from forecast_cli.panel.reading.table import RawTable

Ints = NDArray[np.int64]

SAMPLE_ROWS = 20
MAX_REPEATED_FRACTION = 0.02
"""At most this fraction of rows may have the same texts as an earlier row of their group. If more have, a part of the
date, such as the hour, is in another column."""
MAX_CHANGE_RATIO = 0.6
"""Rows follow each other in time if values change little from row to row: the mean change over one row must be below
this fraction of the mean change over several rows."""
MIN_COMPLETE_FRACTION = 0.9
"""A column counts within groups if at least this fraction of the groups have all numbers, such as 1 to 24. The first
and the last group may be incomplete."""


class Count(NamedTuple):
    """How a column counts within each group: from `first` (0 or 1), with `size` numbers in most groups."""

    first: int
    size: int


def count_within(groups: NDArray[np.intp], numbers: Ints) -> Count | None:
    """How numbers count within each group of rows, such as 1 to 24 in each day; None if they do not count.

    groups:  (rows,) the number of each row's group: 0, 1, 2, ... by first appearance
    numbers: (rows,) the number in each row

    A group may have 1/24 more or fewer numbers (at least 1), because a day on which clocks change has 23 or 25 hours.
    The first and the last group may be incomplete. A number can occur several times in a group, once for each series.
    """
    first = int(numbers.min(initial=2))
    if first not in (0, 1):
        return None
    sizes, longest = sizes_within(groups, numbers - first)
    inner = slice(1, -1) if len(sizes) > 2 else slice(None)
    distinct, votes = np.unique(longest[inner], return_counts=True)
    size = int(distinct[np.argmax(votes)])
    complete = (sizes == longest) & (np.abs(longest - size) <= max(1, size // 24))
    return Count(first, size) if size > 1 and complete[inner].mean() >= MIN_COMPLETE_FRACTION else None


def sizes_within(groups: NDArray[np.intp], positions: Ints) -> tuple[Ints, Ints]:
    """For each group of rows: how many different positions it has, and its highest position plus 1. Both (groups,).

    The two are equal if no position is missing.

    groups:    (rows,) the number of each row's group: 0, 1, 2, ...
    positions: (rows,) the position of each row within its group, from 0
    """
    width = int(positions.max()) + 1
    pairs = factorize(groups * width + positions)[1]  # uses hashes: sorting is far slower
    different = np.bincount(pairs // width)
    longest = np.zeros(len(different), dtype=np.int64)
    np.maximum.at(longest, pairs // width, pairs % width + 1)
    return different, longest


def moves_as_time(
    table: RawTable, groups: NDArray[np.intp], numbers: Ints, size: int, others: Sequence[int], column: int
) -> bool:
    """Whether numbers that count within each group seem to be times, and not the ids of series.

    Times rise by 1 from row to row, and values change less over one row than over several rows. If the numbers were
    ids, the next row would be of another series, and its value could be very different.

    groups, numbers: (rows,) the group of each row, 0, 1, 2, ..., and its number within the group
    size:            how many numbers a group has
    others:          the indices of the columns to search for values
    column:          the index of the column of `numbers`
    """
    same_group = groups[1:] == groups[:-1]
    if not same_group.any() or (np.diff(numbers)[same_group] == 1).mean() < MIN_COMPLETE_FRACTION:
        return False
    columns = [read_numbers(table.cells[:, i], table.decimal) for i in others if i != column]
    return any(_moves_little(numbers.values, size) for numbers in columns if numbers.valid_fraction == 1)


def _moves_little(values: NDArray[np.float64], size: int) -> bool:
    """Whether values (rows,) change less over one row than over 2 to `size` - 2 rows, on average.

    The mean change over one row must be below MAX_CHANGE_RATIO times the mean change over more rows.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    further = np.mean([_mean_change(values, rows) for rows in range(2, size - 1, max(1, size // 24))])
    return bool(_mean_change(values, 1) < MAX_CHANGE_RATIO * further)


def _mean_change(values: NDArray[np.float64], rows: int) -> float:
    """The mean absolute difference between values that are `rows` rows apart. NaN is left out; 0 if nothing is left."""
    changes = np.abs(values[rows:] - values[:-rows])
    known = changes[~np.isnan(changes)]
    return float(known.mean()) if len(known) else 0.0


def needs_another_part(table: RawTable, groups: NDArray[np.intp], others: Sequence[int], column: int) -> bool:
    """Whether only `column`, such as the hour, can distinguish the rows of a group, such as a day.

    It is so if more than MAX_REPEATED_FRACTION of the rows have the same texts in the other columns as an earlier row
    of their group.

    groups: (rows,) the number of each row's group
    others: the indices of the columns whose texts are compared; `column` and columns of numbers are skipped
    column: the index of the column that may hold the missing part of the date
    """
    keys = [groups]
    for i in others:
        if i != column and read_numbers(table.cells[:SAMPLE_ROWS, i], table.decimal).bad.any():
            keys.append(factorize(table.cells[:, i])[0])
    return count_distinct(*keys) < (1 - MAX_REPEATED_FRACTION) * len(groups)
