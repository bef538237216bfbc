"""Cycles: steps at the same places of each week, month or year, such as opening hours, or the 1st and 15th."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, WEEKDAYS

LAST_DAY = 31
"""Day 31 of a monthly cycle means the last day of the month, whatever its length."""
SHORTEST_MONTH = 28
PERIOD_DAYS = {"week": 7.0, "month": 365.25 / 12, "year": 365.25, "fiscal year": 365.25}
"""Period of a cycle -> its mean length in days."""


@dataclass(frozen=True)
class Cycle:
    """The steps of each week, month or year.

    period:   what repeats: "week", "month", "year" or "fiscal year"
    offsets:  nanoseconds from the start of a period to each of its steps, ascending. If a month is too short for a
              step, such as the 30th, the step is on its last day.
    starts:   (month, day, weekday), with 0 for Monday. A fiscal year starts on the first such weekday on or after this
              day of this month. Other periods ignore it.
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
        """Whether some day has more than one step."""
        return self.period == "week" and any(len(clocks) > 1 for clocks in self.by_weekday)

    @property
    def season_length(self) -> int:
        """The number of steps in a season, which is a year, a week or a day.

        For a cycle of one week, the season is a day if all days that have steps have the same number of steps, at least
        2; otherwise it is a week. For all other cycles, the season is a year.
        """
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
        """The index of the last step at or before each time.

        Step 0 is the first step of the week or month that contains 1970-01-01, of the year 1970, or of the fiscal year
        whose day `starts` is in 1970.

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
        """The index (see `count`) of the step nearest to each time; the earlier one if two are equally near.

        times:   datetime64, of any shape
        returns: int64 of the same shape
        """
        earlier = self.count(times)
        return earlier + (self.stamp(earlier + 1) - times < times - self.stamp(earlier))

    def stamp(self, counts: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """The times of the steps with the indices `counts` (see `count`): datetime64[ns], of the same shape."""
        period, step = np.divmod(counts, len(self.offsets))
        start, since = self._start(period), self._offsets[step]
        if self.period == "month":
            last_day = (self._start(period + 1) - start).astype(np.int64) - DAY
            since = np.minimum(since, last_day)
        times: NDArray[np.datetime64] = start + since.astype("timedelta64[ns]")
        return times

    def _period(self, times: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The index of the week, month or year that contains each time.

        Index 0 is the week or month that contains 1970-01-01, the year 1970, or the fiscal year whose day `starts` is
        in 1970.
        """
        if self.period == "week":
            return (times.astype("datetime64[D]").astype(np.int64) + EPOCH_WEEKDAY) // 7
        if self.period == "month":
            return times.astype("datetime64[M]").astype(np.int64)
        year = times.astype("datetime64[Y]").astype(np.int64)
        return np.where(times < self._start(year), year - 1, year)

    def _start(self, period: NDArray[np.int64]) -> NDArray[np.datetime64]:
        """The first moments of the weeks, months or years with the indices `period` (see `_period`), datetime64[ns]."""
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
    """The cycle with steps on these days of each month: 1 and 15, for example. 31 means the last day.

    Returns None if there are fewer than 2 days, if a day is below 1 or above 31, or if two days are 28 or above.
    """
    ordered = sorted(set(days))
    if len(ordered) < 2 or ordered[0] < 1 or ordered[-2] >= SHORTEST_MONTH or ordered[-1] > LAST_DAY:
        return None
    return Cycle("month", tuple((day - 1) * DAY for day in ordered))


def year_cycle(days: int) -> Cycle | None:
    """The cycle with steps of `days` days that start again on 1 January of each year; None unless `days` is 2 to 180.

    If less than half a step is left at the end of a year, the last step of the year is longer by these days.
    """
    if not 2 <= days <= 180:
        return None
    return Cycle("year", tuple(step * days * DAY for step in range(int(365 / days + 0.5))))


def fiscal_cycle(weeks: Iterable[int], starts: tuple[int, int, int]) -> Cycle:
    """The cycle of a fiscal year with 4 quarters. A year of 53 weeks has the additional week in its last step.

    weeks:  the number of weeks in each of the three steps of a quarter, such as (4, 4, 5)
    starts: (month, day, weekday), with 0 for Monday: a year starts on the first such weekday on or after this day
    """
    steps = [step for _ in range(4) for step in weeks]
    return Cycle("fiscal year", tuple(7 * DAY * sum(steps[:i]) for i in range(len(steps))), starts)
