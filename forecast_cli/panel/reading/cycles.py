"""Learn cycles from timestamps: days of the week or month, times of day, or steps that start again each year.

A place in a cycle is, for example, Monday at 09:00 in a cycle of one week. A place that never has a timestamp, such as
a Sunday or the night, is not a step of the cycle. A place is left out only if it is unlikely to be empty by chance. So
most other places must have timestamps, and the data must be long enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.cycle import LAST_DAY, Cycle, fiscal_cycle, month_cycle, year_cycle
from forecast_cli.panel.durations import DAY, EPOCH_WEEKDAY, SECOND

Ints = NDArray[np.int64]
Dates = NDArray[np.datetime64]

MIN_COVERAGE = 0.75
"""Timestamps have a cycle only if at least this fraction of its steps have a timestamp."""
MAX_CHANCE = 1e-3
"""A place in the cycle is no step if the probability that it is empty by chance is below this."""
MIN_WEEKS, MIN_DAYS, MIN_MONTHS = 4, 5, 2
"""How much data is needed: weeks, to find a weekday that is always empty; days, to find such a time of day; months, to
find the days of a monthly cycle."""
MIN_BUSINESS_DAYS = 8
"""How many days of data are needed to find that weekends are always empty."""
MAX_STRAY_FRACTION, MAX_STRAY_RATE = 0.01, 0.1
"""Some timestamps may be at places that are usually empty: a shop that is closed on Mondays may open on one of them.

A place counts as empty if it has timestamps in at most MAX_STRAY_RATE of the weeks, and if all such places together
have at most MAX_STRAY_FRACTION of the timestamps.
"""
FISCAL_YEARS = (((4, 4, 5), 12), ((4, 5, 4), 1), *(((4, 4, 5), month) for month in (1, 9, 6, 3)))
"""Common fiscal years: (weeks of each of the three periods of a quarter, month in which the year ends). Tried first."""
QUARTERS = ((4, 4, 5), (4, 5, 4), (5, 4, 4))
FIRST_WEEKDAYS = (0, 6)
"""Monday (0) and Sunday (6). A date on one of them is probably the first day of a week; on another, the last."""
MIN_FISCAL_STEPS = 12
MAX_CLOCKS = 24 * 60
MAX_SCATTERED_CLOCKS = 12
"""If timestamps are at more times of day than this, most of these must be one step apart, as opening hours are."""
MAX_MONTH_DAYS = 6
MIN_RECURRING = 0.5
"""A day of the month is a step if it has a date in at least this fraction of the months."""
MAX_SHIFT_DAYS = 3


def learn_week(times: Dates) -> Cycle | None:
    """The cycle of one week whose steps are the weekdays and times of day with timestamps, such as opening hours.

    Returns None if the steps are constant, if the timestamps are too few or too irregular, or if they have fractions of
    seconds.

    times:  (N,) datetime64[ns], of one or several series, in any order
    """
    moments = _distinct(times).astype(np.int64)
    days, seconds = moments // DAY, moments % DAY // SECOND
    present = np.bincount(seconds, minlength=DAY // SECOND) > 0
    clocks = np.flatnonzero(present) * SECOND
    if len(clocks) > MAX_CLOCKS or len(moments) < 2 * MIN_DAYS or (moments % SECOND).any():
        return None
    clock = (np.cumsum(present) - 1)[seconds]
    place = (days + EPOCH_WEEKDAY) % 7 * len(clocks) + clock
    filled = np.bincount(place, minlength=7 * len(clocks)).reshape(7, -1)
    weeks = _weeks_of_each_weekday(days)
    recent = np.bincount(place[days > days[-1] - 7], minlength=7 * len(clocks)).reshape(7, -1)
    filled = _without_strays(filled, weeks, recent)
    steps = np.outer(_open_weekdays(filled, weeks), _open_clocks(filled, clocks))
    steps = _open_steps(filled, weeks, steps)
    possible = int((weeks[:, None] * steps).sum())
    is_sparse = steps.sum() < 2 or filled[steps].sum() < MIN_COVERAGE * possible
    if is_sparse or _is_whole_week(steps, clocks) or _is_scattered(clocks[steps.any(axis=0)]):
        return None
    return Cycle("week", tuple(int(day * DAY + clocks[i]) for day, i in np.argwhere(steps)))


def learn_month(dates: Dates) -> Cycle | None:
    """The cycle of one month whose steps are the days on which dates recur, such as the 1st and the 15th.

    31 means the last day. Returns None if dates recur on only one day of the month or on too many, or if they do not
    fit the cycle. A date can be up to 3 days from its step: a payment on the Friday before the 15th belongs to it.

    dates: (N,) datetime64[D], of one or several series, in any order
    """
    dates = _distinct(dates)
    months = dates.astype("datetime64[M]")
    days = (dates - months).astype(np.int64) + 1
    last = dates + 1 == (months + 1).astype("datetime64[D]")
    inner = np.bincount(days[~last], minlength=LAST_DAY + 1)
    number = len(np.unique(months))
    often = max(MIN_MONTHS, MIN_RECURRING * number)
    recurring = np.flatnonzero(inner >= often)
    # The last day of a short month may stand for a later day of longer ones, such as the 30th.
    ends = days[last] > recurring.max(initial=0)
    if ends.sum() >= often:
        recurring = np.append(recurring, LAST_DAY)
    if len(recurring) > MAX_MONTH_DAYS:
        return None
    cycle = month_cycle(recurring.tolist())
    return cycle if cycle is not None and _is_filled(cycle, dates, MAX_SHIFT_DAYS) else None


def learn_year(dates: Dates, step: int) -> Cycle | None:
    """The cycle of one year with steps of `step` days that start again on each 1 January, such as satellite images.

    Returns None if the dates do not fit, or if all are a multiple of `step` days apart.

    dates: (N,) datetime64[D], of one or several series, in any order
    """
    dates = _distinct(dates)
    cycle = year_cycle(step)
    if cycle is None or not ((dates - dates[0]).astype(np.int64) % step).any():
        return None
    return cycle if _is_filled(cycle, dates) else None


def learn_fiscal_year(dates: Dates) -> Cycle | None:
    """The cycle of one fiscal year, with steps of 4, 4 and 5 weeks in each quarter, as in retail; None if none fits.

    The order can also be 4, 5, 4 or 5, 4, 4. The year starts near the end of a month.

    dates: (N,) datetime64[D], of one or several series, in any order
    """
    dates = _distinct(dates)
    weekday = int(dates[0].astype(np.int64) + EPOCH_WEEKDAY) % 7
    steps = np.diff(dates).astype(np.int64)
    if (steps % 7).any() or len(steps) < MIN_FISCAL_STEPS or np.median(steps) != 28 or _same_week_of_month(dates):
        return None
    quarters = [*FISCAL_YEARS, *((weeks, month) for weeks in QUARTERS for month in range(1, 13))]
    # A year ends on the weekday nearest to the end of a month, or on the last one in it; the next starts a day later.
    shifts = (2, 5, 3, 6) if weekday in FIRST_WEEKDAYS else (3, 6, 2, 5)
    for weeks, month in quarters:
        end = (np.datetime64("1999-01", "M") + month).astype("datetime64[D]") - 1
        for shift in shifts:
            first = (end - shift).item()
            cycle = fiscal_cycle(weeks, (first.month, first.day, weekday))
            if _is_filled(cycle, dates):
                return cycle
    return None


def _same_week_of_month(dates: Dates) -> bool:
    """Whether all dates are in the same week of their month: the first 7 days, the next 7 days, ..., or the last 7."""
    months = dates.astype("datetime64[M]")
    weeks = (dates - months).astype(np.int64) // 7
    last = (dates + 7).astype("datetime64[M]") != months
    return bool((weeks == weeks[0]).all() or last.all())


def _is_filled(cycle: Cycle, dates: Dates, shift: int = 0) -> bool:
    """Whether dates fit a cycle: each is within `shift` days of a step, no two have the same step, and most steps have
    a date. Dates must ascend."""
    counts = cycle.nearest(dates)
    near = np.abs((cycle.stamp(counts) - dates).astype("timedelta64[D]").astype(np.int64)) <= shift
    one_each = (np.diff(counts) > 0).all()
    return bool(near.all() and one_each) and len(counts) >= MIN_COVERAGE * (counts[-1] - counts[0] + 1)


def _distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The different values, ascending. It is faster than np.unique for millions of values that are mostly in order."""
    ordered = np.sort(values, kind="stable")
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]]


# --- weeks


def _weeks_of_each_weekday(days: Ints) -> Ints:
    """(7,) for each weekday, Monday first: in how many weeks it could have a timestamp.

    These are the weeks with any timestamp in which the weekday lies between the first and the last day of the data.

    days: the days with timestamps, as days since 1970-01-01, ascending
    """
    weeks = _distinct((days + EPOCH_WEEKDAY) // 7)
    every = (weeks[:, None] * 7 + np.arange(7)) - EPOCH_WEEKDAY
    inside: Ints = ((every >= days[0]) & (every <= days[-1])).sum(axis=0)
    return inside


def _without_strays(filled: Ints, weeks: Ints, recent: Ints) -> Ints:
    """The numbers of timestamps, with 0 at places that rarely have a timestamp (see MAX_STRAY_FRACTION).

    A time of day with two or more timestamps in the last 7 days is kept, because opening hours may have changed.

    filled: (7, clocks) the number of timestamps at each place: weekday, time of day
    weeks:  (7,) the number of weeks in which each weekday could have a timestamp, from `_weeks_of_each_weekday`
    recent: (7, clocks) the number of timestamps in the last 7 days
    """
    rare_clocks = filled.sum(axis=0) <= np.maximum(1, MAX_STRAY_RATE * weeks.sum())
    new_clocks = rare_clocks & (recent.sum(axis=0) > 1)
    strays = (rare_clocks | (filled <= MAX_STRAY_RATE * weeks[:, None])) & ~new_clocks
    return np.where(strays, 0, filled) if filled[strays].sum() <= MAX_STRAY_FRACTION * filled.sum() else filled


def _open_weekdays(filled: Ints, weeks: Ints) -> NDArray[np.bool_]:
    """(7,) bool, whether each weekday has steps: True for weekdays with timestamps.

    All are True if weekdays without timestamps may be empty by chance.

    filled: (7, clocks) the number of timestamps at each place: weekday, time of day
    weeks:  (7,) the number of weeks in which each weekday could have a timestamp, from `_weeks_of_each_weekday`
    """
    per_day = filled.max(axis=1)
    is_open = per_day > 0
    gaps = 1 - per_day[is_open].sum() / max(weeks[is_open].sum(), 1)
    recurring = weeks[~is_open].min(initial=weeks.max())
    weekend = is_open.tolist() == [True] * 5 + [False] * 2
    enough = recurring >= MIN_WEEKS or (weekend and recurring > 0 and per_day.sum() >= MIN_BUSINESS_DAYS)
    return is_open if enough and _is_unlikely_by_chance(gaps, recurring, 7) else np.ones(7, dtype=bool)


def _open_clocks(filled: Ints, clocks: Ints) -> NDArray[np.bool_]:
    """(clocks,) bool, whether each time of day has steps: True for times with timestamps.

    All are False if the data cannot show that other times of day have no steps, because it is too short or has too many
    gaps. This is not checked if all timestamps are at one time of day.

    filled: (7, clocks) the number of timestamps at each place: weekday, time of day
    clocks: (clocks,) the times of day in nanoseconds
    """
    per_clock = filled.sum(axis=0)
    is_open: NDArray[np.bool_] = per_clock > 0
    days = int(filled.max(axis=1).sum())
    gaps = 1 - per_clock.sum() / max(days * is_open.sum(), 1)
    certain = days >= MIN_DAYS and _is_unlikely_by_chance(gaps, days, len(clocks))
    return is_open if certain or len(clocks) == 1 else np.zeros_like(is_open)


def _open_steps(filled: Ints, weeks: Ints, steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The steps of the week without those places that never have a timestamp, such as Saturday afternoon.

    All steps are kept if these places may be empty by chance.

    filled: (7, clocks) the number of timestamps at each place: weekday, time of day
    weeks:  (7,) the number of weeks in which each weekday could have a timestamp, from `_weeks_of_each_weekday`
    steps:  (7, clocks) whether each place is a step
    """
    never = steps & (filled == 0)
    others = steps & ~never
    gaps = 1 - filled[others].sum() / max(int((weeks[:, None] * others).sum()), 1)
    recurring = np.broadcast_to(weeks[:, None], never.shape)[never].min(initial=weeks.max())
    return others if recurring >= MIN_WEEKS and _is_unlikely_by_chance(gaps, recurring, steps.size) else steps


def _is_unlikely_by_chance(gaps: float, recurring: int, places: int) -> bool:
    """Whether it is unlikely that a place is empty by chance: places * gaps ** recurring < MAX_CHANCE.

    gaps:      the fraction of steps without a timestamp, among the places that have timestamps
    recurring: the number of weeks or days in which the empty place could have had a timestamp
    places:    the number of places, each of which could be the empty one
    """
    return bool(places * max(gaps, 0.0) ** recurring < MAX_CHANCE)


def _is_scattered(clocks: Ints) -> bool:
    """Whether times of day (in nanoseconds) are many and irregular: most of them are not one step apart."""
    gaps = np.diff(clocks)
    return len(clocks) > MAX_SCATTERED_CLOCKS and bool(np.median(gaps) != np.gcd.reduce(gaps))


def _is_whole_week(steps: NDArray[np.bool_], clocks: Ints) -> bool:
    """Whether the steps of a week are equally long: each day has the same times, which divide the day into equal parts.

    steps:  (7, clocks) whether each place is a step
    clocks: (clocks,) the times of day in nanoseconds
    """
    if not steps[:, steps.any(axis=0)].all():
        return False
    times = clocks[steps.any(axis=0)]
    return len(np.unique(np.diff(np.r_[times, times[0] + DAY]))) == 1
