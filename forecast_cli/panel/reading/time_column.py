"""Find the column of times: the time at which the value of each row was observed.

It holds dates, step numbers, or numbers that only order the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.panel.reading.columns import RawColumn
from forecast_cli.panel.reading.frequency import filled_fraction
from forecast_cli.panel.reading.ids import count_distinct, group_codes
from forecast_cli.panel.reading.numeric_dates import advances_evenly, read_numeric_dates, read_steps
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.panel.reading.timestamps import Timestamps
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

MIN_COVERAGE = 0.8
"""A reading of dates (day first or month first) is regular if more than this fraction of the steps of its time grid
have a date."""
MIN_COVERAGE_RATIO = 4
"""A reading is also regular if its fraction of steps with a date is more than this many times that of the other
reading."""
MIN_DISTINCT_FRACTION = 0.5
"""Numbers can be times only if they rarely repeat within a series: the number of different times of a series, added up
over all series, must be more than this fraction of the rows."""
MIN_ORDER_ROWS = 5
"""A first column of rising numbers gives the order of the rows only if there are at least this many rows. In fewer, it
may rise by chance."""


@dataclass(frozen=True)
class TimeColumn:
    """The column of times.

    column:   the column itself
    readings: the timestamps of its cells. Two of them if dates such as 03/04/2024 can have the day or the month first;
              () if its numbers only order the rows
    """

    column: RawColumn
    readings: tuple[Timestamps, ...] = ()

    @property
    def times(self) -> NDArray[np.int64]:
        """(rows,) int64, a number for the time of each row: higher for a later time, equal for the same time."""
        if self.readings:
            return self.readings[0].local.astype(np.int64)
        return np.unique(self.column.numbers.values, return_inverse=True)[1].astype(np.int64)


def find_time_column(
    table: RawTable, columns: Sequence[RawColumn], given: RawColumn | None, taken: Sequence[RawColumn]
) -> TimeColumn | None:
    """The column of times; None if the file has none.

    given: the column that the user chose, or None
    taken: the columns that have another role already

    Raises DataError if several columns hold dates, or if a column is named like a date but its numbers are no dates.
    """
    free = [column for column in columns if column not in taken]
    if given is not None:
        return _given(table, given, free)
    dates = [column for column in free if column.kind == "date" and not (column.label.is_id and column.has_groups)]
    if len(dates) > 1:
        dates = [column for column in dates if not column.constant] or dates[:1]
        dates = [column for column in dates if column.label.may_hold_days] or dates
        dates = dates[:1] + [column for column in dates[1:] if (column.cells != dates[0].cells).any()]
    if len(dates) > 1:
        shown = and_joined([f"'{column.name}' ({column.cells[0]})" for column in dates[:3]])
        raise DataError(
            f"{table.name}: {len(dates)} columns hold dates: {shown}.",
            f"Name the one to use with {mention('date-column')}.",
        )
    if dates:
        return TimeColumn(dates[0], dates[0].dates)
    numbers = [column for column in free if column.kind == "number" and not column.holds_ids]
    possible_values = [
        column for column in columns if column.kind == "blank" or (column.kind == "number" and not column.holds_ids)
    ]
    if len(possible_values) < 2:
        return None
    found = _times_as_numbers(columns, numbers) or _order(table, free, numbers)
    if found is None:
        _refuse_other_numbers(table, numbers)
    return found


def choose_reading(table: RawTable, time: TimeColumn, ids: Sequence[RawColumn]) -> Timestamps | None:
    """The timestamps of the column of times; None if its numbers only order the rows.

    If dates such as 03/04/2024 have two readings (day first, month first), the one with a regular time grid is chosen.

    ids: the id columns

    Raises DataError if both readings are regular, or neither is.
    """
    if len(time.readings) < 2:
        return next(iter(time.readings), None)
    groups = group_codes(ids)
    if groups is None:
        groups = np.zeros(len(time.column.cells), dtype=np.intp)
    coverages = []
    for reading in time.readings:
        valid = ~(reading.missing | reading.bad)
        coverages.append(filled_fraction(reading.local[valid], groups[valid]))
    regular = [each > min(MIN_COVERAGE, MIN_COVERAGE_RATIO * min(coverages)) for each in coverages]
    if max(coverages) < MIN_COVERAGE / 2 or regular[0] == regular[1]:
        raise DataError(
            f"{table.where(0, time.column.name)}: '{time.column.cells[0]}' could have the day or the month first, "
            "and no other row decides it.",
            f"Give {mention('day-first', True)} or {mention('day-first', False)}.",
        )
    log.info("%s: dates have the %s first", table.name, "day" if regular[0] else "month")
    return time.readings[0] if regular[0] else time.readings[1]


def _given(table: RawTable, column: RawColumn, columns: Sequence[RawColumn]) -> TimeColumn:
    """The column that the user chose for the times, with all its possible readings.

    It has two readings if the day or the month may come first, and none if its numbers only order the rows.

    columns: the columns that may be ids of series

    Raises DataError if it holds neither dates nor step numbers nor numbers that differ within each series.
    """
    timestamps = read_numeric_dates(column, trusted=True, dated=True)
    if timestamps is not None or column.dates:
        return TimeColumn(column, column.dates if timestamps is None else (timestamps,))
    if _differ_in_series(column, columns):
        return _only_order(table, column)
    raise DataError(
        f"{table.where(0, column.name)}: '{column.cells[0]}' is not a date.",
        f"Write dates as 2024-01-31, or name another column with {mention('date-column')}.",
    )


def _times_as_numbers(columns: Sequence[RawColumn], numbers: Sequence[RawColumn]) -> TimeColumn | None:
    """The column of numbers that are times; None if there is none.

    Either its name says so, or its numbers advance by equal steps. Names are tried first.

    columns: all columns
    numbers: the columns of numbers that may hold the times
    """
    counts = [column for column in numbers if column.label.numbers_rows]
    unnamed = [] if all(column.unnamed for column in columns) else [c for c in numbers if c.unnamed]
    for column in (c for c in numbers if c.label.is_time and c not in counts):
        if (timestamps := read_numeric_dates(column, trusted=True, dated=True)) is not None:
            return TimeColumn(column, (timestamps,))
    for column in (c for c in numbers if not c.label.says_values and orders_rows(c, columns, falling=True)):
        timestamps = read_numeric_dates(column, trusted=True)
        if timestamps is None or not timestamps.dated:
            continue
        if column in unnamed or advances_evenly(np.unique(timestamps.local).astype(np.int64)):
            return TimeColumn(column, (timestamps,))
    groups = group_codes([c for c in columns if c.kind == "text" and (c.label.is_id or not c.numbers.valid_fraction)])
    named = [column for column in numbers if column.label.may_be_time]
    by_name = []
    for column in [*named, *(column for column in unnamed if column is columns[0])]:
        timestamps = read_numeric_dates(column, trusted=True, dated=column not in counts)
        if timestamps is not None and _rarely_repeats(timestamps, columns, groups):
            by_name.append(TimeColumn(column, (timestamps,)))
    if by_name:
        return next((time for time in by_name if time.readings[0].dated), by_name[0])
    for column in (c for c in numbers[:1] if not c.label.says_values):
        timestamps = read_numeric_dates(column, trusted=False)
        if timestamps is not None and (not column.label.is_date_part or _rarely_repeats(timestamps, columns, groups)):
            return TimeColumn(column, (timestamps,))
    return None


def _rarely_repeats(timestamps: Timestamps, columns: Sequence[RawColumn], groups: NDArray[np.intp] | None) -> bool:
    """Return whether the same time rarely occurs twice in one series, as it should if numbers are times.

    Numbers that are not times repeat more often: those of months, 1 to 12, repeat every year.

    timestamps: the column of numbers, read as times
    columns:    all columns; some columns of whole numbers may be the ids of series
    groups:     (rows,) the number of each row's series, by the columns of text; None without such columns
    """
    times = timestamps.local.astype(np.int64)
    keys = [times] if groups is None else [times, groups]
    if count_distinct(*keys) > MIN_DISTINCT_FRACTION * len(times):
        return True
    numbers = [c for c in columns if c.kind == "number" and (c.whole or c.label.may_be_id)]
    numeric_ids = [column.codes for column in numbers if len(column.texts) < len(column.cells) / 2]
    return any(count_distinct(times, codes) == len(times) for codes in numeric_ids)


def _order(table: RawTable, columns: Sequence[RawColumn], numbers: Sequence[RawColumn]) -> TimeColumn | None:
    """The column of numbers that order the rows; None if there is none.

    It is named like a time or like row numbers, or it is the first column of numbers and rises in each series.

    columns: the columns that may distinguish the series
    numbers: the columns of numbers
    """
    for column in numbers:
        if _orders_by_name(column, columns):
            return _only_order(table, column)
    for column in (c for c in numbers[:1] if not c.label.says_values and len(c.cells) >= MIN_ORDER_ROWS):
        if not orders_rows(column, columns):
            continue
        if not any(_ascends(other) for other in numbers[1:]):
            steps = read_steps(column)
            return _only_order(table, column) if steps is None else TimeColumn(column, (steps,))
        log.warning(
            "%s: the numbers in '%s' ascend and are taken for a series (%s takes them for the order of the rows)",
            table.name,
            column.name,
            mention("date-column", column.name),
        )
    return None


def _orders_by_name(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    """Whether a column is named like a time or row numbers, and its numbers order the rows of each series."""
    label = column.label
    if label.is_time and label.numbers_rows:
        return _differ_in_series(column, columns)
    named = label.may_be_time or (label.numbers_rows and not column.unnamed)
    return named and orders_rows(column, columns, falling=label.is_time)


def _only_order(table: RawTable, column: RawColumn) -> TimeColumn:
    log.warning(
        "%s: the numbers in '%s' have no constant step: only their order is used, and each row is one step",
        table.name,
        column.name,
    )
    return TimeColumn(column)


def orders_rows(column: RawColumn, columns: Sequence[RawColumn], *, falling: bool = False) -> bool:
    """Whether the numbers of a column rise from row to row in each series. With `falling`, they may also all fall.

    columns: the columns that may distinguish the series
    """
    steps = steps_within_series(column, columns)
    return len(steps) > 0 and bool((steps > 0).all() or (falling and (steps < 0).all()))


def _differ_in_series(column: RawColumn, columns: Sequence[RawColumn]) -> bool:
    """Whether a column never has the same number twice in one series. The order of the rows does not matter."""
    steps = steps_within_series(column, columns, in_order=False)
    return len(steps) > 0 and bool((steps > 0).all())


def steps_within_series(
    column: RawColumn, columns: Sequence[RawColumn], *, in_order: bool = True
) -> NDArray[np.float64]:
    """Return the differences between the numbers of neighbouring rows of the same series.

    The id columns are not known yet. So rows count as one series if they agree in all columns that may be ids. The
    result is empty if the column has a missing cell, or a number that is not finite.

    columns:  the columns that may distinguish the series
    in_order: True keeps the rows in the order of the file; False sorts the rows of each series by their numbers
    """
    values = column.numbers.values
    if column.kind != "number" or not np.isfinite(values).all():
        return np.empty(0)
    groups = group_codes([c for c in columns if c is not column and c.has_groups and (c.kind == "text" or c.holds_ids)])
    if groups is None:
        groups = np.zeros(len(values), dtype=np.intp)
    by_group = np.argsort(groups, kind="stable") if in_order else np.lexsort((values, groups))
    steps: NDArray[np.float64] = np.diff(values[by_group])[np.diff(groups[by_group]) == 0]
    return steps


def _ascends(column: RawColumn) -> bool:
    known = column.numbers.values[np.isfinite(column.numbers.values)]
    return bool((np.diff(known) >= 0).all())


def _refuse_other_numbers(table: RawTable, numbers: Sequence[RawColumn]) -> None:
    """Raise DataError if a column of numbers is named like a date. It is called only if no column holds times."""
    for column in numbers:
        if column.label.is_time:
            raise DataError(
                f"{table.where(0, column.name)}: '{column.cells[0]}' is not a date in a known form.",
                f"Write dates as 2024-01-31; {mention('date-column')} names another column, "
                f"{mention('value-column')} those of the values.",
            )
