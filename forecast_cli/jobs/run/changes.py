"""Find unexpected changes in the data of a job since the last run.

Such changes are known values that are different now (restated), series that end earlier or have lost their beginning
(shrunk), series that are missing or have ended (gone), new series, and new steps that are mostly missing (jump).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.jobs.file.job import Policy
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import Panel
from forecast_cli.words import counted, listed, time_text

MAX_CHANGED_FRACTION = 0.5
"""A change is severe if more than this fraction of series is missing, or if more than this fraction of known values is
missing or has changed by more than a correction: the file probably has other data. The change "jump" is reported if
more than this fraction of the new steps of a series is missing."""

MAX_CORRECTION = 0.5
"""A restated value is a correction if it differs from the old value by at most this multiple of the mean absolute
change from point to point in its series. Corrections are never severe."""

MIN_LENGTH_FRACTION = 0.9
"""A series has lost its beginning if it has less than this fraction of its former number of points."""

MIN_LAG_STEPS = 3
"""A series has ended if others continue for more than this number of steps after it, and for more than a season. The
change "jump" also needs more missing steps than both of these numbers."""

RELATIVE_TOLERANCE = 1e-9
"""A smaller relative difference between two values is no change: it comes from how numbers are written in the file."""


@dataclass(frozen=True)
class Change:
    """A change in the data.

    kind:     the kind of change: the name of a field of Policy, such as "restated"
    message:  a sentence that says what changed, by how much, and since when
    severe:   whether the change is so large that the job fails even if the policy is to warn
    since:    for restated values, the time of the first one; otherwise None
    """

    kind: str
    message: str
    severe: bool = False
    since: Any = None

    def reaction(self, policy: Policy) -> str:
        """How a job with this policy reacts to the change: one of REACTIONS, such as "fail"."""
        reaction = str(getattr(policy, self.kind))
        return "fail" if self.severe and reaction == "warn" else reaction


def changes(before: Panel, now: Panel, lengths: NDArray[np.int64] | None = None) -> list[Change]:
    """The unexpected changes between the data of the last run and those of now. New points at an end are expected.

    before:   the data of the last run
    now:      the data of this run
    lengths:  (n,) the number of points of each whole series, if `before` has only their last points; otherwise None

    Raises DataError if the frequencies or time zones differ, or if no series has the same id as before.
    """
    if (before.freq, before.tz) != (now.freq, now.tz):
        raise DataError(
            f"The frequency of the data changed from {_frequency(before)} to {_frequency(now)}.",
            "If that is right, set the key freq, and train a new model with 'forecast run --force'.",
        )
    gone, new = np.setdiff1d(before.ids, now.ids), np.setdiff1d(now.ids, before.ids)
    if len(gone) == len(before):
        raise DataError(
            f"All known series are gone ({listed(gone.tolist())}); the data now have {listed(new.tolist())}.",
            "Check the columns of the file. If it is right, move the job's model away and name the columns to read.",
        )
    _, before_rows, now_rows = np.intersect1d(before.ids, now.ids, assume_unique=True, return_indices=True)
    common_before, common_now = before.select(before_rows), now.select(now_rows)
    whole = (before.lengths if lengths is None else lengths)[before_rows]
    return [
        *_gone_or_new(gone, new, len(before)),
        *_shrunk(common_before, common_now, whole),
        *_ended(before, common_before, now, common_now),
        *_jumped(common_before, common_now),
        *_restated(common_before, common_now),
    ]


def column_changes(before: Sequence[str], now: Sequence[str], series: Sequence[str]) -> list[str]:
    """A list with one sentence that names the missing and the new columns; an empty list if there are none.

    before, now: the column names at the last run and now
    series:      the ids of all series; columns with these names (as in a wide file) are not reported
    """
    gone, new = (sorted(set(one) - set(other) - set(series)) for one, other in ((before, now), (now, before)))
    words = [*(f"{name} is gone" for name in gone), *(f"{name} is new" for name in new)]
    return [f"The columns changed: {', '.join(words)}."] if words else []


def judge(found: Sequence[Change], policy: Policy) -> list[str]:
    """The messages of those changes that the policy says to warn about.

    Raises DataError if the policy says to fail for one of the changes.
    """
    refused = [change for change in found if change.reaction(policy) == "fail"]
    if refused:
        keys = ", ".join(sorted({f'on-{change.kind.replace("_", "-")} = "ignore"' for change in refused}))
        raise DataError(
            " ".join(change.message for change in refused),
            f"Check the file. If it is right, accept it once with 'forecast run --force', or set {keys}.",
        )
    return [change.message for change in found if change.reaction(policy) == "warn"]


# --- kinds of changes; `before` and `now` have the same series in the same order


def _gone_or_new(gone: NDArray[Any], new: NDArray[Any], known: int) -> list[Change]:
    found = []
    if len(gone):
        message = f"{counted(len(gone), 'series is', 'series are')} gone: {listed(gone.tolist())}."
        found.append(Change("series_gone", message, severe=len(gone) > MAX_CHANGED_FRACTION * known))
    if len(new):
        message = f"{counted(len(new), 'series is', 'series are')} new: {listed(new.tolist())}."
        found.append(Change("series_new", message))
    return found


def _shrunk(before: Panel, now: Panel, whole: NDArray[np.int64]) -> list[Change]:
    """The changes in which series end earlier than before, or have lost their beginning.

    before, now: panels with the same series, at the last run and now
    whole:       (n,) the number of points that each series had at the last run
    """
    found = []
    earlier = now.ends < before.ends
    if earlier.any():
        lost = before.ends - now.ends
        worst = int(np.argmax(np.where(earlier, lost, lost * 0)))
        example = f"{before.ids[worst]}: {time_text(now.ends[worst])}, before {time_text(before.ends[worst])}"
        count = counted(int(earlier.sum()), "series ends", "series end")
        found.append(Change("shrunk", f"{count} earlier than before ({example})."))
    shorter = (now.lengths < MIN_LENGTH_FRACTION * whole) & ~earlier
    if shorter.any():
        worst = int(np.argmin(np.where(shorter, now.lengths / whole, 1.0)))
        example = f"{before.ids[worst]}: {now.lengths[worst]} points, before {whole[worst]}"
        count = counted(int(shorter.sum()), "series has lost its", "series have lost their")
        found.append(Change("shrunk", f"{count} beginning ({example})."))
    return found


def _ended(before: Panel, common_before: Panel, now: Panel, common_now: Panel) -> list[Change]:
    """A list with one change if series have ended since the last run while others continue; otherwise an empty list.

    before, now: all series at the last run and now
    common_before, common_now: only the series that are in both
    """
    limit = max(now.season_length, MIN_LAG_STEPS)
    ended = (_lag(now, common_now) > limit) & (_lag(before, common_before) <= limit)
    if not ended.any():
        return []
    first = int(np.argmax(ended))
    example = f"{common_now.ids[first]}: {time_text(common_now.ends[first])}, others {time_text(now.times.max())}"
    count = counted(int(ended.sum()), "series has", "series have")
    return [Change("series_gone", f"{count} ended ({example}).")]


def _lag(panel: Panel, rows: Panel) -> NDArray[np.int64]:
    """(n,) the number of different times in `panel` that are after the last point of each of the n series in `rows`."""
    times = np.unique(panel.times)
    return len(times) - np.searchsorted(times, rows.ends, side="right")


def _jumped(before: Panel, now: Panel) -> list[Change]:
    """A list with one change if most new steps of a series have no value; otherwise an empty list.

    New steps are those after the end of the series at the last run. A wrong date far in the future causes such a gap.
    """
    is_new = now.times > before.ends[now.rows]
    new = np.bincount(now.rows[is_new], minlength=len(now))
    missing = np.bincount(now.rows[is_new & np.isnan(now.values)], minlength=len(now))
    jumped = (missing > max(now.season_length, MIN_LAG_STEPS)) & (missing > MAX_CHANGED_FRACTION * new)
    if not jumped.any():
        return []
    worst = int(np.argmax(np.where(jumped, missing, 0)))
    example = f"{now.ids[worst]}: {missing[worst]} of {new[worst]} new steps, up to {time_text(now.ends[worst])}"
    count = counted(int(jumped.sum()), "series", "series")
    return [Change("jump", f"Most new steps are missing in {count} ({example}).")]


def _restated(before: Panel, now: Panel) -> list[Change]:
    """A list with one change if values known at the last run are different or missing now; otherwise an empty list."""
    at_before, at_now = _same_points(before, now)
    old, new = before.values[at_before], now.values[at_now]
    known = ~np.isnan(old)
    differs = known & ~np.isclose(old, new, rtol=RELATIVE_TOLERANCE, atol=0.0)
    if not differs.any():
        return []
    since = before.times[at_before][differs].min()
    change = np.abs(new - old)[differs]
    missing = int(np.isnan(change).sum())
    large = int((change > MAX_CORRECTION * _mean_changes(before)[at_before][differs]).sum())
    number, total = int(differs.sum()), int(known.sum())
    message = (
        f"{number} of {counted(total, 'known value')} {'has' if number == 1 else 'have'} changed, "
        f"from {time_text(since)} on{_largest(change, old[differs])}{_missing_now(missing)}."
    )
    return [Change("restated", message, missing + large > MAX_CHANGED_FRACTION * total, since)]


# --- parts of a message


def _largest(change: Floats, old: Floats) -> str:
    """The end of a message, with the largest relative change: ", by up to 12%", for example.

    It is "" if no change is known, or if the largest is 1,000,000% or more, as for a change from 0.

    change: (k,) absolute changes of k values; NaN for a value that is missing now
    old:    (k,) the values before
    """
    relative = change / np.maximum(np.abs(old), np.finfo(float).tiny)
    known = relative[~np.isnan(relative)]
    return f", by up to {100 * known.max():.3g}%" if len(known) and known.max() < 1e4 else ""


def _missing_now(missing: int) -> str:
    return f"; {missing} of them {'is' if missing == 1 else 'are'} missing now" if missing else ""


def _frequency(panel: Panel) -> str:
    return panel.freq + (f" in {panel.tz}" if panel.tz else "")


# --- arrays


def _mean_changes(panel: Panel) -> Floats:
    """(N,) for each point of a panel, the mean absolute change from point to point in its series; 0 if unknown."""
    change = np.abs(np.diff(panel.values, prepend=np.nan))
    change[panel.indptr[:-1][panel.lengths > 0]] = np.nan
    known = ~np.isnan(change)
    sums = np.bincount(panel.rows[known], change[known], minlength=len(panel))
    mean: Floats = sums / np.maximum(np.bincount(panel.rows[known], minlength=len(panel)), 1)
    return mean[panel.rows]


def _same_points(before: Panel, now: Panel) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The k points that both panels have: their indices in the values of `before` (k,) and of `now` (k,)."""
    times = np.union1d(before.times, now.times)
    keys = [panel.rows * len(times) + np.searchsorted(times, panel.times) for panel in (before, now)]
    _, at_before, at_now = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return at_before, at_now
