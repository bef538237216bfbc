"""Several values for one time of one series, made one as the policy says."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.panel.reading.layout import Observations

log = logging.getLogger(__name__)


def without_duplicates(seen: Observations, policy: str) -> Observations:
    """The sorted observations, one for each stamp of a series. Raises DataError where `policy` is "error"."""
    repeated = np.r_[False, (seen.series[1:] == seen.series[:-1]) & (seen.times[1:] == seen.times[:-1])]
    if not repeated.any():
        return seen
    if policy == "error":
        raise refused(seen, repeated)
    count, first = int(repeated.sum()), first_of(repeated)
    log.warning("%s: %d repeated %s, first %s: %s", seen.name, count, _stamps(count), seen.place(first), action(policy))
    return merged(seen, ~repeated, policy)


def refused(seen: Observations, repeated: NDArray[np.bool_], where: str = "") -> DataError:
    """The error of several values for one time."""
    count = int(repeated.sum())
    return DataError(
        f"{seen.name}: {count} repeated {_stamps(count)}{where}, first {seen.place(first_of(repeated))}.",
        "Remove the duplicates, or choose with --on-duplicate: mean, sum, first, last.",
    )


def action(policy: str) -> str:
    """What `policy` does with several values, in words."""
    return {"sum": "they are added up", "first": "the first is kept", "last": "the last is kept"}.get(
        policy, "their mean is taken"
    )


def merged(seen: Observations, fresh: NDArray[np.bool_], policy: str) -> Observations:
    """One observation for each run that starts at `fresh`; missing values do not count."""
    starts = np.flatnonzero(fresh)
    there = ~np.isnan(seen.values)
    group = np.cumsum(fresh) - 1
    values = np.full(len(starts), np.nan)
    if policy in ("first", "last"):
        rows = np.flatnonzero(there)
        rows = rows[::-1] if policy == "first" else rows  # of several writes to one place the last one stays
        values[group[rows]] = seen.values[rows]
    else:
        known = np.bincount(group, weights=there)
        total = np.bincount(group, weights=np.where(there, seen.values, 0.0))
        divisor = np.ones_like(known) if policy == "sum" else known
        np.divide(total, divisor, out=values, where=known > 0)
    return replace(seen.take(starts), values=values)


def first_of(mask: NDArray[np.bool_]) -> int:
    """The place of the first True."""
    return int(np.argmax(mask))


def _stamps(count: int) -> str:
    return "stamp" if count == 1 else "stamps"
