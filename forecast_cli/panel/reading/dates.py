"""Read columns of dates written as text.

First the form of most cells is found: a regular expression with named groups, such as "year" and "month". Then
timestamps are computed from the text in these groups.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import FIRST_YEAR, LAST_YEAR
from forecast_cli.panel.durations import DAY
from forecast_cli.panel.reading.distinct import factorize
from forecast_cli.panel.reading.forms import ISO, follows, form_of
from forecast_cli.panel.reading.groups import Groups
from forecast_cli.panel.reading.month_names import month_number
from forecast_cli.panel.reading.numbers import is_missing
from forecast_cli.panel.reading.part_names import is_epidemic, part_of
from forecast_cli.panel.reading.timestamps import Timestamps
from forecast_cli.panel.reading.weeks import first_days_of_weeks
from forecast_cli.panel.reading.zones import offsets_from_utc

YEAR_ZERO = 1900
"""The year before year 1 in texts such as 1-01 (month 1 of year 1), which is read as January 1901."""
FIRST_TWO_DIGIT_YEAR_OF_1900 = 30
"""Years of two digits: 30 to 99 are 1930 to 1999, and 00 to 29 are 2000 to 2029, as in spreadsheets."""
MAX_BAD_FRACTION = 0.5
MIN_ADVANCING_FRACTION = 0.5
"""Texts such as 24-12 are read as year and month if more than this fraction of rows are less than a year away from the
row before."""


def read_dates(cells: NDArray[Any], day_first: bool | None = None, name: str = "") -> list[Timestamps]:
    """The timestamps of a column of text, for each way to read it: none, one, or two (day first, then month first).

    There are two ways if `day_first` is None and no day is above 12, as in 03/04/2024. One form is used for the whole
    column, the one that most cells match; cells of another form are bad.

    cells:     (rows,) object, text
    day_first: True if the day comes first in dates such as 03/04/2024, False if the month does; None: both are possible
    name:      the name of the column, which may say that 2024-05 is a week
    """
    codes, texts = factorize(cells)  # each distinct text is parsed once
    missing = np.array([is_missing(text) for text in texts], dtype=bool)
    form, read_as = form_of(texts.tolist(), part_of(name))
    if form is None:
        return []
    texts = np.array(read_as, dtype=object)
    if form.pattern in ISO and (timestamps := _read_plain_iso(texts, missing)) is not None:
        return [timestamps.take(codes)]
    groups = Groups(form, texts)
    if groups.has("left"):
        readings = _two_digit_month_and_year(groups, missing)
    elif groups.has("first"):
        readings = _day_or_month_first(groups, missing, day_first)
    else:
        readings = [_assemble(groups, missing, epidemic=is_epidemic(name))]
    return [reading.take(codes) for reading in readings]


def _day_or_month_first(groups: Groups, missing: NDArray[np.bool_], day_first: bool | None) -> list[Timestamps]:
    """The timestamps of dates such as 03/04/2024, read with the day first, with the month first, or in both ways.

    Returns the reading with fewer bad texts. If both have equally many, it returns the one whose first bad text comes
    later. If neither has a bad text, it returns both, or one if they are equal.

    groups:    the texts, split into groups
    missing:   (texts,) True for texts that mean a missing value
    day_first: True if the day comes first, False if the month does; None: both are possible
    """
    groups.match_most_common("separator")
    if day_first is None and groups.all_dotted():
        day_first = True
    readings = [
        _assemble(groups, missing, day_group)
        for first, day_group in ((True, "first"), (False, "middle"))
        if day_first in (first, None)
    ]
    best = max(reading.valid_fraction for reading in readings)
    readings = [reading for reading in readings if reading.valid_fraction == best]
    if best < 1:
        return [max(readings, key=lambda reading: int(np.argmax(reading.bad)))]
    same = all(np.array_equal(readings[0].local, other.local, equal_nan=True) for other in readings[1:])
    return readings[:1] if same else readings


def _two_digit_month_and_year(groups: Groups, missing: NDArray[np.bool_]) -> list[Timestamps]:
    """The timestamps of texts such as 24-12 or 12/24: a month and a year of two digits.

    First the year is tried as the first number, then as the second. An order fits if more than half of the months are
    less than a year away from the month in the previous row. If any text starts with a single digit, the first numbers
    are tried as counted years: 1-01 is month 1 of year 1.

    Returns a list with the first order that fits; [] if neither fits, as for 31/12 (a day and a month).
    """
    left, right = groups.numbers("left"), groups.numbers("right")
    one_digit = any(len(word) == 1 for word in groups.words("left"))
    counted = (YEAR_ZERO + left, right, f"year 1 is taken as {YEAR_ZERO + 1}")
    year_first = counted if one_digit else (with_century(left), right, "")
    for years, months, note in (year_first, (with_century(right), left, "")):
        bad = groups.unmatched | (months < 1) | (months > 12)
        months_since_1970 = 12 * (years - 1970) + months - 1
        steps = np.abs(np.diff(months_since_1970[~(missing | bad)]))
        advances = (steps < 12).sum() > MIN_ADVANCING_FRACTION * len(steps)
        if advances and bad[~missing].mean() < MAX_BAD_FRACTION:
            local = _first_days(np.where(bad, 0, months_since_1970)).astype("datetime64[D]").astype("datetime64[ns]")
            local[bad | missing] = np.datetime64("NaT")
            no_row = np.zeros(len(local), dtype=bool)
            return [Timestamps(local, local, missing, bad & ~missing, no_row, note)]
    return []


def _read_plain_iso(texts: NDArray[Any], missing: NDArray[np.bool_]) -> Timestamps | None:
    """The timestamps of ISO 8601 dates without a time zone, read by NumPy; None if any text is something else.

    The result is the same as that of `_assemble`, which is slower.
    """
    present = texts[~missing]
    if not all(len(text) >= 7 and text[0] in "012" and text[4] == "-" for text in present):
        return None
    if len({len(text) > len("2024-01") for text in present}) > 1:  # days and months
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


def _assemble(
    groups: Groups, missing: NDArray[np.bool_], day_group: str = "day", *, epidemic: bool = False
) -> Timestamps:
    """The timestamps of texts that are split into groups: year, month, day, week, hour, zone etc.

    groups:    the texts, split
    missing:   (texts,) True for texts that mean a missing value
    day_group: the name of the group with the day of the month
    epidemic:  whether weeks are numbered as in US health reports (MMWR)
    """
    years, months = _years(groups), _months(groups, day_group)
    days = groups.numbers(day_group, 1)
    bad = groups.unmatched | (years < FIRST_YEAR) | (years > LAST_YEAR) | (months < 1) | (months > 12)
    years, months = np.where(bad, 1970, years), np.where(bad, 1, months)
    day_number = _first_days((years - 1970) * 12 + months - 1) + days - 1
    resulting_month = day_number.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    bad |= (resulting_month != months) | (days < 1)
    if groups.has("week"):
        first_days, wrong = first_days_of_weeks(years, groups.numbers("week", 1), epidemic=epidemic)
        day_number = first_days + groups.numbers("weekday", 1) - 1
        bad |= wrong
    if groups.has("day_of_year"):
        day_number, wrong = days_of_year(years, groups.numbers("day_of_year", 1))
        bad |= wrong
    if groups.has("next"):
        pairs = zip(years, groups.numbers("next", -1), strict=True)
        bad |= np.array([following >= 0 and not follows(year, following) for year, following in pairs], dtype=bool)
    since_midnight, wrong = groups.clock()
    bad |= wrong
    local = (day_number * DAY + since_midnight).astype("datetime64[ns]")
    local[bad | missing] = np.datetime64("NaT")
    times = Timestamps(local, local, missing, bad & ~missing, np.zeros(len(local), dtype=bool), _note(groups))
    return _in_utc(times, groups) if groups.has("zone") else times


def _in_utc(times: Timestamps, groups: Groups) -> Timestamps:
    """Convert timestamps to UTC, by the time zone that is part of each text.

    Returns the timestamps with new `utc` and `zoned`. Those with an unknown zone are marked in `bad`, and all zones are
    then in `zones`.

    groups: the parts of each text, such as year, hour and zone
    """
    matched = np.flatnonzero(~groups.unmatched)
    zones = np.array(groups.words("zone"), dtype=object)
    minutes, zoned, unknown = np.zeros(len(zones), dtype=np.int64), times.zoned.copy(), times.zoned.copy()
    minutes[matched], zoned[matched], unknown[matched] = offsets_from_utc(zones[matched])
    utc = times.local - minutes.astype("timedelta64[m]").astype("timedelta64[ns]")
    bad = times.bad | (unknown & ~times.missing)
    return replace(times, utc=utc, zoned=zoned, bad=bad, zones=zones if unknown.any() else None)


def _note(groups: Groups) -> str:
    if groups.has("fiscal"):
        return "fiscal years are taken for the calendar years with their number"
    return "seasons such as 2000/01 are taken for their first year" if groups.has("next") else ""


def _years(groups: Groups) -> NDArray[np.int64]:
    years = groups.numbers("year")
    two_digits = np.array([len(word) == 2 for word in groups.words("year")], dtype=bool)
    years[two_digits] = with_century(years[two_digits])
    return years


def with_century(years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the century to years of two digits: 30 to 99 become 1930 to 1999, and 0 to 29 become 2000 to 2029.

    If both 29 and 30 occur, the earliest year is the one after the longest gap: 98, 29, 30 become 1998, 2029, 2030.
    """
    distinct = np.unique(years)
    start = FIRST_TWO_DIGIT_YEAR_OF_1900
    if np.isin([start - 1, start], distinct).all():
        gaps = np.diff(distinct, prepend=distinct[-1] - 100)
        start = int(distinct[np.argmax(gaps)]) if gaps.max() > 1 else start
    century = 1900 if start >= FIRST_TWO_DIGIT_YEAR_OF_1900 else 2000
    return century + start + (years - start) % 100


def _months(groups: Groups, day_group: str) -> NDArray[np.int64]:
    if groups.has("name"):
        return np.array([month_number(word) if word else 0 for word in groups.words("name")], dtype=np.int64)
    if groups.has("quarter"):
        return 3 * groups.numbers("quarter", 1) - 2
    if groups.has("half_year"):
        return 6 * groups.numbers("half_year", 1) - 5
    return groups.numbers({"first": "middle", "middle": "first"}.get(day_group, "month"), 1)


def _first_days(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """The days from 1970-01-01 to the first day of each month. `months` are counted from January 1970, which is 0."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def days_of_year(years: NDArray[np.int64], days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of days from 1970-01-01 to each day, and True for days that do not exist, such as 366 in 2023.

    years: the year of each day
    days:  the number of each day in its year, 1 to 366
    """
    new_year, next_new_year = (_first_days((years + later - 1970) * 12) for later in (0, 1))
    day_number = new_year + days - 1
    return day_number, (days < 1) | (day_number >= next_new_year)
