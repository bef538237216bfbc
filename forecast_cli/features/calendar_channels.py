"""Channels of the calendar: numbers that tell a network the time of a step within the day, week, month and year."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.options import CALENDAR_PARTS
from forecast_cli.panel.calendar import YEAR, calendar_of
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY

Channels = NDArray[np.float32]
Times = NDArray[np.datetime64]

MAX_HOLIDAY_STEP = 1.5 * DAY
"""Holidays are allowed only for frequencies whose mean step is at most this long, in nanoseconds. It is above a day, so
that business days are included: their mean step is 1.4 days."""

HOLIDAYS = "holidays "
"""The beginning of the name of a calendar part with the holidays of a country or region, as in "holidays DE-BY"."""

HARMONICS = 2
"""The number of pairs of sine and cosine for the time within the day, within the month, and within the year."""


ONLY_IF_NAMED = ("monthday", "month")
"""The parts that `auto` leaves out. Few data depend on the day of the month, and "year" tells the month too."""


def parts_for_frequency(freq: str) -> tuple[str, ...]:
    """The parts of the calendar that have a meaning for a frequency, as names in CALENDAR_PARTS; none without dates.

    >>> parts_for_frequency("h"), parts_for_frequency("MS")
    (('hour', 'weekday', 'monthday', 'month', 'year'), ('month', 'year'))
    >>> parts_for_frequency("QS-JAN"), parts_for_frequency("YS-JAN"), parts_for_frequency("step")
    (('year',), (), ())
    """
    calendar = calendar_of(freq)
    step = calendar.approximate_step
    if step is None:
        return ()
    day = DAY / 2 if calendar.has_clock else 0
    longest = {"hour": day, "weekday": 3 * DAY, "monthday": 15 * DAY, "month": YEAR / 12, "year": YEAR / 2}
    return tuple(part for part in CALENDAR_PARTS if step <= longest[part])


def auto_parts(freq: str) -> tuple[str, ...]:
    """The parts of the calendar that a network gets if the user names none.

    >>> auto_parts("h"), auto_parts("D"), auto_parts("W-SUN")
    (('hour', 'weekday', 'year'), ('weekday', 'year'), ('year',))
    """
    return tuple(part for part in parts_for_frequency(freq) if part not in ONLY_IF_NAMED)


def calendar_channels(times: Times, parts: Sequence[str]) -> Channels:
    """(k, channels) the channels of these parts of the calendar at each of the times (k,).

    parts: names in CALENDAR_PARTS, and names such as "holidays US"
    """
    found = [_holidays(times, part) if part.startswith(HOLIDAYS) else PARTS[part](times) for part in parts]
    return np.concatenate([np.empty((len(times), 0), np.float32), *found], axis=1)


def channel_count(parts: Sequence[str]) -> int:
    """The number of channels of these parts of the calendar."""
    return int(calendar_channels(np.array(["1970-01-01"], dtype="datetime64[ns]"), parts).shape[1])


def holiday_parts(places: Sequence[str], freq: str) -> tuple[str, ...]:
    """Check the places whose holidays a network gets. Returns a part of the calendar for each, such as "holidays US".

    places: codes of countries or regions, such as "US" or "DE-BY"

    Raises UsageError if a place is unknown, if the data have no dates, or if their mean step is above MAX_HOLIDAY_STEP.
    """
    step = calendar_of(freq).approximate_step
    if places and (step is None or step > MAX_HOLIDAY_STEP):
        raise UsageError(
            f"{', '.join(places)}: holidays need dates with steps of at most a day, not {freq} as in the data.",
            "Leave the option out.",
            option="holidays",
        )
    for place in places:
        _holidays_of(place, [2000])
    return tuple(HOLIDAYS + place for place in places)


def _holidays_of(place: str, years: Sequence[int]) -> NDArray[np.datetime64]:
    """The dates of the holidays of a place in these years, ascending. Raises UsageError if the place is unknown."""
    import holidays

    country, _, region = place.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (region and region not in known[country]):
        among = known.get(country) or known
        raise UsageError(
            f"{place}: no holidays are known for it.{did_you_mean(region if country in known else country, among)}",
            "Use the code of a country, such as US, or of a region, such as DE-BY.",
            option="holidays",
        )
    return np.array(sorted(holidays.country_holidays(country, subdiv=region or None, years=years)), "datetime64[D]")


def _holidays(times: Times, part: str) -> Channels:
    """(k, 3) channels that are 1 on a holiday, on the day before a holiday, and on the day after one; otherwise 0.

    part: the part of the calendar, such as "holidays DE-BY"
    """
    days = times.astype("datetime64[D]")
    first, last = (int(str(day)[:4]) for day in (days.min() - 1, days.max() + 1))
    off = _holidays_of(part.removeprefix(HOLIDAYS), range(first, last + 1))
    return np.stack([np.isin(days + ahead, off) for ahead in (0, 1, -1)], axis=1).astype(np.float32)


def _hour(times: Times) -> Channels:
    return _waves(times.astype(np.int64) % DAY / DAY)


def _weekday(times: Times) -> Channels:
    """(k, 7) a one-hot vector of the weekday of each time, Monday first."""
    day = (times.astype(np.int64) // DAY + EPOCH_WEEKDAY) % 7
    return np.asarray(day[:, None] == np.arange(7), dtype=np.float32)


def _monthday(times: Times) -> Channels:
    months = times.astype("datetime64[M]")
    start, end = (month.astype("datetime64[D]").astype("datetime64[ns]") for month in (months, months + 1))
    return _waves((times - start) / (end - start))


def _month(times: Times) -> Channels:
    """(k, 12) a one-hot vector of the month of each time, January first."""
    month = times.astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(month[:, None] == np.arange(12), dtype=np.float32)


def _year(times: Times) -> Channels:
    start = times.astype("datetime64[Y]").astype("datetime64[ns]")
    return _waves((times - start).astype(np.int64) / YEAR)


def _waves(fraction: NDArray[np.float64]) -> Channels:
    """(k, 2 HARMONICS) sines and cosines of a fraction (k,) of a cycle, 0 to 1."""
    angles = 2 * np.pi * fraction[:, None] * np.arange(1, HARMONICS + 1)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


PARTS: dict[str, Callable[[Times], Channels]] = {
    "hour": _hour,
    "weekday": _weekday,
    "monthday": _monthday,
    "month": _month,
    "year": _year,
}
"""Part of the calendar, one of CALENDAR_PARTS -> function from times (k,) to channels."""
