"""The panel: all series of one file, one after another in flat arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.covariates import Covariates
from forecast_cli.words import time_text

UNDATED = "step"
"""The frequency of a panel without dates. Its times are step numbers: 1, 2, 3, ...; with "10step", 10, 20, 30, ..."""


def counts_steps(freq: str) -> bool:
    """Whether a frequency is that of a panel without dates, whose times are step numbers.

    >>> counts_steps("step"), counts_steps("10step"), counts_steps("10s")
    (True, True, False)
    """
    return freq.endswith(UNDATED)


def row_by_id(ids: NDArray[np.object_]) -> dict[str, int]:
    """{id: its index}, for the ids (n,) of n series. Indices are 0 to n - 1."""
    return {id_: row for row, id_ in enumerate(ids.tolist())}


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of an array that cannot be written to. It shares its memory with `array`."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True)
class Panel:
    """`n` series of one frequency on a regular time grid, `N` points in total.

    The points of series `i` are `times[indptr[i]:indptr[i + 1]]` and `values[indptr[i]:indptr[i + 1]]`. Missing values
    stay NaN: each model fills them from points before the cutoff, so that later values cannot leak into earlier ones.

    ids:            (n,) str, all different
    freq:           the frequency: a pandas offset alias ("MS", "W-SUN", "15min"), the text of a cycle ("D@MON-SAT"), or
                    "step" for a panel without dates
    season_length:  steps in one season; 1 if there is no season
    indptr:         (n + 1,) int64, the index of each series' first point in `times` and `values`; the last element is N
    times:          (N,) datetime64[ns], or int64 step numbers for a panel without dates
    values:         (N,) float64, NaN where missing
    tz:             "UTC" if the file gave time zones (times are then in UTC), otherwise None
    long_seasons:   the lengths of longer seasons in steps, ascending, such as 365.25 for the year in daily values
    covariates:     the covariates of the series; None if there are none
    season_found:   True if `season_length` was estimated from all values of the panel, including those after a cutoff;
                    see `panel.season_search`

    Raises ValueError if the arrays do not fit together, or if two series have the same id.
    """

    ids: NDArray[np.object_]
    freq: str
    season_length: int
    indptr: NDArray[np.int64]
    times: NDArray[Any]
    values: NDArray[np.float64]
    tz: str | None = None
    long_seasons: tuple[float, ...] = ()
    covariates: Covariates | None = None
    season_found: bool = False

    def __post_init__(self) -> None:
        if len(self.indptr) != len(self.ids) + 1 or self.indptr[-1] != len(self.values):
            raise ValueError("indptr does not match ids and values")
        if len(self.times) != len(self.values):
            raise ValueError("times and values differ in length")
        if len(set(self.ids.tolist())) != len(self.ids):
            raise ValueError("two series have the same id")
        known = self.covariates
        if known is not None and (len(known.past) != len(self.values) or len(known.start) != len(self.ids)):
            raise ValueError("the covariates do not match the series")
        for name in ("ids", "indptr", "times", "values"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) the number of points of each series."""
        return np.diff(self.indptr)

    @property
    def ends(self) -> NDArray[Any]:
        """(n,) the last time of each series. No series may be empty."""
        return self.times[self.indptr[1:] - 1]

    @property
    def rows(self) -> NDArray[np.int64]:
        """(N,) the index in `ids` of the series that each point belongs to."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def dated(self) -> bool:
        """True if times are dates, False if they are step numbers."""
        return not counts_steps(self.freq)

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last time of all series, as text: dates in ISO 8601, or step numbers."""
        return time_text(self.times.min()), time_text(self.times.max())

    def series(self) -> Iterator[NDArray[np.float64]]:
        """Iterate over the values (length,) of each series."""
        for start, end in zip(self.indptr[:-1], self.indptr[1:], strict=True):
            yield self.values[start:end]

    def select(self, rows: NDArray[np.intp]) -> Panel:
        """The panel of the series with the indices `rows` (k,), in this order."""
        return self._gather(rows, self.indptr[:-1][rows], self.indptr[1:][rows])

    def drop_last(self, steps: int | NDArray[np.int64]) -> Panel:
        """The panel without the last `steps` points of each series. A series may become empty; it stays in the panel.

        steps: one number for all series, or (n,) one for each
        """
        ends = np.maximum(self.indptr[1:] - steps, self.indptr[:-1])
        return self._gather(np.arange(len(self)), self.indptr[:-1], ends)

    def without_leading_gaps(self) -> Panel:
        """The panel without the missing values at the start of each series. Each series must have a known value."""
        known = np.where(np.isnan(self.values), len(self.values), np.arange(len(self.values)))
        return self._gather(np.arange(len(self)), np.minimum.reduceat(known, self.indptr[:-1]), self.indptr[1:])

    def tail(self, steps: int) -> Panel:
        """The panel of the last `steps` points of each series; shorter series are kept whole."""
        starts = np.maximum(self.indptr[1:] - steps, self.indptr[:-1])
        return self._gather(np.arange(len(self)), starts, self.indptr[1:])

    def context(self, steps: int) -> Panel:
        """The panel of the last `steps` points of each series.

        If the value of the first of these points is missing, earlier points are kept too: back to the last known value,
        or to the start of the series if no earlier value is known.
        """
        first = self.indptr[:-1]
        known = np.maximum.accumulate(np.where(np.isnan(self.values), 0, np.arange(len(self.values))))
        tails = np.minimum(np.maximum(self.indptr[1:] - steps, first), len(known) - 1)
        starts = np.maximum(known[tails], first)
        return self._gather(np.arange(len(self)), starts, self.indptr[1:])

    def pasts(self, rows: NDArray[np.intp], steps: NDArray[np.int64]) -> Panel:
        """The panel of k series: the first `steps[i]` points of the series with the index `rows[i]`.

        A series may occur several times in `rows`. To keep ids unique, the position i is added to each: "north 3".
        """
        starts = self.indptr[:-1][rows]
        ids = np.array([f"{name} {place}" for place, name in enumerate(self.ids[rows].tolist())])
        return self._gather(rows, starts, starts + steps, ids)

    def _gather(
        self,
        rows: NDArray[np.intp],
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        ids: NDArray[np.object_] | None = None,
    ) -> Panel:
        """The panel of k series, each with a range of the points of one series of this panel.

        rows:         (k,) the indices of the series in this panel
        starts, ends: (k,) the ranges: series i has the values `values[starts[i]:ends[i]]`
        ids:          (k,) the new ids; None keeps the old ones
        """
        lengths = ends - starts
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        points = np.arange(indptr[-1]) + np.repeat(starts - indptr[:-1], lengths)
        return replace(
            self,
            ids=self.ids[rows] if ids is None else ids,
            indptr=indptr,
            times=self.times[points],
            values=self.values[points],
            covariates=self.covariates and self.covariates.part(rows, points, starts - self.indptr[:-1][rows]),
        )
