"""From observations to a panel: sorted, without duplicates, on a regular grid of time."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.calendar import Calendar, calendar_of, season_length_of, settled_freq
from forecast_cli.panel.panel import UNDATED, Panel
from forecast_cli.panel.reading.duplicates import first_of, without_duplicates
from forecast_cli.panel.reading.frequency import infer_freq
from forecast_cli.panel.reading.grid import on_grid
from forecast_cli.panel.reading.layout import Observations, counted_steps, shown

log = logging.getLogger(__name__)

MAX_DILUTION = 30
"""Steps of the grid for one observation, beyond which the frequency cannot be right."""
EVEN = 0.15
"""By how much of it steps may differ from their mean and still be of one length, as months are."""


def regularise(seen: Observations, config: ReadConfig) -> Panel:
    """The panel of `seen`. Raises DataError where a policy of `config` forbids what the data needs."""
    seen = _sorted(seen)
    seen = without_duplicates(seen, config.duplicates)
    calendar, agreed = _calendar(seen, config)
    known = _known(seen)
    known, counts = on_grid(known, calendar, agreed, config)
    _say_longer_steps(known, counts, calendar)
    return _filled(known, counts, calendar, config)


def _sorted(seen: Observations) -> Observations:
    same = seen.series[1:] == seen.series[:-1]
    backwards = same & (seen.times[1:] < seen.times[:-1])
    if backwards.any():
        log.info(
            "%s: rows are not in order of time, first %s: sorted",
            seen.name,
            seen.place(first_of(backwards) + 1),
        )
    return seen.take(np.lexsort((seen.times, seen.series)))


def _calendar(seen: Observations, config: ReadConfig) -> tuple[Calendar, bool]:
    """The calendar of all series, and whether most steps agree with it."""
    if len(seen.times) == 0 or (config.freq is None and not (seen.series[1:] == seen.series[:-1]).any()):
        raise DataError(
            f"{seen.name}: has one row for each series, and a forecast needs more.",
            "Check --layout, --date-column and --id-column, and what wrote the file.",
        )
    if seen.times.dtype.kind != "M":
        if config.freq not in (None, UNDATED):
            raise DataError(
                f"{seen.name}: has no dates, where steps of {config.freq} are wanted.", "Name them with --date-column."
            )
        return calendar_of(UNDATED), True
    if config.freq == UNDATED:
        raise DataError(
            f"{seen.name}: has dates, where numbered steps are wanted.",
            f"Leave out --freq {UNDATED}, or give dates to the data that this file belongs to.",
        )
    inferred, agreed = infer_freq(seen.times, seen.series)
    if config.freq is None:
        return calendar_of(inferred), agreed
    return calendar_of(settled_freq(config.freq, inferred)), True


def _say_longer_steps(known: Observations, counts: NDArray[np.int64], calendar: Calendar) -> None:
    """Warn of series that keep longer steps than the panel's, as monthly ones in a file of daily ones do."""
    within = ~known.begins[1:]
    steps, series = np.diff(counts)[within] / calendar.step, known.series[1:][within]
    number = np.bincount(series, minlength=len(known.ids))
    usual = np.bincount(series, weights=steps, minlength=len(known.ids)) / np.maximum(number, 1)
    even = np.abs(steps - usual[series]) <= EVEN * usual[series]
    evenly = np.bincount(series, weights=even, minlength=len(known.ids)) >= 0.8 * number
    longer = np.flatnonzero(evenly & (number >= 3) & (usual >= 2))
    if len(longer):
        log.warning(
            "%s: %d of %d series have longer steps than %s, first '%s' with a value every %.0f: what lies between "
            "counts as gaps; series of one frequency belong in one file",
            known.name,
            len(longer),
            len(known.ids),
            calendar.freq,
            known.ids[longer[0]],
            usual[longer[0]],
        )


def _known(seen: Observations) -> Observations:
    """What has a value. Series start at their first one and end at their last; those without any leave."""
    there = ~np.isnan(seen.values)
    has_value = np.bincount(seen.series, weights=there, minlength=len(seen.ids)) > 0
    if not has_value.any():
        raise DataError(f"{seen.name}: every value is missing.", "Check --value-column and --decimal.")
    if not has_value.all():
        empty = seen.ids[~has_value]
        names = ", ".join(f"'{name}'" for name in empty[:3])
        log.warning("%s: %d series without any value, left out: %s", seen.name, len(empty), names)
    _say_cut(seen, has_value)
    renumbered = np.cumsum(has_value) - 1
    known = seen.take(there)
    return replace(known, ids=seen.ids[has_value], series=renumbered[known.series])


def _say_cut(seen: Observations, has_value: NDArray[np.bool_]) -> None:
    """Say which series have missing values at either end."""
    kept_out = np.isnan(seen.values) & has_value[seen.series]
    for end, rows in (("start", seen.begins), ("end", np.r_[seen.begins[1:], True])):
        cut = np.flatnonzero(rows & kept_out)
        if len(cut):
            log.info(
                "%s: %d series with missing values at the %s, first %s: cut at the %s value",
                seen.name,
                len(cut),
                end,
                seen.place(int(cut[0])),
                "first" if end == "start" else "last",
            )


def _filled(seen: Observations, counts: NDArray[np.int64], calendar: Calendar, config: ReadConfig) -> Panel:
    """Every step of each series from first value to last; what the file lacks is NaN, or as `on_gap` says."""
    starts = np.flatnonzero(seen.begins)
    ends = np.r_[starts[1:], len(counts)] - 1
    lengths = (counts[ends] - counts[starts]) // calendar.step + 1
    if float(lengths.sum(dtype=float)) > MAX_DILUTION * len(counts) + 1000:
        raise DataError(
            f"{seen.name}: in steps of {calendar.freq} the series would have {lengths.sum(dtype=float):.0f} "
            f"points, and the file has {len(counts)}.",
            "Give a longer step with --freq, or correct the dates that lie far off.",
        )
    indptr = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    first = counts[starts]
    at = indptr[seen.series] + (counts - first[seen.series]) // calendar.step
    values = np.full(indptr[-1], np.nan)
    values[at] = seen.values
    steps = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    times = calendar.stamp(np.repeat(first, lengths) + calendar.step * steps)
    season = config.season_length or season_length_of(calendar.freq)
    panel = Panel(seen.ids, calendar.freq, season, indptr, times, values, seen.tz)
    return _without_gaps(seen.name, panel, config.gaps)


def _without_gaps(name: str, panel: Panel, policy: str) -> Panel:
    missing = np.isnan(panel.values)
    if not missing.any():
        return panel
    first = first_of(missing)
    series = int(np.searchsorted(panel.indptr, first, side="right")) - 1
    where = shown(panel.times[first]) + (f" in series '{panel.ids[series]}'" if len(panel) > 1 else "")
    count = int(missing.sum())
    if policy == "error":
        raise DataError(
            f"{name}: {counted_steps(count)} without a value, first {where}.",
            "Fill them in, or choose with --on-gap: interpolate, previous, zero.",
        )
    action = {
        "interpolate": "left open, to be interpolated",
        "previous": "the value before is repeated",
        "zero": "0 is put there",
    }[policy]
    log.warning("%s: %s without a value, first %s: %s", name, counted_steps(count), where, action)
    if policy == "zero":
        return replace(panel, values=np.where(missing, 0.0, panel.values))
    if policy == "previous":
        # Series start with a value, so the last known position never lies in the series before.
        known = np.maximum.accumulate(np.where(missing, 0, np.arange(len(missing))))
        return replace(panel, values=panel.values[known])
    return panel
