"""Invertible transforms between the values of a panel and what a network learns from.

    value  --ValueMap-->  log or linear scale  --Seasonality-->  seasonally adjusted  (per window: level, scale)

Both follow fit / transform / inverse_transform, see nothing but the panel they are fitted on, and are cheap
enough to be fitted again at every cutoff.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast_cli.panel.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOG_FLOOR = 1e-3
"""A series is put on the log scale if its smallest value is positive and above this share of its median: below it,
the logarithm would blow a few tiny values up into the largest features of the series."""

QUIET, USUAL_STEP = 1e-4, 1e-2
"""A series whose mean absolute step is below the first of these shares of its mean absolute value is divided by so much
that the step becomes the second: to a network it would stand still."""

AT_ONCE = 2**20
"""Numbers that series of the same length are computed from at once."""

ROUNDING = 1e-12
"""Differences below this share of a series' size are no more than its rounding."""


def fill_missing(panel: Panel) -> tuple[Floats, NDArray[np.bool_]]:
    """Values (N,) with every NaN interpolated within its series, and which of them were observed (N,).

    Leading and trailing gaps repeat the nearest known value; a series with none at all becomes zeros.

    >>> import numpy as np
    >>> panel = Panel(np.array(["a"]), "step", 1, np.array([0, 4]), np.arange(4), np.array([1, np.nan, 3, np.nan]))
    >>> fill_missing(panel)[0].tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    observed = ~np.isnan(panel.values)
    if observed.all():
        return panel.values, observed
    values = panel.values.copy()
    with_gaps = np.unique(np.searchsorted(panel.indptr, np.flatnonzero(~observed), side="right") - 1)
    for start, end in zip(panel.indptr[with_gaps], panel.indptr[with_gaps + 1], strict=True):
        known = np.flatnonzero(observed[start:end])
        at = np.arange(end - start)
        values[start:end] = np.interp(at, known, values[start:end][known]) if len(known) else 0.0
    return values, observed


def of_one_length(indptr: Ints, numbers: int = 1, least: int = 1) -> Iterator[tuple[Ints, Ints]]:
    """Rows (k,) and points (k, length) of series that are alike in length, if it is at least `least`, some at a time.

    numbers:  how many are computed from each point

    >>> [(rows.tolist(), points.tolist()) for rows, points in of_one_length(np.array([0, 1, 3, 3, 4]))]
    [([0, 3], [[0], [3]]), ([1], [[1, 2]])]
    """
    lengths = np.diff(indptr)
    for length in np.unique(lengths[lengths >= least]):
        alike = np.flatnonzero(lengths == length)
        at_once = 1 + AT_ONCE // (length * numbers)
        for first in range(0, len(alike), at_once):
            rows = alike[first : first + at_once]
            yield rows, indptr[rows][:, None] + np.arange(length)


def rows_of(indptr: Ints) -> Ints:
    """(N,) the series that each point belongs to."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


@dataclass(frozen=True)
class ValueMap:
    """Log where a series is positive and neither constant nor quiet, otherwise division by its scale.

    On either scale a step is, about, a share of what the series usually is: so a network that learns from both takes
    the steps of one for what they are in the other.

    log:     (n,) bool
    scale:   (n,) what linear series are divided by: their mean absolute value, 1 where that is zero; less if `QUIET`
    floor:   (n,) above 0, what a smaller value of a series on the log scale is taken for; no value it was fitted on is
    lowest:  (n,) 0 for a series that was never negative, and so is never forecast to be; otherwise -inf
    """

    log: NDArray[np.bool_]
    scale: Floats
    floor: Floats
    lowest: Floats

    @classmethod
    def of(cls, panel: Panel) -> ValueMap:
        """Learn the map from all values of a panel."""
        return cls.fit(fill_missing(panel)[0], panel.indptr)

    @classmethod
    def fit(cls, values: Floats, indptr: Ints) -> ValueMap:
        """Learn the map from filled values (N,)."""
        scale, floor, lowest = (np.zeros(len(indptr) - 1) for _ in range(3))
        log = np.zeros(len(indptr) - 1, dtype=bool)
        for rows, points in of_one_length(indptr):
            y = values[points]
            size, least = np.abs(y).mean(axis=1), y.min(axis=1)
            step = np.abs(np.diff(y)).mean(axis=1) if y.shape[1] > 1 else np.zeros(len(y))
            quiet = (ROUNDING * size < step) & (step < QUIET * size)
            floor[rows] = LOG_FLOOR * np.abs(np.median(y, axis=1))
            log[rows] = (least > floor[rows]) & (step >= QUIET * size)
            scale[rows] = np.where(quiet, step / USUAL_STEP, size)
            lowest[rows] = np.where(least >= 0, 0.0, -np.inf)
        positive = np.where(floor > 0, floor, np.finfo(np.float64).tiny)
        return cls(log, np.where(scale > 0, scale, 1.0), positive, lowest)

    def transform(self, values: Floats, rows: Ints) -> Floats:
        """Map values whose series are `rows`, an array that broadcasts against them."""
        log = self.log[rows]
        return np.where(log, np.log(np.maximum(values, self.floor[rows])), values / self.scale[rows])

    def inverse_transform(self, mapped: Floats, rows: Ints) -> Floats:
        """The values again, none below `lowest`. Overflow of the exponential saturates at the largest float."""
        log = self.log[rows]
        largest = np.log(np.finfo(np.float64).max)
        values = np.where(log, np.exp(np.minimum(np.where(log, mapped, 0.0), largest)), mapped * self.scale[rows])
        return np.maximum(values, self.lowest[rows])


@dataclass(frozen=True)
class Seasonality:
    """The season as it could have been known at each point of time.

    Classical decomposition (centred moving average over one season), with two changes. Indices are averages over
    the years with weight `RECENCY` to the power of a year's age, so that a season that changes is followed. And
    instead of a test that keeps or drops the season whole, the indices are shrunk towards none by

        strength = max(0, 1 - (sampling variance of an index) / (variance between the indices)),

    which is 0 where a season cannot be told from noise, as a test would have it, and near 1 where it is plain
    (James-Stein shrinkage; Miller and Williams, International Journal of Forecasting 19, 2003).

    Everything at point t is computed from points up to t alone. So the windows that a network learns from look
    exactly like those it predicts from; indices fitted on the whole span would have seen each window's future.

    season_length:  m
    start:          (N,) where the point's series begins
    index:          (N,) the average detrended value of the point's own phase, up to the point
    centre:         (N,) the mean of the indices of one whole season, as known at the point
    strength:       (N,) the shrinkage in force at the point, in [0, 1]
    """

    season_length: int
    start: Ints
    index: Floats
    centre: Floats
    strength: Floats

    RECENCY = 0.8

    @classmethod
    def none(cls, indptr: Ints) -> Seasonality:
        """No season at all."""
        zeros = np.zeros(indptr[-1])
        return cls(1, indptr[:-1][rows_of(indptr)], zeros, zeros, zeros)

    @classmethod
    def fit(cls, mapped: Floats, indptr: Ints, season_length: int) -> Seasonality:
        """Learn the season of mapped values (N,); series shorter than two seasons and a half have none."""
        self = cls.none(indptr)
        if season_length < 2:
            return self
        found = np.zeros((3, len(mapped)))
        for _, points in of_one_length(indptr, season_length, least=season_length + 3 * (season_length // 2)):
            found[:, points] = _seasons_of(mapped[points], season_length, cls.RECENCY)
        return cls(season_length, self.start, *found)

    def at(self, origins: Ints, offsets: Ints) -> Floats:
        """(b, q) the season at `offsets` (q,) steps from `origins` (b,), as known at the origins."""
        if self.season_length == 1:
            return np.zeros((len(origins), len(offsets)))
        delay = self.season_length // 2
        back = delay + (-delay - offsets) % self.season_length
        known = self.index[np.maximum(origins[:, None] - back, self.start[origins][:, None])]
        season: Floats = self.strength[origins][:, None] * (known - self.centre[origins][:, None])
        return season

    def now(self) -> Floats:
        """(N,) the season of each point, as known at the point itself."""
        return self.at(np.arange(len(self.index)), np.zeros(1, dtype=np.int64))[:, 0]


def _seasons_of(z: Floats, m: int, recency: float) -> Floats:
    """(3, k, L) seasonal index, centre and strength at each point of k series of the same length (k, L)."""
    (many, length), delay = z.shape, m // 2
    weights = np.ones(m) if m % 2 else np.r_[0.5, np.ones(m - 1), 0.5]
    trend = np.stack([np.convolve(series, weights / m, "valid") for series in z])
    span = trend.shape[1]
    detrended = z[:, delay : delay + span] - trend

    years = -(-span // m)
    by_year = np.full((many, years * m), np.nan)
    by_year[:, :span] = detrended
    by_year = by_year.reshape(many, years, m)
    mean, sampling_variance = np.empty_like(by_year), np.full_like(by_year, np.nan)
    mean[:, 0], squares, weight, weight_squared = by_year[:, 0], np.zeros((many, m)), 1.0, 1.0
    for year in range(1, years):  # weighted running moments: West, Communications of the ACM 22, 1979
        weight, weight_squared = recency * weight + 1, recency**2 * weight_squared + 1
        error = by_year[:, year] - mean[:, year - 1]
        mean[:, year] = mean[:, year - 1] + error / weight
        squares = recency * squares + error * (by_year[:, year] - mean[:, year])
        effective_years = weight**2 / weight_squared
        sampling_variance[:, year] = squares / weight / (effective_years - 1)

    indices, variances = (moments.reshape(many, -1)[:, :span] for moments in (mean, sampling_variance))
    seasons, noises = (sliding_window_view(each, m, axis=1)[:, m // 2 :] for each in (indices, variances))
    between = np.var(seasons, axis=2, ddof=1)
    noise = np.nanmean(noises, axis=2)
    found = np.zeros((3, many, length))
    index, centre, strength = found
    index[:, delay : delay + span] = indices
    # The moving average knows a point's trend only `delay` steps after it, so these are known as late.
    known = slice(2 * delay + m + m // 2 - 1, None)
    centre[:, known] = seasons.mean(axis=2)
    strength[:, known] = np.maximum(0, 1 - noise / np.where(between > 0, between, 1)) * (between > 0)
    return found
