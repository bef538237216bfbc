"""Times of runs: check a crontab expression, such as "30 6 * * *", and convert it to the syntax of systemd."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from forecast_cli.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from cronsim import CronSim

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SYNTAX_HINT = f'Use five fields, {" ".join(FIELDS)}: "0 6 * * 1-5" is 6:00 on weekdays.'

# The syntax that all implementations of cron share: *, a value or a range, and a step after * or a range.
_VALUE = "(?:[0-9]{1,2}|[a-z]{3})"
_TERM = re.compile(rf"\*(?:/[0-9]+)?|({_VALUE})(?:-(?!\1\b){_VALUE}(?:/[0-9]+)?)?", re.IGNORECASE)


@dataclass(frozen=True)
class CronSchedule:
    """Times that recur, such as every day at 06:30, in the local time of the machine.

    cron:       the times as in a crontab: five fields, or a nickname such as @daily
    calendars:  the same times for a systemd timer: one or two values of OnCalendar=
    """

    cron: str
    calendars: tuple[str, ...]

    def next_after(self, now: datetime) -> datetime:
        """The first of these times after `now`. Both are local times without time zone."""
        return next(_times(_fields(self.cron), now))


def parse_schedule(at: str) -> CronSchedule:
    """The schedule in a crontab expression: five fields, or a nickname such as @daily (see crontab(5)).

    Raises UsageError if the text is not such an expression, or if its times never occur.

    >>> parse_schedule("30 6 1,15 * mon-fri").calendars
    ('*-*-01,15 06:30:00', 'Mon..Fri *-*-* 06:30:00')
    """
    cron = " ".join(at.split())
    fields = _fields(cron)
    times = _times(fields, datetime(2000, 1, 1))
    if next(times, None) is None:
        raise _error(cron, "never occurs.")
    return CronSchedule(cron, _calendars(times))


def _fields(cron: str) -> list[str]:
    """The five fields of a crontab expression; for a nickname, the fields that it stands for.

    Raises UsageError if the text is not a crontab expression.
    """
    if cron.lower() == "@reboot":
        raise _error(cron, "is not a time.")
    if cron.startswith("@") and cron.lower() not in NICKNAMES:
        raise _error(cron, f"is not a known name.{did_you_mean(cron, NICKNAMES)}")
    fields = NICKNAMES.get(cron.lower(), cron).split()
    if len(fields) != len(FIELDS):
        raise _error(cron, f"has {len(fields)} fields, not 5.")
    for name, field in zip(FIELDS, fields, strict=True):
        for term in field.split(","):
            if not _TERM.fullmatch(term):
                raise _error(cron, f'{name} "{term}" is not syntax that every cron supports.')
    return fields


def _times(fields: Sequence[str], now: datetime) -> CronSim:
    from cronsim import CronSim, CronSimError

    cron = " ".join(fields)
    try:
        return CronSim(cron, now)
    except CronSimError as error:
        raise _error(cron, f"{str(error).lower()}.") from error


def _error(cron: str, reason: str) -> UsageError:
    return UsageError(f'"{cron}": {reason}', SYNTAX_HINT, option="at")


# --- the syntax of systemd.time(7)


def _calendars(times: CronSim) -> tuple[str, ...]:
    """The values of OnCalendar= in a systemd timer for these times: one or two.

    Two are needed if cron runs on days that match the day of the month or the weekday, and not only on days that match
    both.
    """
    months = _numbers(times.months, 1, 12)
    days = _numbers(times.days, 1, 31)
    clock = f"{_numbers(times.hours, 0, 23)}:{_numbers(times.minutes, 0, 59)}:00"
    weekdays = _weekdays({(cast(int, day) - 1) % 7 for day in times.weekdays})
    if times.day_and:
        return (f"{weekdays}*-{months}-{days} {clock}",)
    return tuple(dict.fromkeys((f"*-{months}-{days} {clock}", f"{weekdays}*-{months}-* {clock}")))


def _numbers(values: set[int], first: int, last: int) -> str:
    """The numbers of a field as text for systemd; "*" if they are all numbers from `first` to `last`.

    Steps such as 00/27 are written as lists, because systemd 252 skips the first time of some days with steps.

    >>> _numbers({0, 30}, 0, 59), _numbers({1, 2, 3, 9}, 1, 31)
    ('00,30', '01..03,09')
    """
    if len(values) == last - first + 1:
        return "*"
    return ",".join(_range(f"{start:02d}", f"{end:02d}") for start, end in _ranges(sorted(values)))


def _weekdays(days: set[int]) -> str:
    """The names of weekdays (0 is Monday) as text for systemd, with a space at the end; "" for all seven days."""
    if len(days) == len(WEEKDAYS):
        return ""
    return ",".join(_range(WEEKDAYS[start], WEEKDAYS[end]) for start, end in _ranges(sorted(days))) + " "


def _range(start: str, end: str) -> str:
    return start if start == end else f"{start}..{end}"


def _ranges(ordered: Sequence[int]) -> list[tuple[int, int]]:
    """The ranges of consecutive numbers, as (first, last): [1, 2, 3, 9] -> [(1, 3), (9, 9)]."""
    ranges: list[tuple[int, int]] = []
    for value in ordered:
        if ranges and ranges[-1][1] == value - 1:
            ranges[-1] = (ranges[-1][0], value)
        else:
            ranges.append((value, value))
    return ranges
