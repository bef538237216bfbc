"""From observations to a panel: sorted, without duplicates, on a regular grid of time."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.config import ReadConfig
from forecast_cli.errors import DataError
from forecast_cli.panel.calendar import (
    Calendar,
    calendar_of,
    infer_freq,
    season_length_of,
    settled_freq,
)
from forecast_cli.panel.panel import UNDATED, Panel
from forecast_cli.panel.reading.layout import Observations

log = logging.getLogger(__name__)

MAX_DILUTION = 30
"""Steps of the grid for one observation, beyond which the frequency cannot be right."""


def regularise(seen: Observations, config: ReadConfig) -> Panel:
    """The panel of `seen`. Raises DataError where a policy of `config` forbids what the data needs."""
    seen = _sorted(seen)
    seen = _without_duplicates(seen, config.on_duplicate)
    calendar, agreed = _calendar(seen, config)
    known = _known(seen)
    known, counts = _on_grid(known, calendar, agreed, config)
    return _filled(known, counts, calendar, config)


def _take(seen: Observations, rows: NDArray[Any]) -> Observations:
    return replace(
        seen,
        series=seen.series[rows],
        times=seen.times[rows],
        values=seen.values[rows],
        lines=seen.lines[rows],
    )


def _place(seen: Observations, row: int) -> str:
    """An observation, as messages name it: its time, its series where there are several, its row."""
    series = f" in series '{seen.ids[seen.series[row]]}'" if len(seen.ids) > 1 else ""
    return f"{_shown(seen.times[row])}{series} (row {seen.lines[row]})"


def _shown(time: Any) -> str:
    if isinstance(time, np.datetime64):
        text = np.datetime_as_string(time, unit="s").replace("T", " ")
        return text.removesuffix(" 00:00:00")
    return f"step {time}"


def _sorted(seen: Observations) -> Observations:
    same = seen.series[1:] == seen.series[:-1]
    backwards = same & (seen.times[1:] < seen.times[:-1])
    if backwards.any():
        log.info(
            "%s: rows are not in order of time, first %s: sorted",
            seen.name,
            _place(seen, _first(backwards) + 1),
        )
    return _take(seen, np.lexsort((seen.times, seen.series)))


def _stamps(count: int) -> str:
    return "stamp" if count == 1 else "stamps"


def _steps(count: int) -> str:
    return "step" if count == 1 else "steps"


def _first(mask: NDArray[np.bool_]) -> int:
    return int(np.argmax(mask))


def _without_duplicates(seen: Observations, policy: str) -> Observations:
    repeated = np.r_[False, (seen.series[1:] == seen.series[:-1]) & (seen.times[1:] == seen.times[:-1])]
    if not repeated.any():
        return seen
    count, first = int(repeated.sum()), _first(repeated)
    if policy == "error":
        raise DataError(
            f"{seen.name}: {count} repeated {_stamps(count)}, first {_place(seen, first)}.",
            "Remove the duplicates, or choose with --on-duplicate: mean, sum, first, last.",
        )
    log.warning(
        "%s: %d repeated %s, first %s: %s", seen.name, count, _stamps(count), _place(seen, first), _action(policy)
    )
    return _merged(seen, ~repeated, policy)


def _action(policy: str) -> str:
    return {"sum": "they are added up", "first": "the first is kept", "last": "the last is kept"}.get(
        policy, "their mean is taken"
    )


def _merged(seen: Observations, fresh: NDArray[np.bool_], policy: str) -> Observations:
    """One observation for each run that starts at `fresh`; missing values do not count.

    What `policy` refuses has been refused before: of stamps that meet on the grid it leaves the mean.
    """
    starts = np.flatnonzero(fresh)
    there = ~np.isnan(seen.values)
    group = np.cumsum(fresh) - 1
    merged = np.full(len(starts), np.nan)
    if policy in ("first", "last"):
        rows = np.flatnonzero(there)
        rows = rows[::-1] if policy == "first" else rows  # of several writes to one place the last one stays
        merged[group[rows]] = seen.values[rows]
    else:
        known = np.bincount(group, weights=there)
        total = np.bincount(group, weights=np.where(there, seen.values, 0.0))
        divisor = np.ones_like(known) if policy == "sum" else known
        np.divide(total, divisor, out=merged, where=known > 0)
    return replace(_take(seen, starts), values=merged)


def _calendar(seen: Observations, config: ReadConfig) -> tuple[Calendar, bool]:
    """The calendar of all series, and whether most steps agree with it."""
    if len(seen.times) == 0 or not (seen.series[1:] == seen.series[:-1]).any():
        raise DataError(
            f"{seen.name}: has one row for each series, and a forecast needs more.",
            "Check --layout, --date-column and --id-column, and what wrote the file.",
        )
    if seen.times.dtype.kind != "M":
        if config.freq not in (None, UNDATED):
            raise DataError(f"{seen.name}: has no dates for --freq {config.freq}.", "Name them with --date-column.")
        return calendar_of(UNDATED), True
    inferred, agreed = infer_freq(seen.times, seen.series)
    if config.freq is None:
        return calendar_of(inferred), agreed
    return calendar_of(settled_freq(config.freq, inferred)), True


def _known(seen: Observations) -> Observations:
    """What has a value. Series end at their last one, and those without any leave."""
    there = ~np.isnan(seen.values)
    has_value = np.bincount(seen.series, weights=there, minlength=len(seen.ids)) > 0
    if not has_value.any():
        raise DataError(f"{seen.name}: every value is missing.", "Check --value-column and --decimal.")
    if not has_value.all():
        empty = seen.ids[~has_value]
        shown = ", ".join(f"'{name}'" for name in empty[:3])
        log.warning("%s: %d series without any value, left out: %s", seen.name, len(empty), shown)
    last_row = np.flatnonzero(np.r_[seen.series[1:] != seen.series[:-1], True])
    open_ended = last_row[~there[last_row] & has_value[seen.series[last_row]]]
    if len(open_ended):
        log.info(
            "%s: %d series with missing values at the end, first %s: cut at the last value",
            seen.name,
            len(open_ended),
            _place(seen, int(open_ended[0])),
        )
    renumbered = np.cumsum(has_value) - 1
    known = _take(seen, there)
    return replace(known, ids=seen.ids[has_value], series=renumbered[known.series])


def _on_grid(
    seen: Observations, calendar: Calendar, agreed: bool, config: ReadConfig
) -> tuple[Observations, NDArray[np.int64]]:
    """The observations and the steps of the calendar they stand on; those between two steps are moved."""
    counts = _snapped(seen, calendar, calendar.count(seen.times))
    off = calendar.stamp(counts) != seen.times
    fresh = np.r_[True, (seen.series[1:] != seen.series[:-1]) | (counts[1:] != counts[:-1])]
    if off.any() and agreed and calendar.unit != "ns" and fresh.all():
        # Months may be written by another of their days, such as the 15th: that is regular, and only a label.
        log.info("%s: stamps moved to the %s", seen.name, _edge(calendar))
    elif off.any():
        _say_irregular(seen, calendar, off, config)
    return _merged(seen, fresh, config.on_duplicate), counts[fresh]


def _edge(calendar: Calendar) -> str:
    return f"{calendar.edge} of their month" if calendar.unit == "month" else "start of their day"


def _say_irregular(seen: Observations, calendar: Calendar, off: NDArray[np.bool_], config: ReadConfig) -> None:
    count, first = int(off.sum()), _first(off)
    if config.on_irregular == "error":
        raise DataError(
            f"{seen.name}: {count} stamps are off the grid of {calendar.freq}, first {_place(seen, first)}.",
            "Correct them, give --freq, or --on-irregular resample.",
        )
    log.warning(
        "%s: irregular stamps, %d of %d off the grid of %s, first %s: moved to it; where some meet, %s",
        seen.name,
        count,
        len(off),
        calendar.freq,
        _place(seen, first),
        _action(config.on_duplicate),
    )


def _snapped(seen: Observations, calendar: Calendar, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The counts moved onto steps of the calendar; where its stamps allow, a series has a grid of its own."""
    starts = np.flatnonzero(np.r_[True, seen.series[1:] != seen.series[:-1]])
    lengths = np.diff(np.r_[starts, len(counts)])
    origin = np.repeat(counts[starts], lengths)
    if not ((counts - origin) % calendar.step).any():
        return counts
    phases, votes = np.unique(counts % calendar.step, return_counts=True)
    phase, share = int(phases[np.argmax(votes)]), votes.max() / len(counts)
    half = calendar.step // 2
    if share <= 0.5:
        phase, half = calendar.origin, 0
    steps: NDArray[np.int64] = (counts - phase + half) // calendar.step * calendar.step + phase
    return steps


def _filled(seen: Observations, counts: NDArray[np.int64], calendar: Calendar, config: ReadConfig) -> Panel:
    """Every step of each series from first value to last; what the file lacks is NaN, or as `on_gap` says."""
    starts = np.flatnonzero(np.r_[True, seen.series[1:] != seen.series[:-1]])
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
    return _without_gaps(seen.name, panel, config.on_gap)


def _without_gaps(name: str, panel: Panel, policy: str) -> Panel:
    missing = np.isnan(panel.values)
    if not missing.any():
        return panel
    first = _first(missing)
    series = int(np.searchsorted(panel.indptr, first, side="right")) - 1
    where = _shown(panel.times[first]) + (f" in series '{panel.ids[series]}'" if len(panel) > 1 else "")
    count = int(missing.sum())
    if policy == "error":
        raise DataError(
            f"{name}: {count} {_steps(count)} without a value, first {where}.",
            "Fill them in, or choose with --on-gap: interpolate, previous, zero.",
        )
    action = {
        "interpolate": "left open, to be interpolated",
        "previous": "the value before is repeated",
        "zero": "0 is put there",
    }[policy]
    log.warning("%s: %d %s without a value, first %s: %s", name, count, _steps(count), where, action)
    if policy == "zero":
        return replace(panel, values=np.where(missing, 0.0, panel.values))
    if policy == "previous":
        # Series start with a value, so the last known position never lies in the series before.
        known = np.maximum.accumulate(np.where(missing, 0, np.arange(len(missing))))
        return replace(panel, values=panel.values[known])
    return panel
