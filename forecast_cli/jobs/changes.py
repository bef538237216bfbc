"""What has become of data since they were last seen: grown, restated, shrunk, with series gone or new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.jobs.job import Policy
from forecast_cli.panel.panel import Panel

GARBLED, LARGE = 0.5, 0.2
"""Where more than the first, a share of what was known, changed by more than the second, a share of its size, or is
missing now, these are other data and not corrections."""

SAME = 1e-9
"""Relative differences up to this are how a number was written, not what it is."""

SHOWN = 3


@dataclass(frozen=True)
class Change:
    """One way in which data changed.

    kind:     a field of Policy, or "garbled"
    message:  a sentence on what changed, how much, from when
    """

    kind: str
    message: str


def changes(before: Panel, now: Panel) -> list[Change]:
    """How `now` differs from `before` other than by having grown. `before` may hold the ends of the series alone.

    Raises DataError where the two have nothing in common: another frequency, or no series of the same name.
    """
    if (before.freq, before.tz) != (now.freq, now.tz):
        raise DataError(
            f"The frequency of the data changed from {_frequency(before)} to {_frequency(now)}.",
            "If that is right, name it with the key freq, and train the model anew with `forecast run --force`.",
        )
    gone, new = np.setdiff1d(before.ids, now.ids), np.setdiff1d(now.ids, before.ids)
    if len(gone) == len(before):
        raise DataError(
            f"None of the series is there any more: {_listed(gone)}; instead there is {_listed(new)}.",
            "Check the columns of the file. If it is right, move the job's model and name the columns to read.",
        )
    found = []
    if len(gone):
        found.append(Change("series_gone", f"{_count(len(gone), 'series is', 'series are')} gone: {_listed(gone)}."))
    if len(new):
        found.append(Change("series_new", f"{_count(len(new), 'series is', 'series are')} new: {_listed(new)}."))
    known, rows = _common(before, now)
    return [*found, *_shrunk(known, rows), *_restated(known, rows)]


def column_changes(before: Sequence[str], now: Sequence[str], series: Sequence[str]) -> list[str]:
    """A sentence if columns are gone or new; those of wide files, which are `series`, are told of as such."""
    gone, new = (sorted(set(one) - set(other) - set(series)) for one, other in ((before, now), (now, before)))
    words = [*(f"{name} is gone" for name in gone), *(f"{name} is new" for name in new)]
    return [f"The columns changed: {', '.join(words)}."] if words else []


def judge(found: Sequence[Change], policy: Policy) -> list[str]:
    """The messages of the changes to be warned of. Raises DataError for those that the policy does not let pass."""
    refused = [change.message for change in found if _reaction(change, policy) == "fail"]
    if refused:
        kinds = sorted({_key(change) for change in found if _reaction(change, policy) == "fail"})
        keys = ", ".join(f"{kind} = 'warn'" for kind in kinds)
        raise DataError(" ".join(refused), f"Check the file. If it is right, run once with --force, or set {keys}.")
    return [change.message for change in found if _reaction(change, policy) == "warn"]


def _reaction(change: Change, policy: Policy) -> str:
    if change.kind == "garbled":
        return "ignore" if policy.restated == "ignore" else "fail"
    return str(getattr(policy, change.kind))


def _key(change: Change) -> str:
    return "on-" + {"garbled": "restated"}.get(change.kind, change.kind).replace("_", "-")


def _common(before: Panel, now: Panel) -> tuple[Panel, Panel]:
    """The series that both hold, in the same order."""
    _, mine, theirs = np.intersect1d(before.ids, now.ids, assume_unique=True, return_indices=True)
    return before.select(mine), now.select(theirs)


def _shrunk(before: Panel, now: Panel) -> list[Change]:
    ended, ends = before.times[before.indptr[1:] - 1], now.times[now.indptr[1:] - 1]
    earlier = ends < ended
    if not earlier.any():
        return []
    worst = int(np.argmax(np.where(earlier, ended - ends, np.zeros(1, dtype=(ended - ends).dtype))))
    count = _count(int(earlier.sum()), "series ends", "series end")
    until = f"{before.ids[worst]}: {_date(ends[worst])}, which was {_date(ended[worst])}"
    return [Change("shrunk", f"{count} earlier than before ({until}).")]


def _restated(before: Panel, now: Panel) -> list[Change]:
    old, new = _aligned(before, now)
    was, became = before.values[old], now.values[new]
    known = ~np.isnan(was)
    differs = known & ~np.isclose(was, became, rtol=SAME, atol=0.0)
    if not differs.any():
        return []
    restated, compared = int(differs.sum()), int(known.sum())
    first = before.times[old][differs].min()
    size = np.abs(became - was)[differs] / np.maximum(np.abs(was[differs]), np.finfo(float).tiny)
    withdrawn = int(np.isnan(size).sum())
    garbled = withdrawn + int((size > LARGE).sum()) > GARBLED * compared
    largest = f", by up to {100 * np.nanmax(size):.3g}%" if withdrawn < restated and np.nanmax(size) < 1e4 else ""
    lost = f"; {withdrawn} of them {'is' if withdrawn == 1 else 'are'} missing now" if withdrawn else ""
    values = "value that was" if compared == 1 else "values that were"
    message = (
        f"{restated} of {compared} {values} known {'has' if restated == 1 else 'have'} changed, "
        f"from {_date(first)} on{largest}{lost}."
    )
    return [Change("garbled" if garbled else "restated", message)]


def _aligned(before: Panel, now: Panel) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where, in the values of each, the points stand that have the same series and time."""
    times = np.union1d(before.times, now.times)
    keys = [
        np.repeat(np.arange(len(panel)), panel.lengths) * len(times) + np.searchsorted(times, panel.times)
        for panel in (before, now)
    ]
    _, old, new = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return old, new


def _frequency(panel: Panel) -> str:
    return panel.freq + (f" in {panel.tz}" if panel.tz else "")


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _listed(ids: NDArray[Any]) -> str:
    shown = ", ".join(ids[:SHOWN].tolist())
    return shown if len(ids) <= SHOWN else f"{shown} and {len(ids) - SHOWN} more"


def _date(time: Any) -> str:
    return str(time.astype("datetime64[s]")).removesuffix("T00:00:00") if isinstance(time, np.datetime64) else str(time)
