"""Cycles: steps at the same places of each week, month or year, such as opening hours or the 1st and 15th."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, WEEKDAYS

LAST_DAY = 31
"""Means the last day of a month of any length."""
SHORTEST_MONTH = 28
PERIOD_DAYS = {"week": 7.0, "month": 365.25 / 12, "year": 365.25, "fiscal year": 365.25}
"""Days in each period of a cycle, on average."""


@dataclass(frozen=True)
class Cycle:
    """The steps of each week, month or year.

    period:   "week", "month", "year" or "fiscal year"
    offsets:  nanoseconds from the start of a period to each of its steps, ascending. In a month that is too short for
              a step, the step is on the last day.
    starts:   month, day and weekday (0 is Monday): a fiscal year starts on this weekday, on or after this day
    """

    period: str
    offsets: tuple[int, ...]
    starts: tuple[int, int, int] = (1, 1, 0)

    @property
    def by_weekday(self) -> list[list[int]]:
        """For a cycle of a week: 7 lists, Monday first, of the times of day of the steps, in nanoseconds."""
        days: list[list[int]] = [[] for _ in WEEKDAYS]
        for offset in self.offsets:
            days[offset // DAY].append(offset % DAY)
        return days

    @property
    def has_clock(self) -> bool:
        """Whether there is more than one step in a day."""
        return self.period == "week" and any(len(clocks) > 1 for clocks in self.by_weekday)

    @property
    def season_length(self) -> int:
        """Steps in a year; for weeks: in a week, or in a day if each day with steps has equally many, above 1."""
        if self.period == "month":
            return 12 * len(self.offsets)
        if self.period != "week":
            return len(self.offsets)
        each_day = {len(clocks) for clocks in self.by_weekday if clocks}
        return each_day.pop() if self.has_clock and len(each_day) == 1 else len(self.offsets)

    @property
    def mean_step(self) -> float:
        """Nanoseconds from one step to the next, on average."""
        return PERIOD_DAYS[self.period] * DAY / len(self.offsets)

    def count(self, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The number of the last step at or before each time; step 0 is the first in the period with 1970-01-01.

        times:   datetime64, of any shape
        returns: int64 of the same shape
        """
        times = times.astype("datetime64[ns]")
        period = self._period(times)
        since = (times - self._start(period)).astype(np.int64)
        if self.period == "month":
            on_last_day = times >= self._start(period + 1) - np.timedelta64(DAY, "ns")
            since = np.where(on_last_day, (LAST_DAY - 1) * DAY + since % DAY, since)
        return period * len(self.offsets) + np.searchsorted(self._offsets, since, side="right") - 1

    def nearest(self, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The number of the step nearest to each time (any shape); of two equally near, the earlier."""
        earlier = self.count(times)
        return earlier + (self.stamp(earlier + 1) - times < times - self.stamp(earlier))

    def stamp(self, counts: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """The times, datetime64[ns], of the steps with the numbers `counts` (any shape)."""
        period, step = np.divmod(counts, len(self.offsets))
        start, since = self._start(period), self._offsets[step]
        if self.period == "month":
            last_day = (self._start(period + 1) - start).astype(np.int64) - DAY
            since = np.minimum(since, last_day)
        times: NDArray[np.datetime64] = start + since.astype("timedelta64[ns]")
        return times

    def _period(self, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The number of the week, month or year of each time, counted from that of 1970-01-01."""
        if self.period == "week":
            return (times.astype("datetime64[D]").astype(np.int64) + EPOCH_WEEKDAY) // 7
        if self.period == "month":
            return times.astype("datetime64[M]").astype(np.int64)
        year = times.astype("datetime64[Y]").astype(np.int64)
        return np.where(times < self._start(year), year - 1, year)

    def _start(self, period: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """The start of weeks, months or years with these numbers, datetime64[ns]."""
        match self.period:
            case "week":
                days = (period * 7 - EPOCH_WEEKDAY).astype("datetime64[D]")
            case "month":
                days = period.astype("datetime64[M]")
            case "year":
                days = period.astype("datetime64[Y]")
            case _:
                month, day, weekday = self.starts
                days = (period * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]") + (day - 1)
                days = days + (weekday - EPOCH_WEEKDAY - days.astype(np.int64)) % 7
        return days.astype("datetime64[ns]")

    @cached_property
    def _offsets(self) -> NDArray[np.int64]:
        return np.array(self.offsets, dtype=np.int64)


def month_cycle(days: Iterable[int]) -> Cycle | None:
    """Steps on `days` of each month (31: its last day); None if a day is invalid or a month has fewer than 2."""
    ordered = sorted(set(days))
    if len(ordered) < 2 or ordered[0] < 1 or ordered[-2] >= SHORTEST_MONTH or ordered[-1] > LAST_DAY:
        return None
    return Cycle("month", tuple((day - 1) * DAY for day in ordered))


def year_cycle(days: int) -> Cycle | None:
    """Steps of `days` days, the first on 1 January of each year; None unless `days` is 2 to 180.

    A rest of less than half a step at the end of the year belongs to the step before.
    """
    if not 2 <= days <= 180:
        return None
    return Cycle("year", tuple(step * days * DAY for step in range(int(365 / days + 0.5))))


def fiscal_cycle(weeks: Iterable[int], starts: tuple[int, int, int]) -> Cycle:
    """Steps of `weeks` weeks, such as (4, 4, 5), 4 times a year. The 53rd week of a long year is in the last step.

    starts: month, day, weekday: a year starts on this weekday, on or after this day
    """
    steps = [step for _ in range(4) for step in weeks]
    return Cycle("fiscal year", tuple(7 * DAY * sum(steps[:i]) for i in range(len(steps))), starts)
