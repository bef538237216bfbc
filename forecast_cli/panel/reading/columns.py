"""Detect what each column of a table holds: numbers, dates, text or nothing. The cells decide; the name is a hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import MissingColumnError, did_you_mean, mention
from forecast_cli.panel.reading.column_names import ColumnName
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.forms import MAX_SAMPLE, looks_like_clock, looks_like_date
from forecast_cli.panel.reading.month_names import ENGLISH, months_of
from forecast_cli.panel.reading.numbers import Numbers, read_numbers
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.timestamps import Timestamps


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One column and what it holds. Two columns are equal only if they are the same object.

    kind:     "number" or "date" if more than half of the cells that are not missing are numbers or dates; "blank" if
              all cells are missing; otherwise "text". Dates in digits, such as 20240131, are of kind "number" unless
              the table has their timestamps already
    cells:    (rows,) object, the cells as text
    numbers:  the cells read as numbers
    dates:    the possible readings of the cells as dates: () for numbers and for cells in no form of a date; two if it
              is not clear whether day or month comes first, as in 03/04/2024
    unnamed:  whether the column has no name in the file
    """

    name: str
    kind: str
    cells: NDArray[Any]
    numbers: Numbers
    dates: tuple[Timestamps, ...] = ()
    unnamed: bool = False

    @cached_property
    def label(self) -> ColumnName:
        """The name of the column, which tells what it may contain; an empty name if it has none in the file."""
        return ColumnName("" if self.unnamed else self.name)

    @cached_property
    def part(self) -> str:
        """The part of a date that the column holds, by its name or its cells: "month", for example; "" for none."""
        if self.label.part or self.label.may_be_id or self.kind != "text":
            return self.label.part
        if len(self.texts) <= len(ENGLISH) and all(months_of(self.texts.tolist())):
            return "month"
        return "hour" if all(map(looks_like_clock, self.texts[:MAX_SAMPLE])) else ""

    @cached_property
    def tells_time(self) -> bool:
        """Whether the name has a word for a time, or the cells are like 05:30.

        Such a column is an id column only if its name is also that of ids.
        """
        clock = self.kind == "text" and all(map(looks_like_clock, self.texts[:MAX_SAMPLE]))
        return clock or self.label.mentions_time

    @property
    def holds_ids(self) -> bool:
        """Whether name and cells show that the column holds ids, of series or of single rows, and no values."""
        return (self.label.may_be_id and self.has_groups) or (self.label.ends_as_id and self.whole)

    @cached_property
    def has_groups(self) -> bool:
        """Whether each different text is in two or more cells on average, as ids of series are in a long file."""
        return len(self.texts) <= len(self.cells) / 2

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """(rows,) the index of each cell's text in `texts`."""
        return self._distinct[0]

    @cached_property
    def texts(self) -> NDArray[Any]:
        """(distinct,) the different texts, in order of appearance."""
        return self._distinct[1]

    @cached_property
    def _distinct(self) -> tuple[NDArray[np.intp], NDArray[Any]]:
        codes, texts = factorize(self.cells)
        return codes, texts

    @property
    def constant(self) -> bool:
        """Whether all cells are equal."""
        return len(self.texts) == 1

    @cached_property
    def whole(self) -> bool:
        """Whether every cell is a whole number; False if a cell is missing."""
        values = self.numbers.values
        return bool(np.isfinite(values).all() and (np.trunc(values) == values).all())

    @property
    def counts_rows(self) -> bool:
        """Whether the column numbers the rows of the file: its cells are 0, 1, 2, ... or 1, 2, 3, ..."""
        values = self.numbers.values
        return self.whole and len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def classify_columns(table: RawTable, day_first: bool | None) -> list[RawColumn]:
    """The columns of a table with what they hold, in the order of the table.

    day_first: True if the day comes first in dates such as 03/04/2024, False if the month does; None: both are possible
    """
    return [_classify(table, i, day_first) for i in range(len(table.names))]


def column_named(table: RawTable, columns: Sequence[RawColumn], name: str, option: str) -> RawColumn:
    """The column with this name. Raises MissingColumnError if there is none.

    option: the option in which the user gave the name, such as "date-column"; the error mentions it
    """
    for column in columns:
        if column.name == name:
            return column
    shown = ", ".join(table.names[:10])
    raise MissingColumnError(
        f"{table.name}: has no column '{name}'; its columns are {shown}.{did_you_mean(name, table.names)}",
        f"Correct {mention(option)}.",
        option,
    )


def _classify(table: RawTable, index: int, day_first: bool | None) -> RawColumn:
    name, cells = table.names[index], table.cells[:, index]
    unnamed = name in table.unnamed
    numbers = read_numbers(cells, table.decimal)
    if numbers.missing.all():
        return RawColumn(name, "blank", cells, numbers, unnamed=unnamed)
    parsed = table.timestamps.get(name)
    column = RawColumn(name, "number", cells, numbers, unnamed=unnamed)
    if parsed is None and numbers.valid_fraction > 0.5 and not _are_partly_dates(column):
        return column
    dates = tuple(read_dates(cells, day_first, name)) if parsed is None else (parsed,)
    return replace(column, kind="date" if dates and _hold_dates(cells, dates[0]) else "text", dates=dates)


def _are_partly_dates(column: RawColumn) -> bool:
    """Whether a column of mostly numbers holds dates: some cells are no numbers, and these are all dates.

    Its name must also be that of a column of times.
    """
    bad = column.numbers.bad
    return bool(column.label.may_be_time and bad.any()) and all(map(looks_like_date, _sample(column.cells[bad])))


def _hold_dates(cells: NDArray[Any], dates: Timestamps) -> bool:
    """Whether more than half of the cells are dates.

    If at most half of them are dates of one form, dates of all forms are counted, in a sample of the cells. Cells of
    digits only are left out of the sample.

    dates: the cells read as dates of one form
    """
    if dates.valid_fraction > 0.5:
        return True
    present = cells[~dates.missing]
    sample = _sample(present[[not cell.isdigit() for cell in present]])
    return 2 * sum(map(looks_like_date, sample)) > len(sample) > 0


def _sample(cells: NDArray[Any]) -> NDArray[Any]:
    sample: NDArray[Any] = cells[:: max(1, len(cells) // MAX_SAMPLE)]
    return sample
