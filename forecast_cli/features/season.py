"""Estimate the season of each series. The season at a point is computed only from the points up to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecast_cli.panel.arrays import Floats, Ints, equal_length_batches, rows_of


@dataclass(frozen=True)
class Season:
    """The season of each series, as known at each of the N points of a panel.

    The method is classical decomposition: a centred moving average over one season is subtracted, and the residuals are
    averaged for each position in the season. This average is the seasonal index. There are two changes to the method.
    First, the average is weighted: a season has the weight `RECENCY` to the power of its age, so that the index
    follows a season that changes. Second, the indices are multiplied by

        strength = max(0, 1 - (sampling variance of an index) / (variance between the indices)),

    which is 0 where noise could explain the season, and near 1 where the season is clear (James-Stein shrinkage: Miller
    and Williams, International Journal of Forecasting 19, 2003).

    The season at a point, as `at` returns it, is computed from the points up to it. So windows of training are like the
    windows from which forecasts are made: neither contains anything of later values.

    season_length:  in steps
    start:          (N,) the index of the first point of the same series
    index:          (N,) the seasonal index of the point's position in the season. It is known only `season_length // 2`
                    steps after the point, because the moving average is centred
    centre:         (N,) the mean of the indices of one whole season, as known at the point
    strength:       (N,) the factor above, as known at the point, 0 to 1
    """

    season_length: int
    start: Ints
    index: Floats
    centre: Floats
    strength: Floats

    RECENCY = 0.8

    @classmethod
    def none(cls, indptr: Ints) -> Season:
        """A season that is 0 at every point.

        indptr: (n + 1,) the index of each series' first point; the last element is N
        """
        zeros = np.zeros(indptr[-1])
        return cls(1, indptr[:-1][rows_of(indptr)], zeros, zeros, zeros)

    @classmethod
    def fit(cls, scaled: Floats, indptr: Ints, season_length: int) -> Season:
        """Estimate the season of each series. It is 0 for a series shorter than about two and a half seasons.

        scaled: (N,) values on the log or linear scale
        indptr: (n + 1,) the index of each series' first point; the last element is N
        """
        none = cls.none(indptr)
        if season_length < 2:
            return none
        estimates = np.zeros((3, len(scaled)))
        min_length = season_length + 3 * (season_length // 2)
        for _, points in equal_length_batches(indptr, season_length, min_length):
            estimates[:, points] = _seasons_of(scaled[points], season_length, cls.RECENCY)
        return cls(season_length, none.start, *estimates)

    def at(self, origins: Ints, offsets: Ints) -> Floats:
        """(b, q) the season at q steps before or after each origin, computed from the values up to the origin.

        origins: (b,) the indices of the origins
        offsets: (q,) steps from the origin: 0 is the origin itself, 1 the next step, -1 the one before
        """
        if self.season_length == 1:
            return np.zeros((len(origins), len(offsets)))
        delay = self.season_length // 2
        back = delay + (-delay - offsets) % self.season_length
        known = self.index[np.maximum(origins[:, None] - back, self.start[origins][:, None])]
        season: Floats = self.strength[origins][:, None] * (known - self.centre[origins][:, None])
        return season

    def now(self) -> Floats:
        """(N,) the season at each point, computed from the values up to the point."""
        return self.at(np.arange(len(self.index)), np.zeros(1, dtype=np.int64))[:, 0]


def _seasons_of(z: Floats, m: int, recency: float) -> Floats:
    """(3, k, L) the index, centre and strength of the season at each point of k series of the same length L.

    z:        (k, L) scaled values
    m:        the season length
    recency:  the weight of a season, divided by the weight of the next season
    """
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
    for year in range(1, years):  # running weighted moments: West, Communications of the ACM 22, 1979
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
    estimates = np.zeros((3, many, length))
    index, centre, strength = estimates
    index[:, delay : delay + span] = indices
    # The centred moving average needs `delay` later points, so index and centre are known `delay` steps late.
    known = slice(2 * delay + m + m // 2 - 1, None)
    centre[:, known] = seasons.mean(axis=2)
    strength[:, known] = np.maximum(0, 1 - noise / np.where(between > 0, between, 1)) * (between > 0)
    return estimates
