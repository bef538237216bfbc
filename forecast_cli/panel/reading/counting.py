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
"""Fraction of rows that may repeat the group and the texts of another row."""
MIN_COMPLETE_FRACTION = 0.9
"""The fraction of groups, without the first and the last, in which no number may be missing."""


class Count(NamedTuple):
    """Numbers from `first`, 0 or 1, of which each group usually has `size`."""

    first: int
    size: int


def count_within(groups: NDArray[np.intp], numbers: Ints) -> Count | None:
    """How `numbers` (rows,) count within each group; None if they do not.

    groups: (rows,) 0, 1, 2, ... in order of appearance

    A group may be longer or shorter by a 24th, as days are at a change of the clock, and at least by one. The first and
    the last group may be incomplete. A number may occur several times in a group, once for each series.
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
    """How many different positions each group has, and the highest one plus 1.

    groups:    (rows,) 0, 1, 2, ...
    positions: (rows,) 0 or more
    """
    import pandas as pd

    width = int(positions.max()) + 1
    pairs = pd.unique(groups * width + positions)  # of hashes: sorting takes far longer
    different = np.bincount(pairs // width)
    longest = np.zeros(len(different), dtype=np.int64)
    np.maximum.at(longest, pairs // width, pairs % width + 1)
    return different, longest


def counts_on(groups: NDArray[np.intp], numbers: Ints) -> bool:
    """Whether numbers (rows,) mostly rise by 1 from row to row within each group, as times do and ids may not."""
    same_group = groups[1:] == groups[:-1]
    return bool(same_group.any() and (np.diff(numbers)[same_group] == 1).mean() >= MIN_COMPLETE_FRACTION)


def needs_another_part(table: RawTable, groups: NDArray[np.intp], others: Sequence[int], column: int) -> bool:
    """Whether rows of the same group (rows,), such as a date, are not told apart by the texts of `others`.

    others: columns; `column` among them does not count
    """
    import pandas as pd

    keys = [groups]
    for i in others:
        if i != column and read_numbers(table.cells[:SAMPLE_ROWS, i], table.decimal).bad.any():
            keys.append(pd.factorize(table.cells[:, i])[0])
    return count_distinct(*keys) < (1 - MAX_REPEATED_FRACTION) * len(groups)
