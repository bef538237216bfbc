"""Find columns named as numbered steps, such as V2 to V61, in tables with one row per series and no dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from forecast_cli.panel.reading.header import is_value, step_numbers_in
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.patterns import full_match
from forecast_cli.panel.reading.table import RawTable

MIN_STEPS = 3
MIN_UNNAMED_STEPS = 8
"""Columns whose names start with a word of GENERATED_NAME_WORDS are steps only if there are at least this many."""
STEP_WORDS = frozenset(["d", "day", "t", "w", "wk", "week", "month", "hour", "quarter", "period", "step", "time"])
GENERATED_NAME_WORDS = frozenset(["v", "x", "c", "col", "column"])
"""First words of names that programs give to columns without a name: V1 in R, x1, column 1."""
_NUMBERED = re.compile(r"(?P<word>[a-z]+)[ _.]?(?P<number>\d{1,6})", re.IGNORECASE)


def step_columns(table: RawTable) -> list[int]:
    """The indices of the columns with consecutive numbers in their names, such as week1, week2, ...; [] if none.

    Names that programs give to unnamed columns (V2, V3, ...) are less certain. Such columns are steps only if there are
    at least MIN_UNNAMED_STEPS of them, and if they are more than the rows or if some rows end with empty cells: the
    series then have different lengths.
    """
    counted = list(step_numbers_in(table.names))
    if counted:
        return counted
    word, columns = _longest_run(table.names)
    if columns and not any(map(is_value, table.cells[:, columns[0]])):  # V1 may hold ids, and V2 the first step
        columns = columns[1:]
    if word in STEP_WORDS and len(columns) >= MIN_STEPS:
        return columns
    unnamed = word in GENERATED_NAME_WORDS and len(columns) >= MIN_UNNAMED_STEPS
    return columns if unnamed and (len(columns) > len(table.cells) or _is_ragged(table, columns)) else []


def _longest_run(names: Sequence[str]) -> tuple[str, list[int]]:
    """The longest sequence of names with the same word and consecutive numbers, as (word, column indices).

    ["id", "V1", "V2"] -> ("v", [1, 2]). Returns ("", []) if no name ends in a number.
    """
    matches = [(i, match) for i, name in enumerate(names) if (match := full_match(_NUMBERED, name))]
    runs = [
        (word, [i for i, _ in run])
        for (word, _), run in groupby(matches, lambda each: (each[1]["word"].lower(), int(each[1]["number"]) - each[0]))
    ]
    return max(runs, key=lambda run: len(run[1]), default=("", []))


def _is_ragged(table: RawTable, columns: list[int]) -> bool:
    """Whether some rows, but not all, have no value in the last of `columns`."""
    without_value = np.array([is_missing(cell) for cell in table.cells[:, columns[-1]]], dtype=bool)
    return bool(without_value.any() and not without_value.all())
