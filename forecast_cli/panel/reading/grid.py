"""From stamps as they fell to steps of a calendar."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import DAY, Calendar
from forecast_cli.panel.reading.duplicates import action, first_of, merged, refused
from forecast_cli.panel.reading.frequency import JITTER
from forecast_cli.panel.reading.layout import Observations, counted_steps, shown

log = logging.getLogger(__name__)


def on_grid(
    seen: Observations, calendar: Calendar, agreed: bool, config: ReadConfig
) -> tuple[Observations, NDArray[np.int64]]:
    """The observations and the steps of the calendar they stand on; those between two steps are moved.

    Of totals of longer steps the first and the last of a series are left out where the file holds a part of them alone.

    Raises DataError where `config` wants no stamps moved, or none that meet.
    """
    exact = calendar.count(seen.times)
    coarser = _is_coarser(seen, calendar, exact)
    counts = _snapped(seen, calendar, exact, coarser)
    off = calendar.stamp(counts) != seen.times
    fresh = seen.begins | np.r_[True, counts[1:] != counts[:-1]]
    if config.duplicates == "error" and not fresh.all():
        raise refused(seen, ~fresh, f" on the grid of {calendar.freq}")
    if off.any() and agreed and calendar.unit != "ns" and fresh.all():
        # Months may be written by another of their days, such as the 15th: that is regular, and only a label.
        log.info("%s: stamps moved to the %s", seen.name, _edge(calendar))
    elif off.any():
        _say_irregular(seen, calendar, off, config)
    steps, counts = merged(seen, fresh, config.duplicates), counts[fresh]
    partly = _partly_filled(seen, calendar, counts, fresh, config) if coarser else np.zeros_like(counts, dtype=bool)
    if config.duplicates == "sum" and partly.any():
        return steps.take(~partly), counts[~partly]
    return steps, counts


def _edge(calendar: Calendar) -> str:
    return f"{calendar.edge} of their month" if calendar.unit == "month" else "start of their day"


def _say_irregular(seen: Observations, calendar: Calendar, off: NDArray[np.bool_], config: ReadConfig) -> None:
    count, first = int(off.sum()), first_of(off)
    if config.irregular == "error":
        raise DataError(
            f"{seen.name}: {count} stamps are off the grid of {calendar.freq}, first {seen.place(first)}.",
            "Correct them, give --freq, or --on-irregular resample.",
        )
    log.warning(
        "%s: irregular stamps, %d of %d off the grid of %s, first %s: moved to it; where some meet, %s",
        seen.name,
        count,
        len(off),
        calendar.freq,
        seen.place(first),
        action(config.duplicates),
    )


def _is_coarser(seen: Observations, calendar: Calendar, exact: NDArray[np.int64]) -> bool:
    """Whether the steps of the calendar are longer than those of the data, so that several fall into one."""
    steps = np.diff(exact)[~seen.begins[1:]]
    return len(steps) > 0 and float(np.median(steps)) < 0.75 * calendar.step


def _snapped(seen: Observations, calendar: Calendar, exact: NDArray[np.int64], coarser: bool) -> NDArray[np.int64]:
    """The counts moved onto steps of the calendar; where its stamps allow, a series has a grid of its own.

    Stamps that mostly keep one grid go to its nearest step, others to the step in which they fall.
    """
    size = calendar.step
    starts = np.flatnonzero(seen.begins)
    origin = np.repeat(exact[starts], np.diff(np.r_[starts, len(exact)]))
    if not ((exact - origin) % size).any():
        return exact
    phases, votes = np.unique(exact % size, return_counts=True)
    if votes.max() > 0.5 * len(exact) and not coarser:
        phase = int(phases[np.argmax(votes)])
        nearest: NDArray[np.int64] = (exact - phase + size // 2) // size * size + phase
        return nearest
    phase = _phase(calendar, exact)
    since = exact - phase
    if calendar.named_by_end:
        day = DAY if calendar.unit == "ns" else 1
        steps = -(-(since // day * day) // size)
    else:
        steps = (since + _slack(since, calendar)) // size
    return phase + steps * size


def _phase(calendar: Calendar, exact: NDArray[np.int64]) -> int:
    """A count on which a step starts: days that no month or week holds together are counted from the first."""
    if calendar.unit == "month" or calendar.named_by_end or (calendar.unit == "ns" and DAY % calendar.step == 0):
        return calendar.origin
    first = int(exact.min())
    return first // DAY * DAY if calendar.unit == "ns" else first


def _slack(since: NDArray[np.int64], calendar: Calendar) -> int:
    """How early a stamp may be and still belong to the next step: a little, for clocks that hardly miss theirs."""
    if calendar.unit != "ns" or calendar.step >= DAY:  # a stamp late in the day belongs to that day
        return 0
    slack = int(calendar.step * JITTER)
    return slack if ((since + slack) % calendar.step <= 2 * slack).mean() > 0.75 else 0


def _partly_filled(
    seen: Observations, calendar: Calendar, counts: NDArray[np.int64], fresh: NDArray[np.bool_], config: ReadConfig
) -> NDArray[np.bool_]:
    """(s,) where steps hold equally many rows, but this first or last one of a series fewer; with a warning.

    Of events at random, one row each, hardly any nine of ten steps hold about equally many.
    """
    starts = np.flatnonzero(fresh)
    rows = np.diff(np.r_[starts, len(fresh)])
    first = seen.begins[starts]
    last: NDArray[np.bool_] = np.r_[first[1:], True]
    ends = first | last
    inner = rows[~ends]
    usual = float(np.median(inner)) if len(inner) else 0.0
    if len(inner) == 0 or (np.abs(inner - usual) <= JITTER * usual).mean() < 0.9:
        return np.zeros_like(ends)
    partly: NDArray[np.bool_] = (first ^ last) & (rows < (1 - JITTER) * usual)
    if partly.any():
        fewest = int(np.argmin(np.where(partly, rows, rows.max())))
        log.warning(
            "%s: %s of %s at the start or end filled in part, the least %s: %d of about %.0f rows: %s",
            seen.name,
            counted_steps(int(partly.sum())),
            calendar.freq,
            shown(calendar.stamp(counts[fewest : fewest + 1])[0]),
            rows[fewest],
            usual,
            "left out, as no whole total" if config.duplicates == "sum" else "kept",
        )
    return partly
