"""Convert observations to a panel: sort them, merge duplicates, and put them on a regular time grid."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError, mention
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import Calendar, calendar_of, elapsed, resolve_freq
from forecast_cli.panel.panel import Panel, counts_steps
from forecast_cli.panel.reading.covariate_grid import (
    are_steps,
    check_static,
    on_grid,
    refuse_finer_covariates,
    up_to_last_values,
)
from forecast_cli.panel.reading.cycles import MAX_STRAY_FRACTION
from forecast_cli.panel.reading.duplicates import first_true, merge_duplicates
from forecast_cli.panel.reading.frequency import infer_freq, infer_step
from forecast_cli.panel.reading.gaps import fill_gaps
from forecast_cli.panel.reading.grid import move_to_grid
from forecast_cli.panel.reading.levels import level_of_change
from forecast_cli.panel.reading.misplaced import warn_of_misplaced_rows
from forecast_cli.panel.reading.observations import Observations, time_or_step
from forecast_cli.panel.reading.outliers import without_outlying_ends
from forecast_cli.panel.season_search import season_in_values
from forecast_cli.panel.seasons import long_seasons_given, season_length_of
from forecast_cli.words import counted

log = logging.getLogger(__name__)

MAX_STEPS_PER_OBSERVATION = 30
"""If the time grid has more than this many steps per observation, the frequency or a date is probably wrong."""
MIN_TIMES_AROUND = 10
"""The first and the last time are checked for errors only if there are at least this many different times."""
MAX_DISTANCE = 5
"""The first or last time is wrong if its distance from the nearest time is more than this many times the span of all
other times."""
MAX_UNEVEN_FRACTION = 0.15
"""A step counts as equal to the mean step of its series if it differs from the mean by at most this fraction of it: the
lengths of months, for example."""


def regularise(observations: Observations, config: ReadConfig, continues: str | None = None) -> Panel:
    """The panel of the observations: sorted, without duplicates, on a regular time grid.

    config:    the frequency, and what to do with duplicates, gaps, irregular times and outliers
    continues: the frequency of earlier data of the same series, or None; see `read_panel`

    Raises DataError if the times fit no regular time grid, or if the file has a duplicate, gap or outlier that `config`
    does not allow. Raises UsageError for an unknown frequency.
    """
    warn_of_misplaced_rows(observations)
    observations = _sorted(observations)
    check_static(observations)
    _check_ends(observations, config)
    observations = merge_duplicates(observations, config.on_duplicate)
    calendar, regular = _calendar(up_to_last_values(observations), config, continues)
    refuse_finer_covariates(observations, calendar, config)
    steps, step_counts = move_to_grid(_with_values(observations, calendar), calendar, regular, config)
    has_value = ~np.isnan(steps.values)
    known, counts = steps.take(has_value), step_counts[has_value]
    _warn_of_longer_steps(known, counts, calendar)
    panel = _panel(known, counts, calendar, config)
    if steps.covariates is not None:
        panel = replace(panel, covariates=on_grid(steps, step_counts, panel, calendar))
    if not panel.dated and config.season_length is None:
        panel = _with_found_season(known.name, panel, unread=known.unread, is_known=continues is not None)
    panel = fill_gaps(observations.name, panel, config)
    return without_outlying_ends(observations.name, panel, config)


def _sorted(observations: Observations) -> Observations:
    same_series = observations.series[1:] == observations.series[:-1]
    backwards = same_series & (observations.times[1:] < observations.times[:-1])
    if backwards.any():
        place = observations.place(first_true(backwards) + 1)
        log.info("%s: rows are not in order of time, first %s: sorted", observations.name, place)
    return observations.take(np.lexsort((observations.times, observations.series)))


def _check_ends(observations: Observations, config: ReadConfig) -> None:
    """Warn if the first or last time is far from all other times, for example because its year is wrong.

    Far means: its distance from the nearest time is more than the span of all other times. Raises DataError if it is
    more than MAX_DISTANCE times the span, unless the user said how to fill gaps (`config.on_gap`).
    """
    known = ~np.isnan(observations.values)
    times = np.unique(observations.times[known])
    if len(times) < MIN_TIMES_AROUND:
        return
    for end, next_to_it, others in ((times[0], times[1], times[1:]), (times[-1], times[-2], times[:-1])):
        distance = abs(int(end) - int(next_to_it)) / (int(others[-1]) - int(others[0]))
        if distance <= 1:
            continue
        place = observations.place(first_true(known & (observations.times == end)))
        span = f"{time_or_step(others[0])} to {time_or_step(others[-1])}"
        message = f"{observations.name}: {place} is far from the other times, {span}"
        if distance > MAX_DISTANCE and config.on_gap is None:
            hint = f"Correct it or remove the row; to keep it, say how to fill the gap with {mention('on-gap')}."
            raise DataError(f"{message}.", hint)
        log.log(level_of_change(config.on_gap), "%s", message)


def _calendar(observations: Observations, config: ReadConfig, continues: str | None) -> tuple[Calendar, bool]:
    """Return the calendar of all series, and whether it is certain.

    It is certain if the user chose the frequency, if the file has no dates, or if the calendar is that of earlier data.
    Otherwise it is certain if it has a cycle, or if at least half of all steps have its length.

    continues: the frequency of earlier data of the same series, or None; see `read_panel`

    Raises DataError if no series has two rows and `config.freq` is None, or if `config.freq` is for dates and the file
    has none, or the reverse. Raises UsageError for an unknown frequency.
    """
    several_rows = (observations.series[1:] == observations.series[:-1]).any()
    if len(observations.times) == 0 or (config.freq is None and not several_rows):
        raise DataError(
            f"{observations.name}: has one row per series, and a forecast needs more.",
            f"Check {mention('layout')}, {mention('date-column')} and {mention('id-column')}, and the program that "
            "wrote the file.",
        )
    if observations.times.dtype.kind != "M":
        if config.freq is not None and not counts_steps(config.freq):
            raise DataError(
                f"{observations.name}: has no dates, but steps of {config.freq} are required.",
                f"Name the column of dates with {mention('date-column')}.",
            )
        return calendar_of(config.freq or infer_step(observations.times, observations.series)), True
    if config.freq is not None and counts_steps(config.freq):
        raise DataError(
            f"{observations.name}: has dates, but step numbers are required.",
            f"Leave out {mention('freq', config.freq)}. If it continues data without dates, give dates to those.",
        )
    inferred, regular = infer_freq(observations.times, observations.series)
    if config.freq is not None:
        return calendar_of(resolve_freq(config.freq, inferred)), True
    calendar = calendar_of(inferred)
    if continues is not None and _can_continue(calendar_of(continues), calendar, observations.times):
        return calendar_of(continues), True
    if calendar.cycle:
        log.info(
            "%s: the steps are %s, and no other times are forecast (%s names other steps)",
            observations.name,
            inferred,
            mention("freq"),
        )
    return calendar, regular


def _can_continue(earlier: Calendar, inferred: Calendar, times: NDArray[np.datetime64]) -> bool:
    """Return whether the calendar of earlier data replaces the calendar that was inferred from this file.

    If the earlier calendar has a cycle, nearly all times must be steps of it. If only the inferred calendar has a
    cycle, the distances between times must be whole steps of the earlier calendar, and the smallest distance exactly
    one step: daily data does not continue hourly data. If neither has a cycle, the inferred calendar is used.

    times: (N,) the times of this file, ascending within each series
    """
    counts = earlier.count(times)
    if earlier.cycle:
        return bool((earlier.stamp(counts) == times).mean() >= 1 - MAX_STRAY_FRACTION)
    steps = np.abs(np.diff(counts))
    on_grid = earlier.unit == "ns" and not (steps % earlier.step).any()
    return bool(inferred.cycle and on_grid and steps.min(where=steps > 0, initial=counts.max()) == earlier.step)


def _with_values(observations: Observations, calendar: Calendar) -> Observations:
    """Remove the observations without a value, and the series without any value. The latter are logged as a warning.

    If there are covariates, an observation without a value is kept if its time is a step of the calendar. In a calendar
    of business days, for example, a Saturday is not a step.

    Raises DataError if no series has a value.
    """
    known = ~np.isnan(observations.values)
    has_value = np.bincount(observations.series, weights=known, minlength=len(observations.ids)) > 0
    if not has_value.any():
        raise DataError(
            f"{observations.name}: every value is missing.",
            f"Check {mention('value-column')} and {mention('decimal')}.",
        )
    if not has_value.all():
        empty = observations.ids[~has_value]
        names = ", ".join(f"'{name}'" for name in empty[:3])
        log.warning("%s: %d series without any value, left out: %s", observations.name, len(empty), names)
    if observations.covariates is None:
        _log_missing_ends(observations, has_value)
    else:
        known |= has_value[observations.series] & are_steps(observations, calendar)
    new_rows = np.cumsum(has_value) - 1
    remaining = observations.take(known)
    return replace(remaining, ids=observations.ids[has_value], series=new_rows[remaining.series])


def _log_missing_ends(observations: Observations, has_value: NDArray[np.bool_]) -> None:
    """Log how many series start or end with missing values. The caller removes these missing values.

    has_value: (n,) whether each series has any value
    """
    missing = np.isnan(observations.values) & has_value[observations.series]
    starts = observations.starts_series
    for end, rows in (("start", starts), ("end", np.r_[starts[1:], True])):
        cut = np.flatnonzero(rows & missing)
        if len(cut):
            log.info(
                "%s: %d series with missing values at the %s, first %s: cut at the %s value",
                observations.name,
                len(cut),
                end,
                observations.place(int(cut[0])),
                "first" if end == "start" else "last",
            )


def _warn_of_longer_steps(known: Observations, counts: NDArray[np.int64], calendar: Calendar) -> None:
    """Warn of series with a regular step of at least two steps of the panel, such as a monthly series among daily ones.

    known:  the observations that have a value
    counts: (N,) the time of each observation, as a number of calendar units; see `Calendar.count`
    """
    same_series = ~known.starts_series[1:]
    steps, series = elapsed(counts[1:], counts[:-1])[same_series] / calendar.step, known.series[1:][same_series]
    number = np.bincount(series, minlength=len(known.ids))
    mean = np.bincount(series, weights=steps, minlength=len(known.ids)) / np.maximum(number, 1)
    near_mean = np.abs(steps - mean[series]) <= MAX_UNEVEN_FRACTION * mean[series]
    even = np.bincount(series, weights=near_mean, minlength=len(known.ids)) >= 0.8 * number
    longer = np.flatnonzero(even & (number >= 3) & (mean >= 2))
    if len(longer):
        log.warning(
            "%s: %d of %d series have longer steps than %s, first '%s' with a value every %.0f steps: the others "
            "count as gaps; put series of another frequency in another file",
            known.name,
            len(longer),
            len(known.ids),
            calendar.freq,
            known.ids[longer[0]],
            mean[longer[0]],
        )


def _panel(known: Observations, counts: NDArray[np.int64], calendar: Calendar, config: ReadConfig) -> Panel:
    """The panel, in which each series has all steps from its first to its last value. Steps without a value are NaN.

    known:  the observations that have a value
    counts: (N,) the time of each observation, as a number of calendar units; see `Calendar.count`

    Raises DataError if the panel would have far more steps than the file has observations.
    """
    starts = np.flatnonzero(known.starts_series)
    ends = np.r_[starts[1:], len(counts)] - 1
    lengths = (elapsed(counts[ends], counts[starts]) // calendar.step).astype(np.int64) + 1
    points = float(lengths.sum(dtype=float))
    if points > MAX_STEPS_PER_OBSERVATION * len(counts) + 1000:
        longest = int(np.argmax(np.where(known.starts_series[1:], 0, elapsed(counts[1:], counts[:-1])))) + 1
        raise DataError(
            f"{known.name}: in steps of {calendar.freq} the series would have {points:.0f} points, and the file has "
            f"{len(counts)}; the longest gap ends at {known.place(longest)}.",
            f"Give a longer step with {mention('freq')}, or correct dates that are far from the others.",
        )
    indptr = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    first = counts[starts]
    offsets = indptr[known.series] + (elapsed(counts, first[known.series]) // calendar.step).astype(np.int64)
    values = np.full(indptr[-1], np.nan)
    values[offsets] = known.values
    steps = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    times = calendar.stamp(np.repeat(first, lengths) + calendar.step * steps)
    season = config.season_length or season_length_of(calendar.freq)
    longer = long_seasons_given(calendar.freq, config.seasons)
    return Panel(known.ids, calendar.freq, season, indptr, times, values, known.tz, longer)


def _with_found_season(name: str, panel: Panel, *, unread: bool, is_known: bool) -> Panel:
    """Set the season length of a panel without dates to the one that its values show.

    name:     the file's name in messages
    unread:   whether the file has dates that cannot be read; then the result is logged as a warning, even if
              there is no season
    is_known: whether the panel continues earlier data of a model. The model uses the season length of that data, so
              the one found here is logged only if `unread`
    """
    season = season_in_values(panel)
    found = f"a season of {counted(season, 'step')}" if season > 1 else "no season"
    if unread or (season > 1 and not is_known):
        level = logging.WARNING if unread else logging.INFO
        log.log(level, "%s: %s found in the values (%s sets another)", name, found, mention("season"))
    return replace(panel, season_length=season, season_found=True)
