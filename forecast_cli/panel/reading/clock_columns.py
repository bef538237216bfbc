"""Find the time of day if it is in other columns than the date.

It can be written as 17:24, as the number of an hour (0 to 23; or 1 to 24, if hours are named by their end), or as the
number of a period of the day, such as 1 to 48 for half hours.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import mention
from forecast_cli.panel.reading.column_names import ColumnName, plain
from forecast_cli.panel.reading.counting import Count, count_within, moves_as_time, needs_another_part, sizes_within
from forecast_cli.panel.reading.dates import read_dates
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.forms import looks_like_clock, start_of_span
from forecast_cli.panel.reading.groups import read_clock
from forecast_cli.panel.reading.numbers import whole_numbers
from forecast_cli.panel.reading.part_names import part_of
from forecast_cli.panel.reading.table import RawTable
from forecast_cli.words import and_joined

log = logging.getLogger(__name__)

Ints = NDArray[np.int64]

SAMPLE_ROWS = 20
HOURS, DAY_MINUTES = 24, 1440
USUAL_PERIODS = (24, 48, 96, 144, 288, 1440)
"""How many periods a day can have: 24 hours, 48 half hours, ..., 1440 minutes. A column that counts 1 to 48 on each day
holds periods, whatever its name."""
CLOCK_NAMES = ("time", "hhmm", "clock", "uhrzeit", "zeit", "heure", "hora")
MONTHS_OF_CLOCK_CHANGES = (3, 4, 9, 10)
"""Months, 1 to 12, in which clocks are set forward by one hour on a Sunday, on either half of the Earth."""


class ClockColumns(NamedTuple):
    """The time of day of each row.

    columns: the indices of the columns it is read from
    texts:   (rows,) object, text such as "17:24"
    """

    columns: list[int]
    texts: NDArray[Any]


def find_clock(table: RawTable, others: Sequence[int], dates: NDArray[Any]) -> ClockColumns | None:
    """The time of day of each row, read from other columns than the date; None if no column holds it.

    The search is in this order:

    1. a column of times such as 17:24; or two columns, the start and the end of periods: the start is used
    2. a column of numbers that is named like hours or clock times
    3. a column that numbers the periods of each day, such as 1 to 48. Without it, rows of the same day cannot be
       distinguished. Its name is that of periods; or the number of periods is one of USUAL_PERIODS, and neither the
       name nor the numbers look like ids of series

    If every date has one row only, 2 and 3 are left out.

    others: the indices of the columns to search
    dates:  (rows,) the dates as text
    """
    found = _written_clock(table, others)
    if found is None:
        days: NDArray[np.intp]
        days, distinct = factorize(dates)
        if len(distinct) == len(dates):  # each date has one row, so numbers beside it are values
            return None
        found = _hours(table, others, days, dates) or _periods(table, others, days, dates)
    if found is not None:
        names = and_joined([f"'{table.names[column]}'" for column in found.columns])
        log.info("%s: the time of day is in the column%s %s", table.name, "s" * (len(found.columns) > 1), names)
    return found


def _written_clock(table: RawTable, others: Sequence[int]) -> ClockColumns | None:
    sample = table.cells[:SAMPLE_ROWS]
    others = [i for i in others if not ColumnName(table.names[i]).may_be_id]
    clocks = [i for i in others if all(looks_like_clock(start_of_span(cell)) for cell in sample[:, i])]
    if not clocks or len(clocks) > 2:
        return None
    texts = [_with_colons(table.cells[:, column]) for column in clocks]
    if len(clocks) == 2 and not _are_start_and_end(*texts):
        return None
    return ClockColumns(clocks, texts[0])


def _with_colons(cells: NDArray[Any]) -> NDArray[Any]:
    return np.array([start_of_span(text).replace(".", ":", 2) for text in cells], dtype=object)


def _are_start_and_end(starts: NDArray[Any], ends: NDArray[Any]) -> bool:
    """Whether two columns of times of day (rows,) are the start and the end of periods.

    At least 90 % of the periods must have the same length, which is shorter than a day.
    """
    lengths = (read_clock(ends)[0] - read_clock(starts)[0]) % (DAY_MINUTES * 60_000_000_000)
    usual, counts = np.unique(lengths, return_counts=True)
    return bool(usual[np.argmax(counts)] > 0 and counts.max() >= 0.9 * len(lengths))


def _hours(table: RawTable, others: Sequence[int], days: NDArray[np.intp], dates: NDArray[Any]) -> ClockColumns | None:
    """The times of day from a column named like hours; None if there is none.

    Its numbers are hours: 0 to 23, or 1 to 24; a day on which clocks are set back has one hour more. Minutes are added
    if another column holds them. Or its numbers are clock times without a colon, such as 1730; such a column may also
    have a name in CLOCK_NAMES.

    others: the indices of the columns to search
    days:   (rows,) the number of each row's date, by first appearance
    dates:  (rows,) the dates as text
    """
    for column in (i for i in others if part_of(table.names[i]) == "hour"):
        hours = whole_numbers(table.cells[:, column], 0, HOURS + 1)
        if hours is None:
            continue
        first = int(hours.min().clip(0, 1))
        minutes = _local_minutes(hours - first, days, dates, HOURS) + first * 60
        for finer in (i for i in others if i != column):
            within = _minutes_within(table, finer, days * (HOURS + 2) + hours, first)
            if within is not None:
                return ClockColumns([column, finer], _clock_texts(minutes + within))
        return ClockColumns([column], _clock_texts(minutes))
    for column in others:
        if part_of(table.names[column]) == "hour" or plain(table.names[column]) in CLOCK_NAMES:
            clock = whole_numbers(table.cells[:, column], 0, 2400)
            if clock is not None and clock.max() > 99 and (clock % 100 < 60).all():
                return ClockColumns([column], _clock_texts(clock // 100 * 60 + clock % 100))
    return None


def _minutes_within(table: RawTable, column: int, hours: NDArray[np.intp], first: int) -> Ints | None:
    """(rows,) the minutes to add to the hours, from a column of minutes (0 to 59) or of periods of the hour (1 to 4).

    column: the index of a column
    hours:  (rows,) a number that is the same for all rows with the same day and hour
    first:  1 if hours and periods are named by their end, 0 if by their start

    Returns None if the column is not named like minutes or periods, or does not hold such numbers.
    """
    numbers = whole_numbers(table.cells[:, column], 0, 60)
    if numbers is None or part_of(table.names[column]) not in ("minute", "period"):
        return None
    if part_of(table.names[column]) == "minute":
        return numbers if numbers.max() < 60 else None
    count = count_within(factorize(hours)[0], numbers)
    if count is None or 60 % count.size != 0:
        return None
    return (numbers - count.first + first) * (60 // count.size) - 60 * first


def _periods(
    table: RawTable, others: Sequence[int], days: NDArray[np.intp], dates: NDArray[Any]
) -> ClockColumns | None:
    """The times of day from a column that numbers the periods of each day, such as 1 to 48 from midnight on.

    Returns None if there is no such column, or more than one.

    others: the indices of the columns to search
    days:   (rows,) the number of each row's date, by first appearance
    dates:  (rows,) the dates as text
    """
    fitting: list[tuple[int, Ints, Count]] = []
    for column in others:
        numbers = whole_numbers(table.cells[:, column], 0, DAY_MINUTES + 60)
        count = count_within(days, numbers) if numbers is not None else None
        if numbers is None or count is None or not _may_be_period(table.names[column], count.size):
            continue
        is_named = part_of(table.names[column]) == "period"
        if not is_named and not moves_as_time(table, days, numbers, count.size, others, column):
            continue
        if needs_another_part(table, days, others, column):
            fitting.append((column, numbers - count.first, count))
    named = [fit for fit in fitting if part_of(table.names[fit[0]]) == "period"]
    if len(named or fitting) != 1:
        return None
    column, positions, count = (named or fitting)[0]
    if not named:
        log.warning(
            "%s: column '%s' counts %d to %d on each date: taken for the time of day (%s makes it the id of series)",
            table.name,
            table.names[column],
            count.first,
            count.first + count.size - 1,
            mention("id-column", table.names[column]),
        )
    return ClockColumns([column], _clock_texts(_local_minutes(positions, days, dates, count.size)))


def _may_be_period(name: str, size: int) -> bool:
    if part_of(name) == "period":
        return DAY_MINUTES % size == 0
    return not part_of(name) and not ColumnName(name).may_be_id and size in USUAL_PERIODS


def _local_minutes(positions: Ints, days: NDArray[np.intp], dates: NDArray[Any], size: int) -> Ints:
    """(rows,) the time at which each period starts, in minutes since midnight, as a local clock shows it.

    positions: (rows,) the number of the period within its day, from 0
    days:      (rows,) the number of the day of each row: 0, 1, 2, ...
    dates:     (rows,) the dates as text
    size:      the number of periods in a usual day

    Clocks are assumed to change at 2 o'clock. A day with more than `size` periods has the hour from 2 to 3 twice. A
    Sunday of MONTHS_OF_CLOCK_CHANGES whose periods are exactly one hour fewer has no hour from 2 to 3.
    """
    step, hour = DAY_MINUTES // size, size // HOURS
    minutes = positions * step
    if hour == 0:
        return minutes
    different, longest = sizes_within(days, positions)
    complete = different == longest
    minutes = np.where((complete & (longest > size))[days] & (positions >= 3 * hour), minutes - 60, minutes)
    short = complete & (longest == size - hour)
    if short.any():
        short &= _may_lose_an_hour(dates[np.unique(days, return_index=True)[1]])
        minutes = np.where(short[days] & (positions >= 2 * hour), minutes + 60, minutes)
    return minutes


def _may_lose_an_hour(dates: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the dates, given as text, are Sundays in MONTHS_OF_CLOCK_CHANGES. Returns bools, one for each date."""
    possible = np.zeros(len(dates), dtype=bool)
    for reading in read_dates(dates + " 00:00"):
        days = reading.local.astype("datetime64[D]")
        sunday = (days.astype(np.int64) + 3) % 7 == 6
        month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
        possible |= sunday & np.isin(month, MONTHS_OF_CLOCK_CHANGES) & ~np.isnat(days)
    return possible


def _clock_texts(minutes: Ints) -> NDArray[Any]:
    codes, distinct = factorize(minutes)
    texts: NDArray[Any] = np.array([f"{m // 60:02d}:{m % 60:02d}" for m in distinct], dtype=object)[codes]
    return texts
