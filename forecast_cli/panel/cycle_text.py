"""Convert a cycle to the text of a frequency, and back.

Examples: D@MON-SAT (days from Monday to Saturday), SMS-15 (the 1st and 15th of each month, an alias of pandas),
h@MON-FRI.09:00-17:00 (opening hours).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby, pairwise

import numpy as np

from forecast_cli.panel.cycle import LAST_DAY, Cycle, fiscal_cycle, month_cycle, year_cycle
from forecast_cli.panel.durations import DAY, HOUR, MINUTE, SECOND, WEEKDAYS
from forecast_cli.words import and_joined, unit_of

CLOCK_STEPS = {"h": HOUR, "min": MINUTE, "s": SECOND}
"""Units of steps within a day, in nanoseconds."""
MAX_STEPS = 7 * 24 * 60
"""The largest number of steps in a cycle: as many as the minutes of a week."""

WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SEMI_MONTH = re.compile(r"SM(?P<edge>[SE])(?:-(?P<day>\d{1,2}))?")
_MONTH = re.compile(r"D@(?P<days>\d{1,2}(?:,\d{1,2})*)")
_YEAR = re.compile(r"(?P<days>\d{1,3})D@YS")
_FISCAL = re.compile(r"(?P<weeks>4-4-5|4-5-4|5-4-4)@(?P<weekday>[A-Z]{3})\.(?P<month>0[1-9]|1[0-2])-(?P<day>\d\d)")
_WEEK = re.compile(r"(?P<multiple>\d{0,5})(?P<unit>h|min|s)@(?P<groups>.+)|D@(?P<days>[A-Z].+)")
_GROUP = re.compile(r"(?P<first>[A-Z]{3})(?:-(?P<last>[A-Z]{3}))?(?:\.(?P<clocks>.+))?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def cycle_text(cycle: Cycle) -> str:
    """The text of a frequency with this cycle. `parse_cycle` converts the text back to the cycle.

    >>> for period, days in (("month", (0, 14)), ("month", (0, 10, 20)), ("week", (0, 1, 2, 3, 4, 5))):
    ...     print(cycle_text(Cycle(period, tuple(day * DAY for day in days))))
    SMS-15
    D@1,11,21
    D@MON-SAT
    """
    if cycle.period == "week":
        return _week_text(cycle.by_weekday)
    days = [offset // DAY + 1 for offset in cycle.offsets]
    if cycle.period == "fiscal year":
        month, day, weekday = cycle.starts
        weeks = [(later - earlier) // 7 for earlier, later in pairwise(days[:4])]
        return f"{'-'.join(map(str, weeks))}@{WEEKDAYS[weekday]}.{month:02d}-{day:02d}"
    if cycle.period == "year":
        return f"{days[1] - 1}D@YS"
    if len(days) == 2 and days[0] == 1 and days[1] < LAST_DAY:
        return f"SMS-{days[1]}"
    return f"SME-{days[0]}" if len(days) == 2 and days[1] == LAST_DAY else "D@" + ",".join(map(str, days))


@lru_cache
def parse_cycle(freq: str) -> Cycle | None:
    """The cycle of a frequency, from its text; None for a frequency without a cycle, such as "D", and for other text.

    >>> parse_cycle("SMS") == parse_cycle("D@1,15"), parse_cycle("16D@YS").season_length, parse_cycle("D")
    (True, 23, None)
    >>> parse_cycle("4-4-5@SAT.01-28").starts
    (1, 28, 5)
    >>> parse_cycle("h@MON-FRI.09:00-17:00,SAT.09:00-12:00").season_length
    49
    """
    if match := _SEMI_MONTH.fullmatch(freq):
        day = int(match["day"] or 15)
        return month_cycle((1, day) if match["edge"] == "S" else (day, LAST_DAY))
    if match := _MONTH.fullmatch(freq):
        return month_cycle(int(day) for day in match["days"].split(","))
    if match := _YEAR.fullmatch(freq):
        return year_cycle(int(match["days"]))
    if match := _FISCAL.fullmatch(freq):
        weekdays, day = _parse_weekdays(match["weekday"], match["weekday"]), int(match["day"])
        weeks = tuple(int(number) for number in match["weeks"].split("-"))
        starts = (int(match["month"]), day, *weekdays)
        return fiscal_cycle(weeks, starts) if len(starts) == 3 and 1 <= day <= LAST_DAY else None
    if match := _WEEK.fullmatch(freq):
        step = int(match["multiple"] or 1) * CLOCK_STEPS[match["unit"]] if match["unit"] else DAY
        return _parse_week((match["groups"] or match["days"]).split(","), step)
    return None


def cycle_in_words(freq: str) -> str:
    """The steps of a frequency with a cycle, in English words for the user; "" if the frequency has no cycle.

    >>> cycle_in_words("D@MON-SAT"), cycle_in_words("D@10,20,31"), cycle_in_words("8D@YS"), cycle_in_words("MS")
    ('Monday to Saturday', 'days 10, 20 and the last of each month', 'every 8 days from each 1 January', '')
    >>> cycle_in_words("h@MON-FRI.09:00-12:00+14:00-17:00,SAT")
    'hours, Monday to Friday 09:00 to 12:00 and 14:00 to 17:00, Saturday'
    """
    cycle = parse_cycle(freq)
    if cycle is None:
        return ""
    if cycle.period == "month":
        days = [offset // DAY + 1 for offset in cycle.offsets]
        return f"days {and_joined(['the last' if day == LAST_DAY else str(day) for day in days])} of each month"
    if match := _YEAR.fullmatch(freq):
        return f"every {match['days']} days from each 1 January"
    if match := _FISCAL.fullmatch(freq):
        return f"periods of {and_joined(match['weeks'].split('-'))} weeks"
    steps, _, groups = freq.partition("@")
    said = [_group_in_words(group) for group in groups.split(",")]
    if steps == "D":
        return and_joined(said)
    multiple, unit = unit_of(steps)
    return ", ".join([f"{unit}s" if multiple == 1 else f"steps of {multiple} {unit}s", *said])


def _group_in_words(group: str) -> str:
    """One group of a weekly cycle in words: "MON-FRI.09:00-17:00" becomes "Monday to Friday 09:00 to 17:00"."""
    days, _, clocks = group.partition(".")
    every = days == f"{WEEKDAYS[0]}-{WEEKDAYS[-1]}"
    named = "every day" if every else " to ".join(WEEKDAY_NAMES[WEEKDAYS.index(day)] for day in days.split("-"))
    times = [run.replace("-", " to ") for run in clocks.split("+") if run]
    return f"{named} {and_joined(times)}" if times else named


def _week_text(by_weekday: list[list[int]]) -> str:
    """The text of a cycle of one week: "h@MON-FRI.09:00-17:00,SAT.09:00-12:00".

    by_weekday: 7 lists, Monday first, of the times of day of the steps, in nanoseconds
    """
    gaps = [later - earlier for clocks in by_weekday for earlier, later in pairwise(clocks)]
    step = int(np.gcd.reduce(gaps)) if gaps else DAY
    unit = next((unit for unit, size in CLOCK_STEPS.items() if step % size == 0), "s")
    multiple = step // CLOCK_STEPS[unit]
    groups = []
    for clocks, members in groupby(range(7), key=lambda day: _clocks_text(by_weekday[day], step)):
        if clocks is not None:
            first, *_, last = [*(names := [WEEKDAYS[day] for day in members]), names[-1]]
            groups.append((first if first == last else f"{first}-{last}") + clocks)
    alias = "D" if step == DAY else f"{multiple if multiple > 1 else ''}{unit}"
    return f"{alias}@{','.join(groups)}"


def _clocks_text(clocks: list[int], step: int) -> str | None:
    """The times of one day as text: ".09:00-12:00+14:00-17:00".

    clocks: the times in nanoseconds since midnight, ascending
    step:   nanoseconds from one time to the next in a range such as 09:00-12:00

    Returns "" if the steps fill the whole day from midnight on, and None if there are no times.
    """
    if not clocks or clocks == list(range(0, DAY, step)):
        return "" if clocks else None
    breaks = [i for i in range(1, len(clocks)) if clocks[i] - clocks[i - 1] != step]
    runs = [clocks[start:end] for start, end in pairwise([0, *breaks, len(clocks)])]
    return "." + "+".join("-".join(map(_clock_text, sorted({run[0], run[-1]}))) for run in runs)


def _clock_text(clock: int) -> str:
    hours, seconds = divmod(clock // SECOND, 3600)
    return f"{hours:02d}:{seconds // 60:02d}" + (f":{seconds % 60:02d}" if seconds % 60 else "")


def _parse_week(groups: list[str], step: int) -> Cycle | None:
    """The cycle of one week from groups such as "SAT.09:00-12:00".

    Returns None if a group is invalid, or if the cycle would have fewer than 2 or more than MAX_STEPS steps.

    step: nanoseconds from one time to the next in a range such as 09:00-12:00
    """
    offsets: set[int] = set()
    for text in groups:
        group = _GROUP.fullmatch(text)
        weekdays = _parse_weekdays(group["first"], group["last"] or group["first"]) if group else []
        clocks = _parse_clocks(group["clocks"], step) if group else []
        if not weekdays or not clocks:
            return None
        offsets |= {day * DAY + clock for day in weekdays for clock in clocks}
    return Cycle("week", tuple(sorted(offsets))) if 2 <= len(offsets) <= MAX_STEPS else None


def _parse_weekdays(first: str, last: str) -> list[int]:
    """The weekdays from one to another, 0 for Monday: "MON" to "WED" -> [0, 1, 2]. [] if one of the two is invalid."""
    if first not in WEEKDAYS or last not in WEEKDAYS:
        return []
    start = WEEKDAYS.index(first)
    return [(start + i) % 7 for i in range((WEEKDAYS.index(last) - start) % 7 + 1)]


def _parse_clocks(text: str | None, step: int) -> list[int]:
    """Times of day in nanoseconds since midnight, from a text such as "09:00-12:00".

    Returns [] if the text is invalid, if `step` is not above 0 and at most a day, or for more than MAX_STEPS times.

    text: ranges of times, joined by "+"; None means the whole day
    step: nanoseconds from one time to the next in a range
    """
    if not 0 < step <= DAY:
        return []
    runs = [range(0, DAY, step)]
    if text is not None:
        ends = [[_parse_clock(end) for end in run.split("-")] for run in text.split("+")]
        if any(len(run) > 2 or min(run) < 0 for run in ends):
            return []
        runs = [range(run[0], run[-1] + 1, step) for run in ends]
    return [clock for run in runs for clock in run] if sum(map(len, runs)) <= MAX_STEPS else []


def _parse_clock(text: str) -> int:
    """A time of day such as "09:30" in nanoseconds since midnight; -1 if the text is no time of day."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return -1
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * HOUR + minutes * MINUTE + seconds * SECOND
