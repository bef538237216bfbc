"""What has become of data since they were last seen: grown, restated, shrunk, with series gone or new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.jobs.file.job import Policy
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.series import Floats

MOST = 0.5
"""Where more than this share of what was known is others, or gone, these are other data and not corrections."""

LARGE = 0.5
"""A value is another, and not a correction, if it changed by more than this share of the series' usual step."""

SHORTER = 0.9
"""A window that moves on keeps its length; a series with less than this share of its points has lost its beginning."""

LAG = 3
"""A series has ended if, while others go on, so many steps have come without it; a season of them if that is more."""

SAME = 1e-9
"""Relative differences up to this are how a number was written, not what it is."""

SHOWN = 3


@dataclass(frozen=True)
class Change:
    """One way in which data changed.

    kind:     a field of Policy
    message:  a sentence on what changed, how much, from when
    grave:    so much that it is a failure unless the policy is to ignore it
    since:    the first time whose value changed, where values did
    """

    kind: str
    message: str
    grave: bool = False
    since: Any = None

    def reaction(self, policy: Policy) -> str:
        """One of REACTIONS."""
        reaction = str(getattr(policy, self.kind))
        return "fail" if self.grave and reaction == "warn" else reaction


def changes(before: Panel, now: Panel, lengths: NDArray[np.int64] | None = None) -> list[Change]:
    """How `now` differs from `before` other than by having grown.

    `before` may hold the ends of the series alone; `lengths` (n,) are then those of the whole series.

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
        message = f"{_count(len(gone), 'series is', 'series are')} gone: {_listed(gone)}."
        found.append(Change("series_gone", message, grave=len(gone) > MOST * len(before)))
    if len(new):
        found.append(Change("series_new", f"{_count(len(new), 'series is', 'series are')} new: {_listed(new)}."))
    _, mine, theirs = np.intersect1d(before.ids, now.ids, assume_unique=True, return_indices=True)
    known, rows = before.select(mine), now.select(theirs)
    whole = (before.lengths if lengths is None else lengths)[mine]
    return [
        *found,
        *_shrunk(known, rows, whole),
        *_ended(before, known, now, rows),
        *_jumped(known, rows),
        *_restated(known, rows),
    ]


def column_changes(before: Sequence[str], now: Sequence[str], series: Sequence[str]) -> list[str]:
    """A sentence if columns are gone or new; those of wide files, which are `series`, are told of as such."""
    gone, new = (sorted(set(one) - set(other) - set(series)) for one, other in ((before, now), (now, before)))
    words = [*(f"{name} is gone" for name in gone), *(f"{name} is new" for name in new)]
    return [f"The columns changed: {', '.join(words)}."] if words else []


def judge(found: Sequence[Change], policy: Policy) -> list[str]:
    """The messages of the changes to be warned of. Raises DataError for those that the policy does not let pass."""
    refused = [change for change in found if change.reaction(policy) == "fail"]
    if refused:
        keys = ", ".join(sorted({f'on-{change.kind.replace("_", "-")} = "ignore"' for change in refused}))
        raise DataError(
            " ".join(change.message for change in refused),
            f"Check the file. If it is right, run once with --force, or set {keys}.",
        )
    return [change.message for change in found if change.reaction(policy) == "warn"]


def _shrunk(before: Panel, now: Panel, whole: NDArray[np.int64]) -> list[Change]:
    ended, ends = _ends(before), _ends(now)
    earlier, shorter = ends < ended, now.lengths < SHORTER * whole
    found = []
    if earlier.any():
        worst = int(np.argmax(np.where(earlier, ended - ends, (ended - ends) * 0)))
        until = f"{before.ids[worst]}: {_date(ends[worst])}, which was {_date(ended[worst])}"
        count = _count(int(earlier.sum()), "series ends", "series end")
        found.append(Change("shrunk", f"{count} earlier than before ({until})."))
    lost = shorter & ~earlier
    if lost.any():
        worst = int(np.argmin(np.where(lost, now.lengths / whole, 1.0)))
        points = f"{before.ids[worst]}: {now.lengths[worst]} points, which were {whole[worst]}"
        count = _count(int(lost.sum()), "series has lost its", "series have lost their")
        found.append(Change("shrunk", f"{count} beginning ({points})."))
    return found


def _ended(before: Panel, known: Panel, now: Panel, rows: Panel) -> list[Change]:
    """Series that have just been left behind by the others."""
    limit = max(now.season_length, LAG)
    left = (_lag(now, rows) > limit) & (_lag(before, known) <= limit)
    if not left.any():
        return []
    first = int(np.argmax(left))
    example = f"{rows.ids[first]}: {_date(_ends(rows)[first])}, others {_date(now.times.max())}"
    return [Change("series_gone", f"{_count(int(left.sum()), 'series has', 'series have')} ended ({example}).")]


def _lag(panel: Panel, rows: Panel) -> NDArray[np.int64]:
    """(n,) steps of the panel that come after the end of each of `rows`."""
    times = np.unique(panel.times)
    return len(times) - np.searchsorted(times, _ends(rows), side="right")


def _jumped(before: Panel, now: Panel) -> list[Change]:
    """Series whose new part is mostly missing: a date far off makes a long gap of what is not known."""
    of = np.repeat(np.arange(len(now)), now.lengths)
    fresh = now.times > _ends(before)[of]
    missing = np.bincount(of[fresh & np.isnan(now.values)], minlength=len(now))
    came = np.bincount(of[fresh], minlength=len(now))
    jumped = (missing > max(now.season_length, LAG)) & (missing > MOST * came)
    if not jumped.any():
        return []
    worst = int(np.argmax(np.where(jumped, missing, 0)))
    example = f"{now.ids[worst]}: {missing[worst]} of {came[worst]} new steps, up to {_date(_ends(now)[worst])}"
    return [
        Change("jump", f"What is new is mostly missing in {_count(int(jumped.sum()), 'series', 'series')} ({example}).")
    ]


def _restated(before: Panel, now: Panel) -> list[Change]:
    old, new = _aligned(before, now)
    was, became = before.values[old], now.values[new]
    known = ~np.isnan(was)
    differs = known & ~np.isclose(was, became, rtol=SAME, atol=0.0)
    if not differs.any():
        return []
    restated, compared = int(differs.sum()), int(known.sum())
    first = before.times[old][differs].min()
    change = np.abs(became - was)[differs]
    withdrawn = int(np.isnan(change).sum())
    others = withdrawn + int((change > LARGE * _steps(before)[old][differs]).sum())
    values = "value that was" if compared == 1 else "values that were"
    message = (
        f"{restated} of {compared} {values} known {'has' if restated == 1 else 'have'} changed, "
        f"from {_date(first)} on{_largest(change, was[differs])}{_missing(withdrawn)}."
    )
    return [Change("restated", message, others > MOST * compared, first)]


def _largest(change: Floats, was: Floats) -> str:
    share = change / np.maximum(np.abs(was), np.finfo(float).tiny)
    known = share[~np.isnan(share)]
    return f", by up to {100 * known.max():.3g}%" if len(known) and known.max() < 1e4 else ""


def _missing(withdrawn: int) -> str:
    return f"; {withdrawn} of them {'is' if withdrawn == 1 else 'are'} missing now" if withdrawn else ""


def _steps(panel: Panel) -> Floats:
    """(N,) the mean absolute step of the series that each point belongs to."""
    of = np.repeat(np.arange(len(panel)), panel.lengths)
    step = np.abs(np.diff(panel.values, prepend=np.nan))
    step[panel.indptr[:-1][panel.lengths > 0]] = np.nan
    known = ~np.isnan(step)
    sums = np.bincount(of[known], step[known], minlength=len(panel))
    mean: Floats = sums / np.maximum(np.bincount(of[known], minlength=len(panel)), 1)
    return mean[of]


def _ends(panel: Panel) -> NDArray[Any]:
    return panel.times[panel.indptr[1:] - 1]


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
