"""Calendars: count the steps of a frequency, and compute the times of future steps.

A calendar converts timestamps to integer counts since 1970 (of nanoseconds, months, business days or steps of a cycle),
and counts back to timestamps. Only these two conversions consider month lengths, leap years, weekends and closed hours.
All other computations use the counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, mention
from forecast_cli.panel.cycle import Cycle
from forecast_cli.panel.cycle_text import cycle_text, parse_cycle
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, HOUR, MINUTE, SECOND, WEEKDAYS
from forecast_cli.panel.panel import UNDATED

FIRST_YEAR, LAST_YEAR = 1678, 2261
"""The first and the last whole year that datetime64[ns] can represent."""

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

ALIAS_NS = {"W": 7 * DAY, "D": DAY, "h": HOUR, "min": MINUTE, "s": SECOND, "ms": 1_000_000, "us": 1000, "ns": 1}
"""Pandas alias -> nanoseconds in one step, for steps of fixed length."""
ALIAS_MONTHS = {"M": 1, "Q": 3, "Y": 12}
"""First letter of a pandas alias -> months in one step."""
MAX_STEP = {"ns": 100 * 366 * DAY, "business day": 100 * 262, "month": 100 * 12}
"""Unit of a calendar -> the longest step, in this unit: about 100 years."""
APPROXIMATE_UNIT_NS = {"ns": 1, "business day": DAY, "month": 30 * DAY}
"""Unit of a calendar -> about how many nanoseconds it has."""
YEAR = 365.2425 * DAY
"""The mean length of a year, in nanoseconds."""
SYNONYMS = {
    "H": "h",
    "T": "min",
    "S": "s",
    "L": "ms",
    "A": "Y",
    "SM": "SME",
    "HOURLY": "h",
    "DAILY": "D",
    "WEEKLY": "W",
    "MONTHLY": "M",
    "QUARTERLY": "Q",
    "YEARLY": "Y",
    "ANNUAL": "Y",
}
"""Former pandas alias or English word -> current pandas alias; or M, Q or Y, which `resolve_freq` completes."""
DEFAULT_ANCHORS = {"W": "-SUN", "QS": "-JAN", "QE": "-DEC", "YS": "-JAN", "YE": "-DEC"}

_ALIAS = re.compile(r"(?P<multiple>\d{0,12})(?P<business>B?)(?P<name>[A-Za-z]*?)(?:-(?P<anchor>[A-Z]{3}))?")


@dataclass(frozen=True)
class Calendar:
    """The time steps of one frequency. Times are counted in units since 1970; a step is one or more units long.

    freq:     a pandas offset alias, the text of a cycle, or "step" or "10step" for step numbers
    unit:     the unit of a count: "ns", "month", "business day", "step", or "cycle" (a step of the cycle)
    step:     the number of units in one step: 3 for quarters, which are counted in months
    edge:     the day that a month is dated with: "start", "end", "business start" (its first business day) or
              "business end"
    anchor:   the count of one of the steps; all steps are at anchor + k * step, for whole k
    cycle:    the cycle, if the unit is "cycle"; otherwise None
    """

    freq: str
    unit: str
    step: int
    edge: str = "start"
    anchor: int = 0
    cycle: Cycle | None = None

    @property
    def labelled_by_end(self) -> bool:
        """Whether a step is dated with its last day, as with W-SUN and QE-DEC in pandas."""
        return self.edge.endswith("end") or (self.unit == "ns" and self.step % (7 * DAY) == 0)

    @property
    def has_clock(self) -> bool:
        """Whether steps are shorter than a day."""
        return self.cycle.has_clock if self.cycle else self.unit == "ns" and self.step < DAY

    @property
    def approximate_step(self) -> float | None:
        """About how many nanoseconds a step has, on average; None for step numbers."""
        if self.cycle:
            return self.cycle.mean_step
        return self.step * APPROXIMATE_UNIT_NS[self.unit] if self.unit in APPROXIMATE_UNIT_NS else None

    def count(self, times: NDArray[Any]) -> NDArray[np.int64]:
        """The count of each time: whole units of this calendar from 1970-01-01 to the time.

        A time between two units has the count of the earlier one. All times within a month have the same count of
        months. A step number is its own count. For cycles, see `Cycle.count`.

        times:   datetime64, or int64 step numbers for a panel without dates, of any shape
        returns: int64 of the same shape
        """
        if self.cycle:
            return self.cycle.count(times)
        match self.unit:
            case "step":
                return times.astype(np.int64)
            case "ns":
                return times.astype("datetime64[ns]").astype(np.int64)
            case "month":
                return times.astype("datetime64[M]").astype(np.int64)
        days = times.astype("datetime64[D]")
        return np.busday_count(np.datetime64("1970-01-01"), np.busday_offset(days, 0, roll="backward"))

    def stamp(self, counts: NDArray[np.int64]) -> NDArray[Any]:
        """The time at which each counted unit begins, such as 1970-03-01 for the count 2 of months.

        A month gets the day that `edge` names, such as 1970-03-31 for "end".

        counts:  int64, whole units of this calendar since 1970-01-01, of any shape
        returns: datetime64[ns], or int64 step numbers for a panel without dates, of the same shape
        """
        if self.cycle:
            return self.cycle.stamp(counts)
        match self.unit:
            case "step":
                return counts
            case "ns":
                return counts.astype("datetime64[ns]")
            case "month":
                return self._month_stamp(counts)
        return np.busday_offset(np.datetime64("1970-01-01"), counts).astype("datetime64[ns]")

    def _month_stamp(self, months: NDArray[np.int64]) -> NDArray[Any]:
        if self.edge.endswith("start"):
            days = months.astype("datetime64[M]").astype("datetime64[D]")
        else:
            days = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
        if self.edge.startswith("business"):
            days = np.busday_offset(days, 0, roll="forward" if self.edge.endswith("start") else "backward")
        return days.astype("datetime64[ns]")


def calendar_of(freq: str) -> Calendar:
    """The calendar of a frequency: a pandas offset alias, the text of a cycle, or "step" for step numbers.

    Raises UsageError if the frequency is unknown or longer than 100 years.

    >>> calendar_of("15min").step == 15 * MINUTE, calendar_of("QS-FEB").step, calendar_of("2W-SUN").unit
    (True, 3, 'ns')
    >>> calendar_of("10step").step
    10
    """
    calendar = _parsed(freq)
    if calendar is None:
        raise UsageError(
            f"{freq}: unknown frequency.",
            "Use a pandas offset alias: h, 15min, D, B, W-SUN, SMS, MS, ME, QS, YS; or the steps of a week or month: "
            "D@MON-SAT, h@MON-FRI.09:00-17:00, D@1,11,21.",
            option="freq",
        )
    if calendar.step > MAX_STEP.get(calendar.unit, calendar.step):
        raise UsageError(f"{freq}: a step may be at most 100 years long.", option="freq")
    return calendar


def elapsed(later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.uint64]:
    """`later` minus `earlier`, for counts or nanoseconds. Each element of `later` must be at least that of `earlier`.

    The result is unsigned: the nanoseconds from FIRST_YEAR to LAST_YEAR are more than int64 can hold.
    """
    return later.astype(np.uint64) - earlier.astype(np.uint64)


def _parsed(freq: str) -> Calendar | None:
    """The calendar of a frequency; None if the frequency is unknown or has no regular steps."""
    if cycle := parse_cycle(freq):
        return Calendar(cycle_text(cycle), "cycle", 1, cycle=cycle)
    match = _ALIAS.fullmatch(freq)
    multiple = int(match["multiple"] or 1) if match else 0
    if match is None or multiple == 0:
        return None
    business, name, anchor = bool(match["business"]), match["name"], match["anchor"]
    if name == UNDATED and not business and anchor is None:
        return Calendar(freq, "step", multiple)
    if business and not name and anchor is None:
        return Calendar(freq, "business day", multiple)
    if name in ALIAS_NS and not business:
        if anchor is None:
            return Calendar(freq, "ns", multiple * ALIAS_NS[name])
        if name == "W" and anchor in WEEKDAYS:
            anchor_ns = (WEEKDAYS.index(anchor) - EPOCH_WEEKDAY) * DAY
            return Calendar(freq, "ns", multiple * ALIAS_NS[name], anchor=anchor_ns)
        return None
    if name[:1] in ALIAS_MONTHS and name[1:] in ("S", "E"):
        at_start = name[1:] == "S"
        edge = ("business " if business else "") + ("start" if at_start else "end")
        step = multiple * ALIAS_MONTHS[name[0]]
        if anchor is None:
            return Calendar(freq, "month", step, edge, anchor=0 if at_start else step - 1)
        if name[0] != "M" and anchor in MONTH_NAMES:
            return Calendar(freq, "month", step, edge, anchor=MONTH_NAMES.index(anchor) % step)
    return None


def same_steps(one: str, other: str) -> bool:
    """Whether two frequencies have steps of the same length, or the same cycle.

    The weekday or month in which a step begins may differ, and so may the day that a step is dated with.

    >>> same_steps("MS", "ME"), same_steps("MS", "QS")
    (True, False)
    """
    first, second = calendar_of(one), calendar_of(other)
    return (first.unit, first.step, first.cycle) == (second.unit, second.step, second.cycle)


def resampling_hint(freq: str, requested: str) -> str:
    """A remark for messages: how to resample data to longer steps; "" if the requested steps are not longer.

    freq:      the frequency of the data
    requested: the frequency that is needed

    >>> resampling_hint("D", "MS"), resampling_hint("YS-JAN", "MS")
    (' (⟨freq=MS⟩ resamples them)', '')
    """
    given, target = calendar_of(freq).approximate_step, calendar_of(requested).approximate_step
    finer = given is not None and target is not None and given < target
    return f" ({mention('freq', requested)} resamples them)" if finer else ""


def resolve_freq(requested: str, inferred: str) -> str:
    """The frequency that a user asked for, as a current pandas alias or the text of a cycle.

    requested: a pandas alias, a former one such as "H", a word such as "monthly", or the text of a cycle
    inferred:  the frequency of the data. It decides what `requested` leaves open: start or end of a month, the weekday
               of weeks, the first month of a year

    Raises UsageError for an unknown frequency.

    >>> resolve_freq("M", "ME"), resolve_freq("monthly", "D"), resolve_freq("W", "D"), resolve_freq("H", "h")
    ('ME', 'MS', 'W-SUN', 'h')
    """
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(.*)", requested)
    if match is None:
        calendar_of(requested)
        return requested
    multiple, name, anchor = match[1], match[2], match[3]
    name = SYNONYMS.get(name if len(name) == 1 else name.upper(), name)
    if name in ALIAS_MONTHS:
        known = calendar_of(inferred)
        name += "E" if known.unit == "month" and known.edge.endswith("end") else "S"
    if not anchor and name in DEFAULT_ANCHORS:
        same_name = re.fullmatch(rf"\d*{name}(-[A-Z]{{3}})", inferred)
        anchor = same_name[1] if same_name else DEFAULT_ANCHORS[name]
    calendar = _parsed(multiple + name + anchor)
    return (calendar or calendar_of(requested)).freq  # the error shows the frequency as the user wrote it


def future_times(freq: str, last: NDArray[Any], horizon: int) -> NDArray[Any]:
    """The times of the `horizon` steps after the last time of each series.

    freq:    the frequency of the series
    last:    (n,) datetime64[ns], or int64 step numbers for a panel without dates
    returns: (n, horizon) of the same type

    Raises UsageError if a time would be after LAST_YEAR.

    >>> january = np.array(["2024-01-31"], dtype="datetime64[ns]")
    >>> future_times("ME", january, 2).astype("datetime64[D]").tolist()
    [[datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]]
    """
    calendar = calendar_of(freq)
    steps = calendar.step * np.arange(1, horizon + 1, dtype=np.int64)
    times = calendar.stamp(calendar.count(np.asarray(last))[:, None] + steps)
    overflowed = (times < np.concatenate([np.asarray(last)[:, None], times[:, :-1]], axis=1)).any(axis=0)
    if overflowed.any():
        raise UsageError(
            f"{horizon}: the forecast would end after the year {LAST_YEAR}, the last one supported.",
            f"Use at most {overflowed.argmax()}.",
            option="horizon",
        )
    return times
