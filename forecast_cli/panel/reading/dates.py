"""Parsing columns of dates as text: find the form of a column, then build timestamps from the form's groups."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.durations import DAY, HOUR, MINUTE, SECOND
from forecast_cli.panel.reading.forms import CLOCK, ISO, best_form, follows, month_number
from forecast_cli.panel.reading.numbers import is_missing

YEAR_ZERO = 1900
"""The year before year 1 in dates such as 1-01, month 1 of year 1."""
FIRST_TWO_DIGIT_YEAR_OF_1900 = 30
"""Two-digit years below it belong to the 2000s, as in spreadsheets."""


@dataclass(frozen=True)
class Timestamps:
    """The timestamps of one column, in one way to read it.

    local:    (rows,) datetime64[ns] in local time, NaT where missing or bad; or int64 step numbers
    utc:      (rows,) the same in UTC where a time zone is given
    missing:  (rows,) bool, cells without a date
    bad:      (rows,) bool, cells that are not a date, or not one from FIRST_YEAR to LAST_YEAR
    zoned:    (rows,) bool, cells with a time zone
    note:     what the user should know about this reading, or ""
    """

    local: NDArray[Any]
    utc: NDArray[Any]
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    zoned: NDArray[np.bool_]
    note: str = ""

    @classmethod
    def of_days(
        cls,
        days: NDArray[np.datetime64],
        since_midnight: NDArray[np.int64] | int = 0,
        bad_clock: NDArray[np.bool_] | bool = False,
    ) -> Timestamps:
        """The timestamps of `days` (rows,), datetime64[D], at a time of day in nanoseconds (see `read_clock`)."""
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        bad = (years < FIRST_YEAR) | (years > LAST_YEAR) | bad_clock
        local = (np.where(bad, 0, days.astype(np.int64)) * DAY + since_midnight).astype("datetime64[ns]")
        local[bad] = np.datetime64("NaT")
        no_row = np.zeros(len(days), dtype=bool)
        return cls(local, local, missing=no_row, bad=bad, zoned=no_row)

    @property
    def dated(self) -> bool:
        """Whether these are dates, and not step numbers."""
        return bool(self.local.dtype.kind == "M")

    @property
    def valid_fraction(self) -> float:
        """The fraction of the non-missing cells that are dates; 0 if all are missing."""
        present = int((~self.missing).sum())
        return 1 - int(self.bad.sum()) / present if present else 0.0

    def take(self, rows: NDArray[np.intp]) -> Timestamps:
        """The timestamps at `rows`."""
        return Timestamps(
            self.local[rows],
            self.utc[rows],
            self.missing[rows],
            self.bad[rows],
            self.zoned[rows],
            self.note,
        )


def read_dates(cells: NDArray[Any], day_first: bool | None = None) -> list[Timestamps]:
    """The ways to read a column of text (rows,) as dates: none, one, or two (day first, then month first).

    day_first: which of day and month comes first in dates such as 03/04/2024; None accepts both

    There are two ways if `day_first` is None and no day is above 12. All cells must have the form that most of them
    match; other cells are bad.
    """
    import pandas as pd

    codes, texts = pd.factorize(cells)  # each distinct text is parsed once
    missing = np.array([is_missing(text) for text in texts], dtype=bool)
    form = best_form([text for text in texts[~missing] if not text.isdigit()])
    if form is None:
        return []
    if form in ISO and (timestamps := _read_plain_iso(texts, missing)) is not None:
        return [timestamps.take(codes)]
    groups = Groups(form, texts)
    if not groups.has("first"):
        return [_assemble(groups, missing).take(codes)]
    if day_first is None and groups.all_dotted():
        day_first = True
    readings = [
        _assemble(groups, missing, day_group).take(codes)
        for first, day_group in ((True, "first"), (False, "middle"))
        if day_first in (first, None)
    ]
    best = max(reading.valid_fraction for reading in readings)
    readings = [reading for reading in readings if reading.valid_fraction == best]
    same = all(np.array_equal(readings[0].local, other.local, equal_nan=True) for other in readings[1:])
    return readings[:1] if same else readings


def read_clock(cells: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nanoseconds since midnight (rows,) of times of day such as 17:24, and which cells (rows,) are not one."""
    groups = Groups(CLOCK, cells)
    since_midnight, bad = _clock(groups)
    return since_midnight, bad | groups.unmatched


class Groups:
    """The text of each named group of a form, for each text of a column; "" for texts of another form."""

    def __init__(self, form: re.Pattern[str], texts: NDArray[Any]) -> None:
        nothing = ("",) * form.groups
        matches = [form.fullmatch(text) for text in texts]
        self.unmatched = np.array([match is None for match in matches], dtype=bool)
        self._index = form.groupindex
        self._columns = list(zip(*(nothing if m is None else m.groups("") for m in matches), strict=True))

    def has(self, name: str) -> bool:
        """Whether the group `name` matched in any text."""
        return name in self._index and any(self.words(name))

    def all_dotted(self) -> bool:
        """Whether dots separate day, month and year, as in 31.12.2024. Such dates have the day first."""
        return set(self._columns[1]) <= {".", ""}

    def words(self, name: str) -> Sequence[str]:
        """The text of the group `name` for each text; empty if the form has no such group."""
        return self._columns[self._index[name] - 1] if name in self._index else ()

    def numbers(self, name: str, default: int = 0) -> NDArray[np.int64]:
        """The number in the group `name` for each text; `default` where it is empty."""
        if not self.has(name):
            return np.full(len(self.unmatched), default, dtype=np.int64)
        return np.array([int(word) if word else default for word in self.words(name)], dtype=np.int64)


def _read_plain_iso(texts: NDArray[Any], missing: NDArray[np.bool_]) -> Timestamps | None:
    """A fast path for ISO dates without time zone; None if any text is something else."""
    present = texts[~missing]
    if not all(len(text) >= 7 and text[0] in "012" and text[4] == "-" for text in present):
        return None
    times = np.full(len(texts), "NaT", dtype="datetime64[us]")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            times[~missing] = present.astype("datetime64[us]")
        except (ValueError, DeprecationWarning, UserWarning):
            return None
    years = times[~missing].astype("datetime64[Y]").astype(np.int64) + 1970
    if ((years < FIRST_YEAR) | (years > LAST_YEAR)).any():
        return None
    no_row = np.zeros(len(texts), dtype=bool)
    local = times.astype("datetime64[ns]")
    return Timestamps(local, local, missing, bad=no_row, zoned=no_row)


def _assemble(groups: Groups, missing: NDArray[np.bool_], day_group: str = "day") -> Timestamps:
    """The timestamps of the groups of a form; `day_group` is the group with the day of the month."""
    years, months = _years(groups), _months(groups, day_group)
    days = groups.numbers(day_group, 1)
    bad = groups.unmatched | (years < FIRST_YEAR) | (years > LAST_YEAR) | (months < 1) | (months > 12)
    years, months = np.where(bad, 1970, years), np.where(bad, 1, months)
    day_number = _first_days((years - 1970) * 12 + months - 1) + days - 1
    resulting_month = day_number.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    bad |= (resulting_month != months) | (days < 1)
    if groups.has("week"):
        day_number, wrong = _week_days(years, groups.numbers("week", 1), groups.numbers("weekday", 1))
        bad |= wrong
    if groups.has("day_of_year"):
        day_number, wrong = _days_of_year(years, groups.numbers("day_of_year", 1))
        bad |= wrong
    if groups.has("next"):
        pairs = zip(years, groups.numbers("next"), strict=True)
        bad |= np.array([not follows(year, following) for year, following in pairs], dtype=bool)
    since_midnight, wrong = _clock(groups)
    bad |= wrong
    local = (day_number * DAY + since_midnight).astype("datetime64[ns]")
    local[bad | missing] = np.datetime64("NaT")
    utc, zoned = local, np.zeros(len(local), dtype=bool)
    if groups.has("zone"):
        zones = groups.words("zone")
        zoned = np.array([bool(zone) for zone in zones], dtype=bool)
        minutes = np.array([_offset_minutes(zone) for zone in zones], dtype="timedelta64[m]")
        utc = local - minutes.astype("timedelta64[ns]")
    return Timestamps(local, utc, missing, bad & ~missing, zoned, _note(groups))


def _note(groups: Groups) -> str:
    if groups.has("short"):
        return f"year 1 is taken as {YEAR_ZERO + 1}"
    return "seasons such as 2000/01 are taken for their first year" if groups.has("next") else ""


def _years(groups: Groups) -> NDArray[np.int64]:
    if groups.has("short"):
        return YEAR_ZERO + groups.numbers("short")
    years = groups.numbers("year")
    two_digits = np.array([len(word) == 2 for word in groups.words("year")], dtype=bool)
    return np.where(two_digits, years + np.where(years < FIRST_TWO_DIGIT_YEAR_OF_1900, 2000, 1900), years)


def _months(groups: Groups, day_group: str) -> NDArray[np.int64]:
    if groups.has("name"):
        return np.array([month_number(word) for word in groups.words("name")], dtype=np.int64)
    if groups.has("quarter"):
        return 3 * groups.numbers("quarter", 1) - 2
    if groups.has("half_year"):
        return 6 * groups.numbers("half_year", 1) - 5
    return groups.numbers({"first": "middle", "middle": "first"}.get(day_group, "month"), 1)


def _first_days(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from 1970-01-01 to the first day of each month, given in months since January 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _week_days(
    years: NDArray[np.int64], weeks: NDArray[np.int64], weekdays: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days from 1970-01-01 to ISO 8601 week dates, and which of these do not exist.

    Weeks start on Monday, and week 1 contains 4 January.
    """
    fourth = _first_days((years - 1970) * 12) + 3
    monday = fourth - (fourth + 3) % 7 + 7 * (weeks - 1)
    thursday_year = (monday + 3).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return monday + weekdays - 1, (weeks < 1) | (thursday_year != years)


def _days_of_year(years: NDArray[np.int64], days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days from 1970-01-01 to days of a year, 1 to 366, and which of these do not exist."""
    new_year, next_new_year = (_first_days((years + later - 1970) * 12) for later in (0, 1))
    day_number = new_year + days - 1
    return day_number, (days < 1) | (day_number >= next_new_year)


def _clock(groups: Groups) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Nanoseconds since midnight, and which times of day do not exist. 24:00 is the next midnight."""
    hours, minutes, seconds = (groups.numbers(name) for name in ("hour", "minute", "second"))
    wrong = (minutes > 59) | (seconds > 59) | (hours > 24) | ((hours == 24) & (minutes + seconds > 0))
    if groups.has("half"):
        halves = np.array([word.lower() for word in groups.words("half")], dtype="U1")
        twelve_hour = halves != ""
        wrong |= twelve_hour & ((hours < 1) | (hours > 12))
        hours = np.where(twelve_hour, hours % 12 + 12 * (halves == "p"), hours)
    since_midnight = hours * HOUR + minutes * MINUTE + seconds * SECOND
    if groups.has("fraction"):
        since_midnight += np.array([int(word.ljust(9, "0")) for word in groups.words("fraction")], dtype=np.int64)
    return since_midnight, wrong


def _offset_minutes(zone: str) -> int:
    """Minutes that a time zone is ahead of UTC.

    >>> _offset_minutes("+05:30"), _offset_minutes("-08"), _offset_minutes("Z")
    (330, -480, 0)
    """
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes
