"""Move observations to the time grid of a calendar, so that each time is exactly one of its steps."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import Calendar
from forecast_cli.panel.reading.duplicates import MERGES, duplicates_error, first_true, merge
from forecast_cli.panel.reading.frequency import MAX_JITTER_FRACTION
from forecast_cli.panel.reading.levels import level_of_change
from forecast_cli.panel.reading.nearest_steps import MAX_NEAR_DISTANCE, counts_of, is_coarser, nearest_steps
from forecast_cli.panel.reading.observations import Observations, time_or_step
from forecast_cli.words import counted

log = logging.getLogger(__name__)

MAX_MOVED_FRACTION, MAX_MERGED_FRACTION = 0.5, 0.05
"""An inferred frequency is wrong if more than MAX_MOVED_FRACTION of the dates would be moved to another day, and more
than MAX_MERGED_FRACTION would share a step with another date."""
MIN_EVEN_FRACTION = 0.9
"""A first or last step with few rows is incomplete if at least this fraction of the other steps have the usual number
of rows."""


def move_to_grid(
    observations: Observations, calendar: Calendar, regular: bool, config: ReadConfig
) -> tuple[Observations, NDArray[np.int64]]:
    """Assign observations to the steps of a time grid, and merge those in the same step.

    observations: sorted by series and time
    regular:      whether the calendar is certain: the user chose it, it has a cycle, or at least half of the steps of
                  the data have its length
    config:       how to merge several observations in one step, and whether irregular times are allowed

    Returns s observations, one for each step with data, and the counts (s,) of these steps, from `Calendar.count`. Each
    has the time of the first observation that was merged into it. The values can be NaN.

    If values in one step are added up (`config.duplicates` is "sum"), the first and last step of a series become NaN if
    the file covers only a part of them. Raises DataError for irregular times, or for several values in one step, if
    `config` does not allow them; and if a frequency that the user did not choose does not fit the dates.
    """
    exact = counts_of(observations, calendar)
    coarser = is_coarser(observations, calendar, exact)
    counts = nearest_steps(observations, calendar, exact, coarser)
    stamps = calendar.stamp(counts)
    off_grid, moved = stamps != observations.times, _moved(observations.times, stamps, calendar)
    starts_step = observations.starts_series | np.r_[True, counts[1:] != counts[:-1]]
    if config.freq is None:
        _refuse_if_wrong(observations, calendar, regular, moved, ~starts_step)
    if config.duplicates == "error" and not starts_step.all():
        raise duplicates_error(observations, ~starts_step, f" on the time grid of {calendar.freq}")
    other_label = calendar.unit == "month" or (calendar.unit != "ns" and not moved.any())
    if off_grid.any() and regular and starts_step.all() and other_label:
        # A month may be labelled by any of its days, such as the 15th, and a day by any time. Such data is regular.
        edge = f"{calendar.edge} of their month" if calendar.unit == "month" else "start of their day"
        log.info("%s: timestamps moved to the %s", observations.name, edge)
    elif off_grid.any() and coarser and config.freq and config.irregular != "error":
        several = MERGES[config.duplicates]
        log.info("%s: in steps of %s; if one step has several values, %s", observations.name, calendar.freq, several)
    elif off_grid.any():
        _report_irregular(observations, calendar, off_grid, config)
    steps, counts = merge(observations, starts_step, config.duplicates), counts[starts_step]
    if not coarser:
        return steps, counts
    known, has_value = ~np.isnan(observations.values), ~np.isnan(steps.values)
    step_of_known = np.cumsum(starts_step)[known]
    starts_known = np.r_[True, step_of_known[1:] != step_of_known[:-1]]
    incomplete = np.zeros(len(counts), dtype=bool)
    incomplete[has_value] = _incomplete_steps(
        observations.take(known), calendar, counts[has_value], starts_known, config
    )
    if config.duplicates == "sum" and incomplete.any():
        return replace(steps, values=np.where(incomplete, np.nan, steps.values)), counts
    return steps, counts


def _moved(times: NDArray[Any], stamps: NDArray[Any], calendar: Calendar) -> NDArray[np.bool_]:
    """(N,) whether each observation is moved far: to another day and, for steps of constant length, by more than 1/4 of
    a step.

    times:  (N,) the times of the observations
    stamps: (N,) the times that they are moved to
    """
    if times.dtype.kind != "M":
        return np.zeros(len(times), dtype=bool)
    moved: NDArray[np.bool_] = stamps.astype("datetime64[D]") != times.astype("datetime64[D]")
    if calendar.unit == "ns":
        moved &= np.abs((stamps - times).astype(np.int64)) > MAX_NEAR_DISTANCE * calendar.step
    return moved


def _refuse_if_wrong(
    observations: Observations, calendar: Calendar, regular: bool, moved: NDArray[np.bool_], merged: NDArray[np.bool_]
) -> None:
    """Raise DataError if the inferred frequency does not fit the dates.

    It does not fit if most dates are moved to another day, and one of two conditions holds. Either the data is regular
    and steps have a constant length, or more than MAX_MERGED_FRACTION of the dates share a step with the one before. So
    with a frequency of months, dates may be on any day, if each month has only one date.

    regular: whether the calendar is certain, as in `move_to_grid`
    moved:   (N,) whether each observation is moved to another day, from `_moved`
    merged:  (N,) whether each observation is moved to the same step as the one before
    """
    drifting = regular and calendar.unit == "ns"
    if moved.mean() > MAX_MOVED_FRACTION and (drifting or merged.mean() > MAX_MERGED_FRACTION):
        raise DataError(
            f"{observations.name}: the dates have no regular step: on the time grid of {calendar.freq}, "
            f"{int(moved.sum())} of {counted(len(moved), 'date')} would be moved, first "
            f"{observations.place(first_true(moved))}.",
            f"Correct the dates, or choose steps to resample them to, such as {mention('freq', calendar.freq)}.",
        )


def _report_irregular(
    observations: Observations, calendar: Calendar, off_grid: NDArray[np.bool_], config: ReadConfig
) -> None:
    """Warn of times that are not on the time grid, or raise DataError if `config` does not allow them.

    off_grid: (N,) whether each observation is off the grid
    """
    count, place = int(off_grid.sum()), observations.place(first_true(off_grid))
    if config.irregular == "error":
        are_off = counted(count, "timestamp is", "timestamps are")
        raise DataError(
            f"{observations.name}: {are_off} off the time grid of {calendar.freq}, first {place}.",
            f"Correct them, give other steps with {mention('freq')}, or move them with "
            f"{mention('on-irregular', 'resample')}.",
        )
    log.log(
        level_of_change(config.on_irregular),
        "%s: irregular timestamps, %d of %d off the time grid of %s, first %s: moved to it; if one step gets "
        "several, %s",
        observations.name,
        count,
        len(off_grid),
        calendar.freq,
        place,
        MERGES[config.duplicates],
    )


def _incomplete_steps(
    observations: Observations,
    calendar: Calendar,
    counts: NDArray[np.int64],
    starts_step: NDArray[np.bool_],
    config: ReadConfig,
) -> NDArray[np.bool_]:
    """Find incomplete steps: the first or last step of a series, if it has fewer observations than most other steps.

    Returns (s,) bool, True for incomplete steps, and warns of them. All are False unless nearly all other steps have
    about the same number of observations.

    observations: N observations, before those in one step are merged
    counts:       (s,) the counts of the s steps
    starts_step:  (N,) True for the first observation of each step
    """
    starts = np.flatnonzero(starts_step)
    rows = np.diff(np.r_[starts, len(starts_step)])
    first = observations.starts_series[starts]
    last: NDArray[np.bool_] = np.r_[first[1:], True]
    inner = rows[~(first | last)]
    usual = float(np.median(inner)) if len(inner) else 0.0
    if len(inner) == 0 or (np.abs(inner - usual) <= MAX_JITTER_FRACTION * usual).mean() < MIN_EVEN_FRACTION:
        return np.zeros_like(first)
    incomplete: NDArray[np.bool_] = (first ^ last) & (rows < (1 - MAX_JITTER_FRACTION) * usual)
    if incomplete.any():
        fewest = int(np.argmin(np.where(incomplete, rows, rows.max())))
        log.warning(
            "%s: incomplete at the start or end of a series: %s of %s (fewest rows at %s: %d of about %.0f): %s",
            observations.name,
            counted(int(incomplete.sum()), "step"),
            calendar.freq,
            time_or_step(calendar.stamp(counts[fewest : fewest + 1])[0]),
            rows[fewest],
            usual,
            "left out of the totals" if config.duplicates == "sum" else "kept",
        )
    return incomplete
