"""Columns of numbers that count 1 to k within each group of rows, such as the hours of each date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.ids import count_distinct
from forecast_cli.panel.reading.numbers import read_numbers
from forecast_cli.panel.reading.table import RawTable

Ints = NDArray[np.int64]

SAMPLE_ROWS = 20
MAX_REPEATED_FRACTION = 0.02
"""Largest fraction of rows with the same group and texts as another row."""
MAX_CHANGE_RATIO = 0.6
"""Rows are times if the mean change over one row is below this fraction of that over several rows."""
MIN_COMPLETE_FRACTION = 0.9
"""The fraction of groups, without the first and the last, that must have all their numbers."""


class Count(NamedTuple):
    """Most groups contain the `size` numbers that start at `first`, 0 or 1."""

    first: int
    size: int


def count_within(groups: NDArray[np.intp], numbers: Ints) -> Count | None:
    """How `numbers` (rows,) count within each group; None if they do not.

    groups: (rows,) 0, 1, 2, ... in order of appearance

    A group may have 1/24 more or fewer numbers (at least 1), as days with a clock change have. The first and the last
    group may be incomplete. A number can occur several times in a group, once for each series.
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
    """(groups,) the number of different positions, and the highest plus 1.

    groups:    (rows,) 0, 1, 2, ...
    positions: (rows,) 0 or more
    """
    import pandas as pd

    width = int(positions.max()) + 1
    pairs = pd.unique(groups * width + positions)  # uses hashes: sorting is far slower
    different = np.bincount(pairs // width)
    longest = np.zeros(len(different), dtype=np.int64)
    np.maximum.at(longest, pairs // width, pairs % width + 1)
    return different, longest


def moves_as_time(
    table: RawTable, groups: NDArray[np.intp], numbers: Ints, size: int, others: Sequence[int], column: int
) -> bool:
    """Whether numbers in `column` that count within each group seem to be times, and not the ids of series.

    groups, numbers: (rows,) groups are 0, 1, 2...
    size:            numbers in a group
    others:          indices of columns to search for values

    Times rise by 1 from row to row, and values change less over one row than over several rows. If the next row is
    of another series, its value can be far away.
    """
    same_group = groups[1:] == groups[:-1]
    if not same_group.any() or (np.diff(numbers)[same_group] == 1).mean() < MIN_COMPLETE_FRACTION:
        return False
    columns = [read_numbers(table.cells[:, i], table.decimal) for i in others if i != column]
    return any(_moves_little(numbers.values, size) for numbers in columns if numbers.valid_fraction == 1)


def _moves_little(values: NDArray[np.float64], size: int) -> bool:
    """Whether values change less from row to row than over the other distances within `size` rows."""
    values = np.where(np.isfinite(values), values, np.nan)
    further = np.mean([_mean_change(values, rows) for rows in range(2, size - 1, max(1, size // 24))])
    return bool(_mean_change(values, 1) < MAX_CHANGE_RATIO * further)


def _mean_change(values: NDArray[np.float64], rows: int) -> float:
    """The mean absolute difference of values `rows` apart, without NaN; 0 if there are none."""
    changes = np.abs(values[rows:] - values[:-rows])
    known = changes[~np.isnan(changes)]
    return float(known.mean()) if len(known) else 0.0


def needs_another_part(table: RawTable, groups: NDArray[np.intp], others: Sequence[int], column: int) -> bool:
    """Whether too many rows have the same group (rows,), such as a date, and the same texts in `others`.

    others: indices of columns; `column` is left out
    """
    import pandas as pd

    keys = [groups]
    for i in others:
        if i != column and read_numbers(table.cells[:SAMPLE_ROWS, i], table.decimal).bad.any():
            keys.append(pd.factorize(table.cells[:, i])[0])
    return count_distinct(*keys) < (1 - MAX_REPEATED_FRACTION) * len(groups)
