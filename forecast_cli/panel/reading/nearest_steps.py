"""Find the step of a calendar to which each observation is moved."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.calendar import Calendar, elapsed
from forecast_cli.panel.durations import DAY
from forecast_cli.panel.reading.frequency import MAX_JITTER_FRACTION
from forecast_cli.panel.reading.observations import Observations

MAX_COARSE_STEP_FRACTION = 0.75
"""The calendar is coarser than the data if the median step of the data is below this fraction of the calendar's step.

Several observations then share one step, such as daily data in steps of months.
"""

MAX_SHARED_FRACTION = 0.02
"""The largest fraction of observations that may be in the same step as the previous observation of their series.

If more would share the step that contains them, they are moved to the nearest step, unless more would share that too.
"""

MAX_EDGE_DAYS = 4
"""A date for the end of a month may be up to this many days later, in the next month, because of weekends or holidays.

A date for the start of a month may be up to this many days earlier, in the month before.
"""

MAX_NEAR_DISTANCE, MIN_NEAR_FRACTION = 0.25, 0.9
"""Dates fit a time grid if at least the fraction MIN_NEAR_FRACTION of them are near a step of the grid: at most
MAX_NEAR_DISTANCE of a step away from it."""


def counts_of(observations: Observations, calendar: Calendar) -> NDArray[np.int64]:
    """(N,) each observation's time, counted in units of the calendar since 1970, as `Calendar.count` returns it.

    If the unit is the month, the count is that of the month that contains the time. But a date for the end of a month
    may be in the next month: 30 January, 1 March, 30 March. If a series has two dates in one month, all dates are
    counted as if they were MAX_EDGE_DAYS earlier or later, provided that no two dates of a series are then in one
    month. The dates of the example are counted as January, February, March.
    """
    exact = calendar.count(observations.times)
    same_series = ~observations.starts_series[1:]
    if calendar.unit != "month" or (np.diff(exact)[same_series] != 0).all():
        return exact
    days = np.timedelta64(MAX_EDGE_DAYS, "D")
    shifted = [calendar.count(observations.times + days), calendar.count(observations.times - days)]
    shifted.sort(key=lambda counts: int((counts != exact).sum()))
    return next((counts for counts in shifted if (np.diff(counts)[same_series] > 0).all()), exact)


def is_coarser(observations: Observations, calendar: Calendar, exact: NDArray[np.int64]) -> bool:
    """Whether the calendar's steps are longer than those of the data, so that several observations share a step.

    exact: (N,) the count of each observation's time, from `counts_of`
    """
    steps = np.diff(exact)[~observations.starts_series[1:]]
    return len(steps) > 0 and float(np.median(steps)) < MAX_COARSE_STEP_FRACTION * calendar.step


def nearest_steps(
    observations: Observations, calendar: Calendar, exact: NDArray[np.int64], coarser: bool
) -> NDArray[np.int64]:
    """(N,) the count of the step that each observation is moved to, in units of the calendar like `exact`.

    The first of these rules that applies is used. Rules 1 and 3 apply only if `coarser` is False.

    1. The frequency is a cycle: each observation is moved to the nearest step of the cycle.
    2. In each series, all times are whole steps after the first time: nothing is moved.
    3. More than half of the observations are on one time grid; or steps are several days long, and the dates fit a time
       grid (MIN_NEAR_FRACTION): all observations are moved to the nearest steps of this grid.
    4. Otherwise each is moved to the step that contains it. If `coarser` is False, and if too many would then share a
       step (MAX_SHARED_FRACTION), each is moved to the nearest step.

    exact:   (N,) the count of each observation's time, from `counts_of`
    coarser: whether the calendar's steps are longer than those of the data
    """
    if calendar.cycle and not coarser:
        return calendar.cycle.nearest(observations.times)
    size = calendar.step
    starts = np.flatnonzero(observations.starts_series)
    first = np.repeat(exact[starts], np.diff(np.r_[starts, len(exact)]))
    if not (elapsed(exact, first) % size).any():
        return exact
    if not coarser:
        phases, votes = np.unique(exact % size, return_counts=True)
        if votes.max() > 0.5 * len(exact):
            return _nearest(exact, size, int(phases[np.argmax(votes)]))
        if calendar.unit == "ns" and size > DAY and size % DAY == 0:
            days = exact // DAY * DAY
            nearest = max(
                (_nearest(days, size, phase) for phase in range(0, size, DAY)), key=partial(_near, days, size)
            )
            if _near(days, size, nearest) >= MIN_NEAR_FRACTION:
                return nearest
    phase = _phase(calendar, exact)
    since = exact - phase
    if calendar.labelled_by_end:
        day = DAY if calendar.unit == "ns" else 1
        steps = -(-(since // day * day) // size)
    else:
        steps = (since + _slack(since, calendar)) // size
        nearest_step = (since + size // 2) // size
        if not coarser and _shared(observations, nearest_step) <= MAX_SHARED_FRACTION < _shared(observations, steps):
            steps = nearest_step
    return phase + steps * size


def _shared(observations: Observations, steps: NDArray[np.int64]) -> float:
    """The fraction of observations that are in the same step as the previous observation of their series, 0 to 1.

    steps: (N,) the count of each observation's step
    """
    same_step = (steps[1:] == steps[:-1]) & ~observations.starts_series[1:]
    return float(same_step.mean()) if len(same_step) else 0.0


def _nearest(counts: NDArray[np.int64], size: int, phase: int) -> NDArray[np.int64]:
    """(N,) the number `phase` + k * `size` that is nearest to each of `counts` (N,), for any whole k."""
    return (counts - phase + size // 2) // size * size + phase


def _near(counts: NDArray[np.int64], size: int, nearest: NDArray[np.int64]) -> float:
    """How well counts fit a time grid: the fraction of them near a step (MAX_NEAR_DISTANCE), 0 to 1.

    A very small part of the mean distance is subtracted. It decides between two grids with the same fraction.

    counts:  (N,)
    size:    the length of a step, in the unit of `counts`
    nearest: (N,) the step of the grid that is nearest to each count
    """
    distance = np.abs(counts - nearest) / size
    return float((distance <= MAX_NEAR_DISTANCE).mean() - 1e-6 * distance.mean())


def _phase(calendar: Calendar, exact: NDArray[np.int64]) -> int:
    """The count of one step of the time grid. All other steps are a multiple of `calendar.step` away from it.

    It is the anchor of the calendar for months, weeks, and steps that divide a day; otherwise the start of the day of
    the earliest observation.

    exact: (N,) the count of each observation's time
    """
    if calendar.unit == "month" or calendar.labelled_by_end or (calendar.unit == "ns" and DAY % calendar.step == 0):
        return calendar.anchor
    first = int(exact.min())
    return first // DAY * DAY if calendar.unit == "ns" else first


def _slack(since: NDArray[np.int64], calendar: Calendar) -> int:
    """How early a time may be and still belong to the next step, in nanoseconds: 09:59:58 belongs to 10:00.

    If over 3/4 of the times are near a step, as with inexact clocks, this is a tenth of a step. Otherwise it is 0. It
    is also 0 for steps of a day or longer.

    since: (N,) nanoseconds from one step of the time grid, the same for all, to each time
    """
    if calendar.unit != "ns" or calendar.step >= DAY:  # late in the day is still the same day
        return 0
    slack = int(calendar.step * MAX_JITTER_FRACTION)
    return slack if ((since + slack) % calendar.step <= 2 * slack).mean() > 0.75 else 0
