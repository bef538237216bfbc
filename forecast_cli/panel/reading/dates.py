"""Dates as people write them, read by the column: one way to assemble what their form catches."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import DAY, FIRST_YEAR, HOUR, LAST_YEAR, MINUTE, SECOND
from forecast_cli.panel.reading.forms import ISO, best_form, follows, month_number
from forecast_cli.panel.reading.numbers import is_missing

SHORT_YEAR_BASE = 1900
LAST_SHORT_YEAR = 30
"""Two digits below it are years of this century, as in spreadsheets; data rarely lies far ahead."""


@dataclass(frozen=True)
class Stamps:
    """The dates of one column, as read in one way.

    local:    (rows,) datetime64[ns], as the clock on the wall showed it; NaT where missing or bad; or
              int64 step numbers
    utc:      (rows,) datetime64[ns], the same moments in UTC where a zone is given
    missing:  (rows,) bool
    bad:      (rows,) bool, text that is no date, or one out of reach
    zoned:    (rows,) bool
    note:     what the user should know about the reading, if anything
    """

    local: NDArray[Any]
    utc: NDArray[Any]
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    zoned: NDArray[np.bool_]
    note: str = ""

    @property
    def share(self) -> float:
        """The dates' share of what is there."""
        there = int((~self.missing).sum())
        return 1 - int(self.bad.sum()) / there if there else 0.0

    def take(self, codes: NDArray[np.intp]) -> Stamps:
        return Stamps(
            self.local[codes],
            self.utc[codes],
            self.missing[codes],
            self.bad[codes],
            self.zoned[codes],
            self.note,
        )


def read_dates(cells: NDArray[Any], day_first: bool | None = None) -> list[Stamps]:
    """The ways to read a column of text as dates: none, one, or two (day first, then month first).

    Two are left where `day_first` is None and no day is above 12. All cells share one form, the one that fits
    most of them; a cell of another form is bad.
    """
    import pandas as pd

    codes, texts = pd.factorize(cells)
    missing = np.array([is_missing(text) for text in texts], dtype=bool)
    form = best_form([text for text in texts[~missing] if not text.isdigit()])
    if form is None:
        return []
    if form in ISO and (fast := _read_iso(texts, missing)) is not None:
        return [fast.take(codes)]
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
    best = max(reading.share for reading in readings)
    readings = [reading for reading in readings if reading.share == best]
    same = all(np.array_equal(readings[0].local, other.local, equal_nan=True) for other in readings[1:])
    return readings[:1] if same else readings


class Groups:
    """The named groups that a form caught, text by text; a text of another form caught nothing."""

    def __init__(self, form: re.Pattern[str], texts: NDArray[Any]) -> None:
        nothing = ("",) * form.groups
        matches = [form.fullmatch(text) for text in texts]
        self.missed = np.array([match is None for match in matches], dtype=bool)
        self._index = form.groupindex
        self._caught = list(zip(*(nothing if m is None else m.groups("") for m in matches), strict=True))

    def has(self, name: str) -> bool:
        return name in self._index and any(self.words(name))

    def all_dotted(self) -> bool:
        """Whether the numbers stand apart by dots, as in 31.12.2024; whoever writes so puts the day first."""
        return set(self._caught[1]) <= {".", ""}

    def words(self, name: str) -> Sequence[str]:
        return self._caught[self._index[name] - 1] if name in self._index else ()

    def numbers(self, name: str, default: int = 0) -> NDArray[np.int64]:
        if not self.has(name):
            return np.full(len(self.missed), default, dtype=np.int64)
        return np.array([int(word) if word else default for word in self.words(name)], dtype=np.int64)


def _read_iso(texts: NDArray[Any], missing: NDArray[np.bool_]) -> Stamps | None:
    """The quick way for columns of plain ISO dates without zone; None where a cell is anything else."""
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
    nowhere = np.zeros(len(texts), dtype=bool)
    local = times.astype("datetime64[ns]")
    return Stamps(local, local, missing, nowhere, nowhere)


def _assemble(groups: Groups, missing: NDArray[np.bool_], day: str = "day") -> Stamps:
    """Dates from what their form caught; `day` names the group that holds the day of the month."""
    years, months = _years(groups), _months(groups, day)
    days = groups.numbers(day, 1)
    bad = groups.missed | (years < FIRST_YEAR) | (years > LAST_YEAR) | (months < 1) | (months > 12)
    years, months = np.where(bad, 1970, years), np.where(bad, 1, months)
    day_number = _first_days((years - 1970) * 12 + months - 1) + days - 1
    found_month = day_number.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    bad |= (found_month != months) | (days < 1)
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
    return Stamps(local, utc, missing, bad & ~missing, zoned, _note(groups))


def _note(groups: Groups) -> str:
    if groups.has("short"):
        return f"years 1, 2, ... are counted from {SHORT_YEAR_BASE + 1}"
    return "seasons such as 2000/01 are taken for their first year" if groups.has("next") else ""


def _years(groups: Groups) -> NDArray[np.int64]:
    if groups.has("short"):
        return SHORT_YEAR_BASE + groups.numbers("short")
    years = groups.numbers("year")
    two_digits = np.array([len(word) == 2 for word in groups.words("year")], dtype=bool)
    return np.where(two_digits, years + np.where(years < LAST_SHORT_YEAR, 2000, 1900), years)


def _months(groups: Groups, day: str) -> NDArray[np.int64]:
    if groups.has("name"):
        return np.array([month_number(word) for word in groups.words("name")], dtype=np.int64)
    if groups.has("quarter"):
        return 3 * groups.numbers("quarter", 1) - 2
    if groups.has("half_year"):
        return 6 * groups.numbers("half_year", 1) - 5
    return groups.numbers({"first": "middle", "middle": "first"}.get(day, "month"), 1)


def _first_days(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days since 1970 of the first of each month, counted since then."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _week_days(
    years: NDArray[np.int64], weeks: NDArray[np.int64], weekdays: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970 of ISO 8601 week dates, and which do not exist.

    Weeks start on Monday, and week 1 is the one that holds 4 January.
    """
    fourth = _first_days((years - 1970) * 12) + 3
    monday = fourth - (fourth + 3) % 7 + 7 * (weeks - 1)
    thursday_year = (monday + 3).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return monday + weekdays - 1, (weeks < 1) | (thursday_year != years)


def _days_of_year(years: NDArray[np.int64], days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Days since 1970 of the days of a year, 1 to 366, and which do not exist."""
    new_year, next_new_year = (_first_days((years + later - 1970) * 12) for later in (0, 1))
    day_number = new_year + days - 1
    return day_number, (days < 1) | (day_number >= next_new_year)


def _clock(groups: Groups) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nanoseconds since midnight, and where no clock ever shows such a time."""
    hours, minutes, seconds = (groups.numbers(name) for name in ("hour", "minute", "second"))
    wrong = (minutes > 59) | (seconds > 59) | (hours > 24) | ((hours == 24) & (minutes + seconds > 0))
    if groups.has("half"):
        halves = np.array([word.lower() for word in groups.words("half")], dtype="U1")
        twelve = halves != ""
        wrong |= twelve & ((hours < 1) | (hours > 12))
        hours = np.where(twelve, hours % 12 + 12 * (halves == "p"), hours)
    since = hours * HOUR + minutes * MINUTE + seconds * SECOND
    if groups.has("fraction"):
        since += np.array([int(word.ljust(9, "0")) for word in groups.words("fraction")], dtype=np.int64)
    return since, wrong


def _offset_minutes(zone: str) -> int:
    """Minutes east of Greenwich.

    >>> _offset_minutes("+05:30"), _offset_minutes("-08"), _offset_minutes("Z")
    (330, -480, 0)
    """
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes
