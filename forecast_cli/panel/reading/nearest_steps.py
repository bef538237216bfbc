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
"""Observations are moved to their nearest steps if at most this fraction of them then share a step with another."""

MAX_EDGE_DAYS = 4
"""A date for the end of a month may be up to this many days later, in the next month, because of weekends or holidays.
"""

MAX_NEAR_FRACTION, MIN_NEAR_ROWS = 0.25, 0.9
"""Dates are near a time grid if at least a fraction MIN_NEAR_ROWS of them are at most a fraction MAX_NEAR_FRACTION of a
step away from one of its steps."""


def counts_of(observations: Observations, calendar: Calendar) -> NDArray[np.int64]:
    """(N,) the count of each observation's time, from `Calendar.count`: for a monthly frequency, the month it is in.

    Dates for the end of a month may be in the next month: 30 January, 1 March, 30 March. If a series has two dates in
    one month, all dates are counted as MAX_EDGE_DAYS earlier or later, if each is then in a month of its own. The dates
    of the example are counted as January, February, March.
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
    """(N,) the counts of the steps that observations are moved to.

    The first of these rules that applies is used. The first and the third apply only if `coarser` is False.

    - The frequency is a cycle: each observation is moved to the nearest step.
    - All times of each series are whole steps after its first time: nothing is moved.
    - Most observations are on one time grid, or near a grid of whole days: all are moved to its nearest steps.
    - Otherwise each is moved to the step that contains it. If `coarser` is False, it is moved to the nearest step if
      fewer observations then share a step.

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
            if _near(days, size, nearest) >= MIN_NEAR_ROWS:
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
    """The fraction of observations that are in the same step as the one before. `steps` (N,) are their steps."""
    same_step = (steps[1:] == steps[:-1]) & ~observations.starts_series[1:]
    return float(same_step.mean()) if len(same_step) else 0.0


def _nearest(counts: NDArray[np.int64], size: int, phase: int) -> NDArray[np.int64]:
    """(N,) the number `phase` + k * `size` that is nearest to each of `counts` (N,), for any whole k."""
    return (counts - phase + size // 2) // size * size + phase


def _near(counts: NDArray[np.int64], size: int, nearest: NDArray[np.int64]) -> float:
    """How well counts fit a time grid: the fraction of them that is at most 1/4 step from the nearest step, 0 to 1.

    A very small part of the mean distance is subtracted. It decides between two grids with the same fraction.

    counts:  (N,)
    size:    the distance between two steps
    nearest: (N,) the step of the grid that is nearest to each count
    """
    distance = np.abs(counts - nearest) / size
    return float((distance <= MAX_NEAR_FRACTION).mean() - 1e-6 * distance.mean())


def _phase(calendar: Calendar, exact: NDArray[np.int64]) -> int:
    """The count of one step of the time grid. All other steps are a multiple of `calendar.step` away from it.

    It is the anchor of the calendar for months, weeks, and steps that divide a day; otherwise the day of the earliest
    observation.

    exact: (N,) the count of each observation's time
    """
    if calendar.unit == "month" or calendar.labelled_by_end or (calendar.unit == "ns" and DAY % calendar.step == 0):
        return calendar.anchor
    first = int(exact.min())
    return first // DAY * DAY if calendar.unit == "ns" else first


def _slack(since: NDArray[np.int64], calendar: Calendar) -> int:
    """How early a time may be and still belong to the next step, in nanoseconds: 09:59:58 belongs to 10:00.

    If most times are near steps, as with inexact clocks, this is a tenth of the distance between two steps. Otherwise
    it is 0.

    since: (N,) nanoseconds from some step of the time grid to each time
    """
    if calendar.unit != "ns" or calendar.step >= DAY:  # late in the day is still the same day
        return 0
    slack = int(calendar.step * MAX_JITTER_FRACTION)
    return slack if ((since + slack) % calendar.step <= 2 * slack).mean() > 0.75 else 0
