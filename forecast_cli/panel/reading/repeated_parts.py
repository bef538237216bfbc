"""Number the rows of tables without dates in which a column repeats a part of a date: January to December, January, ...

Months, weekdays and hours are such parts.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.forms import looks_like_clock
from forecast_cli.panel.reading.numbers import read_numbers, whole_numbers
from forecast_cli.panel.reading.part_names import HIGHEST, part_of
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.timestamps import Timestamps

log = logging.getLogger(__name__)


def count_rows(table: RawTable, others: Sequence[int]) -> RawTable | None:
    """Number the rows as steps 1, 2, ... if a column repeats months, weekdays or hours in the same order.

    The order must have no gaps: January to December, and then January to December again. Without these step numbers,
    each month would be read as the id of a series.

    others: the indices of the columns to check

    Returns the table with these steps as the `timestamps` of that column. Returns None for other tables, if one of the
    columns may hold the time because its numbers rise, or if each repetition is another series.
    """
    if any(_may_hold_times(table, column) for column in others):
        return None
    for column in others:
        name, cells = table.names[column], table.cells[:, column]
        codes, texts = factorize(cells)
        if not _are_parts(part_of(name), texts):
            continue
        repeats = 1 < len(texts) < len(cells) and (codes == np.arange(len(cells)) % len(texts)).all()
        if repeats and not _repeats_per_series(table, np.arange(len(cells)) // len(texts)):
            steps, no_row = np.arange(1, len(cells) + 1), np.zeros(len(cells), dtype=bool)
            log.warning(
                "%s: column '%s' repeats every %d rows and no column has the year or the date; each row is one step",
                table.name,
                name,
                len(texts),
            )
            counted = Timestamps(steps, steps, missing=no_row, bad=no_row, zoned=no_row)
            return replace(table, timestamps={name: counted})
    return None


def _are_parts(part: str, texts: NDArray[Any]) -> bool:
    """Whether all texts are times of day such as 05:30, words, or numbers that `part` can have: 1 to 12 for "month"."""
    if all(looks_like_clock(text) for text in texts):
        return True
    if part not in HIGHEST:
        return False
    words = not any(character.isdigit() for text in texts for character in text)
    return words or whole_numbers(texts, 0, HIGHEST[part]) is not None


def _repeats_per_series(table: RawTable, repetition: NDArray[np.intp]) -> bool:
    """Return whether each repetition of the months or hours belongs to another series of a long file.

    It does if some column has the same text in all rows of a repetition, and a different text in each repetition.

    repetition: (rows,) the number of each row's repetition: 0, 1, 2, ...
    """
    return any((factorize(cells)[0] == repetition).all() for cells in table.cells.T)


def _may_hold_times(table: RawTable, column: int) -> bool:
    """Whether the column at an index may hold the time: its numbers rise from row to row.

    Its name must also be that of times or row numbers, unless it is the first column.
    """
    label = ColumnName(table.names[column])
    if column > 0 and not (label.may_be_time or label.numbers_rows):
        return False
    values = read_numbers(table.cells[:, column], table.decimal).values
    return bool((values[1:] > values[:-1]).all())
