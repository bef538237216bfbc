"""Frequencies: counted steps of a calendar, named as pandas does and continued into the future.

A stamp is turned into a whole number (nanoseconds, months or business days since 1970) and back; months, leap
years and weekends live in these two functions alone, everything else is arithmetic on integers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError
from forecast_cli.panel.panel import UNDATED

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1678, 2261
"""What nanoseconds in 64 bits can hold."""
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DURATIONS = {"ns": 1, "business day": DAY, "month": 30 * DAY}
"""About how long a unit is."""
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday."""
FIXED = {"W": 7 * DAY, "D": DAY, "h": HOUR, "min": MINUTE, "s": SECOND, "ms": 1_000_000, "us": 1000, "ns": 1}
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}
OLD_NAMES = {
    "H": "h",
    "T": "min",
    "S": "s",
    "L": "ms",
    "A": "Y",
    "HOURLY": "h",
    "DAILY": "D",
    "WEEKLY": "W",
    "MONTHLY": "M",
    "QUARTERLY": "Q",
    "YEARLY": "Y",
    "ANNUAL": "Y",
}


@dataclass(frozen=True)
class Calendar:
    """The steps of one frequency.

    freq:     pandas offset alias, or `UNDATED`
    unit:     "ns", "month", "business day" or "step"
    step:     units in one step
    edge:     which day stands for a month: "start", "end", "business start" or "business end"
    origin:   a count that bears the name of a step, where the stamps leave it open
    """

    freq: str
    unit: str
    step: int
    edge: str = "start"
    origin: int = 0

    @property
    def named_by_end(self) -> bool:
        """Whether a step bears the name of its last day, as W-SUN and QE-DEC do in pandas."""
        return self.edge.endswith("end") or (self.unit == "ns" and self.step % (7 * DAY) == 0)

    def count(self, times: NDArray[Any]) -> NDArray[np.int64]:
        """Whole units since 1970 of stamps of any shape; the day within a month does not matter."""
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
        """The stamps of whole units, the inverse of `count` on the grid: datetime64[ns], or steps."""
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
    """The calendar of a pandas offset alias. Raises UsageError for one that has no regular steps.

    >>> calendar_of("15min").step == 15 * MINUTE, calendar_of("QS-FEB").step, calendar_of("2W-SUN").unit
    (True, 3, 'ns')
    """
    if freq == UNDATED:
        return Calendar(freq, "step", 1)
    found = re.fullmatch(r"(\d*)(B?)([A-Za-z]*?)(?:-([A-Z]{3}))?", freq)
    if found is not None:
        multiple, business, name, anchor = int(found[1] or 1), bool(found[2]), found[3], found[4]
        if multiple and business and not name and anchor is None:
            return Calendar(freq, "business day", multiple)
        if (
            multiple
            and not business
            and name in FIXED
            and (anchor is None or (name, anchor in WEEKDAYS) == ("W", True))
        ):
            origin = (WEEKDAYS.index(anchor) - EPOCH_WEEKDAY) * DAY if anchor else 0
            return Calendar(freq, "ns", multiple * FIXED[name], origin=origin)
        monthly = name[:1] in MONTHS_IN and name[1:] in ("S", "E")
        if multiple and monthly and (anchor is None or (name[0] != "M" and anchor in MONTH_NAMES)):
            edge = ("business " if business else "") + ("start" if name[1] == "S" else "end")
            step = multiple * MONTHS_IN[name[0]]
            unanchored = 0 if name[1] == "S" else step - 1
            return Calendar(freq, "month", step, edge, MONTH_NAMES.index(anchor) % step if anchor else unanchored)
    raise UsageError(
        f"--freq {freq}: is not a frequency that is known here.",
        "Give a pandas offset alias: h, 15min, D, B, W-SUN, MS, ME, QS, YS.",
    )


def same_steps(one: str, other: str) -> bool:
    """Whether two frequencies are the same, but for the day that a step is named after.

    >>> same_steps("MS", "ME"), same_steps("MS", "QS")
    (True, False)
    """
    ours, theirs = calendar_of(one), calendar_of(other)
    return (ours.unit, ours.step) == (theirs.unit, theirs.step)


def brought_to(freq: str, wanted: str) -> str:
    """In words how data of one frequency come to another; empty where that one is finer, and so would be made up.

    >>> brought_to("D", "MS"), brought_to("YS-JAN", "MS")
    (' (--freq MS brings them to it)', '')
    """
    one, other = calendar_of(freq), calendar_of(wanted)
    known = one.unit in DURATIONS and other.unit in DURATIONS
    finer = known and one.step * DURATIONS[one.unit] < other.step * DURATIONS[other.unit]
    return f" (--freq {wanted} brings them to it)" if finer else ""


def settled_freq(wanted: str, inferred: str) -> str:
    """The frequency that an alias, an older alias or a word asks for, its open points filled from the data.

    >>> settled_freq("M", "ME"), settled_freq("monthly", "D"), settled_freq("W", "D"), settled_freq("H", "h")
    ('ME', 'MS', 'W-SUN', 'h')
    """
    found = re.fullmatch(r"(\d*)([A-Za-z]+)(.*)", wanted)
    if found is None:
        calendar_of(wanted)
        return wanted
    number, name, rest = found[1], found[2], found[3]
    name = OLD_NAMES.get(name if len(name) == 1 else name.upper(), name)
    step_known = calendar_of(inferred)
    if name in MONTHS_IN:
        edge = "E" if step_known.unit == "month" and step_known.edge.endswith("end") else "S"
        name += edge
    if not rest and name in ("W", "QS", "QE", "YS", "YE"):
        same = re.fullmatch(rf"\d*{name}(-[A-Z]{{3}})", inferred)
        default = {"W": "-SUN", "QS": "-JAN", "QE": "-DEC", "YS": "-JAN", "YE": "-DEC"}
        rest = same[1] if same else default[name]
    freq = number + name + rest
    try:
        calendar_of(freq)
    except UsageError:
        calendar_of(wanted)
    return freq


def season_length_of(freq: str) -> int:
    """Steps in the season one would expect first: a day of hours, a week of days, a year of anything longer.

    >>> [season_length_of(freq) for freq in ("h", "15min", "D", "B", "W-SUN", "MS", "QE-DEC", "YS-JAN")]
    [24, 96, 7, 5, 52, 12, 4, 1]
    """
    calendar = calendar_of(freq)
    match calendar.unit:
        case "step":
            return 1
        case "month":
            return _whole_part(12, calendar.step)
        case "business day":
            return _whole_part(5, calendar.step)
    step = calendar.step
    if step % (7 * DAY) == 0:
        return _whole_part(52, step // (7 * DAY))
    for cycle, longest in ((MINUTE, 5 * SECOND), (HOUR, 4 * MINUTE), (DAY, 12 * HOUR), (7 * DAY, 3 * DAY)):
        if step <= longest:
            return _whole_part(cycle, step)
    return 1


def _whole_part(cycle: int, step: int) -> int:
    return cycle // step if cycle % step == 0 else 1


def future_times(freq: str, last: NDArray[Any], horizon: int) -> NDArray[Any]:
    """The `horizon` stamps that follow each series' last one.

    last:    (n,) datetime64[ns], or int64 steps if undated
    returns: (n, horizon) of the same kind

    Raises UsageError where that goes beyond the last date there is.

    >>> january = np.array(["2024-01-31"], dtype="datetime64[ns]")
    >>> future_times("ME", january, 2).astype("datetime64[D]").tolist()
    [[datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]]
    """
    calendar = calendar_of(freq)
    steps = calendar.step * np.arange(1, horizon + 1, dtype=np.int64)
    times = calendar.stamp(calendar.count(np.asarray(last))[:, None] + steps)
    wrapped = (times < np.concatenate([np.asarray(last)[:, None], times[:, :-1]], axis=1)).any(axis=0)
    if wrapped.any():
        raise UsageError(
            f"--horizon {horizon}: the forecast would end after the year {LAST_YEAR}, beyond which there are no dates.",
            f"Give at most {wrapped.argmax()}.",
        )
    return times
