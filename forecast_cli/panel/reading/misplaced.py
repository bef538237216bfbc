"""Find single rows with a wrong date, in series whose times otherwise ascend (or descend) from row to row."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.reading.observations import Observations, time_or_step

log = logging.getLogger(__name__)

MIN_ROWS = 10
"""Series with fewer rows are not checked: their rows may be in order by chance."""
MIN_FREE_STEPS = 1.5
"""There is a gap for the correct time of a row if the rows before and after it are more than this many median steps
apart."""


def warn_of_misplaced_rows(observations: Observations) -> None:
    """Warn of series in which a single row is out of order in time, probably because its date is wrong.

    A month and a day may be exchanged, or a year mistyped. The rows before and after it must have a gap between their
    times, into which the correct time fits. So there is no warning of rows that only arrived late. There is none for
    unsorted files either, in which more than one row is out of order.

    observations: in the order of the file
    """
    rows = np.argsort(observations.series, kind="stable")
    times, series = observations.times[rows].astype(np.int64), observations.series[rows]
    ends = np.cumsum(np.bincount(series, minlength=len(observations.ids)))
    found = []
    for each in _series_with_one_wrong_step(times, series, len(ends)):
        start = ends[each - 1] if each else 0
        place = _misplaced(times[start : ends[each]])
        if place is not None:
            found.append(rows[start + place + np.arange(-1, 2)])
    if not found:
        return
    before, row, after = found[0]
    lines = len(np.unique(observations.lines[[each[1] for each in found]]))
    log.warning(
        "%s: %s is out of order: the rows before and after it have %s and %s; correct its date if it is wrong%s",
        observations.name,
        observations.place(int(row)),
        time_or_step(observations.times[before]),
        time_or_step(observations.times[after]),
        f" (likewise {lines - 1} more)" if lines > 1 else "",
    )


def _series_with_one_wrong_step(times: NDArray[np.int64], series: NDArray[np.intp], number: int) -> list[int]:
    """The indices of the series whose times all ascend except for one step, or all descend except for one step.

    times:  (N,) int64, grouped by series
    series: (N,) the index of the series of each time, ascending
    number: the number of series
    """
    of_one = series[1:] == series[:-1]
    steps, of_series = np.diff(times)[of_one], series[1:][of_one]
    up, down = (np.bincount(of_series, weights=way, minlength=number) for way in (steps > 0, steps < 0))
    found: list[int] = np.flatnonzero(np.minimum(up, down) == 1).tolist()
    return found


def _misplaced(times: NDArray[np.int64]) -> int | None:
    """The index of the only time that is out of order, if its neighbours have a gap between them; otherwise None.

    The gap must be longer than MIN_FREE_STEPS times the median step.

    times: (n,) of one series, in the order of its rows
    """
    if len(times) < MIN_ROWS:
        return None
    steps = np.diff(times)
    steps = steps if (steps > 0).sum() > len(steps) / 2 else -steps
    backwards = np.flatnonzero(steps < 0)
    if len(backwards) != 1 or (steps == 0).any():
        return None
    usual = float(np.median(np.abs(steps)))
    for place in (backwards[0], backwards[0] + 1):
        if 0 < place < len(times) - 1 and steps[place - 1] + steps[place] > MIN_FREE_STEPS * usual:
            return int(place)
    return None
