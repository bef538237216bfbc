"""Find columns that are numbered steps without dates, such as V2 to V61, in tables with one row per series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from forecast_cli.panel.reading.header import counts_in, is_value
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.table import RawTable

MIN_STEPS = 3
MIN_UNNAMED_STEPS = 8
"""Minimum number of steps if the word is in NO_NAMES."""
STEP_WORDS = frozenset(["d", "day", "t", "w", "wk", "week", "month", "hour", "quarter", "period", "step", "time"])
NO_NAMES = frozenset(["v", "x", "c", "col", "column"])
"""Words in names that programs invent: V1 in R, x1, column 1."""
_NUMBERED = re.compile(r"(?P<word>[a-z]+)[ _.]?(?P<number>\d{1,6})", re.IGNORECASE)


def step_columns(table: RawTable) -> list[int]:
    """Indices of the columns named as consecutive steps; [] if `table` has none.

    Columns with names that programs invent (V2, V3, ...) are steps only if some rows end in empty cells, as series of
    different lengths do, or if there are more columns than rows.
    """
    counted = list(counts_in(table.names))
    if counted:
        return counted
    word, columns = _longest_run(table.names)
    if columns and not any(map(is_value, table.cells[:, columns[0]])):  # V1 may hold ids, and V2 the first step
        columns = columns[1:]
    if word in STEP_WORDS and len(columns) >= MIN_STEPS:
        return columns
    unnamed = word in NO_NAMES and len(columns) >= MIN_UNNAMED_STEPS
    return columns if unnamed and (len(columns) > len(table.cells) or _is_ragged(table, columns)) else []


def _longest_run(names: Sequence[str]) -> tuple[str, list[int]]:
    """(word, column indices) of the longest run of names with one word and consecutive numbers; "" and []."""
    matches = [(i, match) for i, name in enumerate(names) if (match := _NUMBERED.fullmatch(name))]
    runs = [
        (word, [i for i, _ in run])
        for (word, _), run in groupby(matches, lambda each: (each[1]["word"].lower(), int(each[1]["number"]) - each[0]))
    ]
    return max(runs, key=lambda run: len(run[1]), default=("", []))


def _is_ragged(table: RawTable, columns: list[int]) -> bool:
    """Whether some rows, not all, have no value in the last column."""
    without_value = np.array([is_missing(cell) for cell in table.cells[:, columns[-1]]], dtype=bool)
    return bool(without_value.any() and not without_value.all())
