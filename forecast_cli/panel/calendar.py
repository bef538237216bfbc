"""Frequencies: counted steps of a calendar, inferred from stamps and continued into the future.

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
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday."""
FIXED = {"W": 7 * DAY, "D": DAY, "h": HOUR, "min": MINUTE, "s": SECOND, "ms": 1_000_000, "us": 1000, "ns": 1}
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}
ROUND_STEPS = (
    *(n * SECOND for n in (1, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 12)),
    DAY,
)
"""What irregular sampling is brought to: the next of these above the median step."""
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
    origin:   a count on which a step starts, where the stamps leave it open
    """

    freq: str
    unit: str
    step: int
    edge: str = "start"
    origin: int = 0

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
            return Calendar(freq, "month", multiple * MONTHS_IN[name[0]], edge)
    raise UsageError(
        f"--freq {freq}: is not a frequency that is known here.",
        "Give a pandas offset alias: h, 15min, D, B, W-SUN, MS, ME, QS, YS.",
    )


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

    >>> january = np.array(["2024-01-31"], dtype="datetime64[ns]")
    >>> future_times("ME", january, 2).astype("datetime64[D]").tolist()
    [[datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]]
    """
    calendar = calendar_of(freq)
    steps = calendar.step * np.arange(1, horizon + 1, dtype=np.int64)
    return calendar.stamp(calendar.count(np.asarray(last))[:, None] + steps)


def infer_freq(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> tuple[str, bool]:
    """The frequency that most steps of all series together agree on, and whether they do.

    times:  (N,) datetime64[ns], ascending within each series, without duplicates
    series: (N,) the series of each, in blocks

    Where no step makes up half of them the sampling is irregular, and the frequency is the next round one
    above the median step.
    """
    within = series[1:] == series[:-1]
    steps = np.diff(times).astype(np.int64)[within]
    if len(steps) == 0:
        return "D", False
    if np.median(steps) < 20 * HOUR:
        return _clock_freq(steps)
    return _day_freq(times, within)


def _majority(steps: NDArray[np.int64]) -> tuple[int, float]:
    """The most frequent step and its share."""
    values, counts = np.unique(steps, return_counts=True)
    best = int(np.argmax(counts))
    return int(values[best]), float(counts[best] / len(steps))


def _clock_freq(steps: NDArray[np.int64]) -> tuple[str, bool]:
    step, share = _majority(steps)
    if share >= 0.5:
        return _fixed_alias(step), True
    return _fixed_alias(_round_step(float(np.median(steps)))), False


def _round_step(step: float) -> int:
    return next((nice for nice in ROUND_STEPS if nice >= step), DAY)


def _fixed_alias(step: int) -> str:
    unit = next(name for name, size in FIXED.items() if name != "W" and step % size == 0)
    multiple = step // FIXED[unit]
    return unit if multiple == 1 else f"{multiple}{unit}"


def _day_freq(times: NDArray[np.datetime64], within: NDArray[np.bool_]) -> tuple[str, bool]:
    """A frequency of a day or longer; steps are rounded, as daylight saving shifts them by an hour."""
    steps = np.rint(np.diff(times).astype(np.int64)[within] / DAY).astype(np.int64)
    step, share = _majority(steps)
    dates = times.astype("datetime64[D]")
    weekdays = (dates.astype(np.int64) + EPOCH_WEEKDAY) % 7
    if share >= 0.5 and 1 <= step < 28:
        if step == 1 and _skips_weekends(weekdays, steps, within):
            return "B", True
        if step % 7 == 0:
            anchor = WEEKDAYS[_majority(weekdays)[0]]
            return ("" if step == 7 else str(step // 7)) + f"W-{anchor}", True
        return ("" if step == 1 else str(step)) + "D", True
    months = times.astype("datetime64[M]").astype(np.int64)
    month_step, month_share = _majority((months[1:] - months[:-1])[within])
    if step % 7 == 0 and share >= 0.8 and share > month_share - 0.05 and step != 0:
        return f"{step // 7}W-{WEEKDAYS[_majority(weekdays)[0]]}", True
    if month_step > 0 and month_share >= 0.5:
        return _month_alias(dates, month_step), True
    median = float(np.median(steps))
    coarse = ((1.5, "D"), (45, "MS"), (140, "QS-JAN"))
    return next((alias for days, alias in coarse if median <= days), "YS-JAN"), False


def _skips_weekends(weekdays: NDArray[np.int64], steps: NDArray[np.int64], within: NDArray[np.bool_]) -> bool:
    """Whether there are weekends between the stamps and hardly a stamp on one."""
    from_friday = weekdays[:-1][within] == 4
    over_weekend = int((from_friday & (steps >= 3)).sum())
    return over_weekend > 0 and float((weekdays > 4).mean()) < 0.01


def _month_alias(dates: NDArray[np.datetime64], step: int) -> str:
    months = dates.astype("datetime64[M]").astype(np.int64)
    edges = ("start", "end", "business start", "business end")
    fits = [float((Calendar("", "month", 1, edge).stamp(months) == dates).mean()) for edge in edges]
    best = int(np.argmax(fits))
    edge = edges[best] if fits[best] > 0.5 else "start"
    letters = ("B" if edge.startswith("business") else "") + "{}" + ("E" if edge.endswith("end") else "S")
    anchor = _majority(months % 12)[0]
    if step % 12 == 0:
        return _counted(step // 12) + letters.format("Y") + f"-{MONTH_NAMES[anchor]}"
    if step == 3:
        # pandas names the quarters by the first month of the year that starts one, or ends the last one
        month = anchor % 3 if edge.endswith("start") else 9 + anchor % 3
        return letters.format("Q") + f"-{MONTH_NAMES[month]}"
    return _counted(step) + letters.format("M")


def _counted(multiple: int) -> str:
    return "" if multiple == 1 else str(multiple)


def coverage(times: NDArray[np.datetime64], series: NDArray[np.intp]) -> float:
    """The share of the inferred grid, from first stamp to last in each series, that has a stamp (0 to 1)."""
    order = np.lexsort((times, series))
    times, series = times[order], series[order]
    fresh = np.r_[True, (times[1:] != times[:-1]) | (series[1:] != series[:-1])] if len(times) else []
    times, series = times[fresh], series[fresh]
    calendar = calendar_of(infer_freq(times, series)[0])
    counts = calendar.count(times)
    within = series[1:] == series[:-1]
    steps = np.diff(counts)[within] / calendar.step
    return float(len(steps) / steps.sum()) if len(steps) else 0.0
