"""Estimate long seasons, such as the year in daily values. A season at a point is computed from the points up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecast_cli.panel.arrays import Floats, Ints, equal_length_batches, rows_of
from forecast_cli.panel.panel import Panel

MAX_HARMONICS = 6
"""The largest number of harmonics (pairs of sine and cosine) for each season."""

MIN_SEASONS = 1.95
"""Long seasons are 0 at a point if the series up to it is shorter than this many of the longest season."""

FITS_PER_SEASON = 8
"""How many times the regression is computed per longest season."""

KNOTS_PER_SEASON = 3
"""How many times the slope of the trend may change per longest season."""

PENALTY, KNOT_PENALTY = 1.0, 3.0
"""The ridge penalties on the coefficients of the harmonics, and on changes of the slope."""


def estimated_seasons(panel: Panel) -> tuple[float, ...]:
    """The lengths of the long seasons that are estimated: the longest series has at least MIN_SEASONS of each."""
    longest = panel.lengths.max()
    return tuple(length for length in panel.long_seasons if longest >= MIN_SEASONS * length)


@dataclass(frozen=True)
class LongSeason:
    """The sum of the long seasons of each series, as known at each of the N points of a panel.

    The means of blocks of steps are regressed on harmonics of each season, and on a piecewise linear trend. It is a
    ridge regression, like that of Taylor and Letham, The American Statistician 72, 2018. The regression is computed
    several times per longest season, each time from all points so far.

    A regression finds a season in noise too. So each season is multiplied by its strength, 0 to 1. To estimate it, the
    values without trend are regressed on forecasts of the season by earlier fits: the strength is the slope.

    frequencies:   (f,) the frequency of each harmonic, in radians per step
    start:         (N,) the index of the first point of the same series
    row:           (N,) the row of `coefficients` for the point, from the last fit up to it; 0 if there is none
    coefficients:  (rows, f, 2) the coefficients of sine and cosine, multiplied by the strength; row 0 is 0
    """

    frequencies: Floats
    start: Ints
    row: Ints
    coefficients: Floats

    @classmethod
    def fit(cls, scaled: Floats, indptr: Ints, periods: Sequence[float], block: int) -> LongSeason:
        """Estimate the long seasons of each series.

        scaled:  (N,) values on the log or linear scale
        indptr:  (n + 1,) the first point of each series, as in `Panel`
        periods: the length of each long season in steps, ascending; empty if there is none
        block:   the number of steps in a block
        """
        design = _Design.of(periods, block)
        row = np.zeros(len(scaled), dtype=np.int64)
        tables = [np.zeros((1, len(design.frequencies), 2))]
        if periods:
            rows = 1
            for _, points in equal_length_batches(indptr, 1, int(min(MIN_SEASONS * periods[-1], 2**62)) + block):
                known_from, fits = design.fits(scaled[points])
                number = np.searchsorted(known_from, np.arange(points.shape[1]), side="right")
                first = rows + len(known_from) * np.arange(len(points))[:, None]
                row[points] = np.where(number > 0, first + number - 1, 0)
                tables.append(fits)
                rows += len(fits)
        return cls(design.frequencies, indptr[:-1][rows_of(indptr)], row, np.concatenate(tables))

    def at(self, origins: Ints, offsets: Ints) -> Floats:
        """(b, q) the sum of the long seasons around each origin (b,), as known at the origin.

        origins: (b,) indices of points
        offsets: (q,) steps from the origin: 0 is the origin itself, 1 the next step, -1 the one before
        """
        total = np.zeros((len(origins), len(offsets)))
        rows = self.row[origins]
        if not rows.any():
            return total
        steps = (origins - self.start[origins])[:, None] + offsets
        for number, frequency in enumerate(self.frequencies):
            sine, cosine = self.coefficients[rows, number].T[..., None]
            total += sine * np.sin(frequency * steps) + cosine * np.cos(frequency * steps)
        return total

    def now(self) -> Floats:
        """(N,) the sum of the long seasons at each point, as known at the point itself."""
        return self.at(np.arange(len(self.row)), np.zeros(1, dtype=np.int64))[:, 0]


@dataclass(frozen=True)
class _Design:
    """The design of the regression.

    frequencies: (f,) the frequency of each harmonic, in radians per step
    season:      (f,) the index of the season that each harmonic belongs to
    block:       the number of steps in a block
    longest:     the length of the longest season, in steps
    """

    frequencies: Floats
    season: Ints
    block: int
    longest: float

    @classmethod
    def of(cls, periods: Sequence[float], block: int) -> _Design:
        harmonics = [min(MAX_HARMONICS, int(np.ceil(period / block / 2)) - 1) for period in periods]
        numbers = [np.arange(1, count + 1) for count in harmonics]
        frequencies = [2 * np.pi * each / period for each, period in zip(numbers, periods, strict=True)]
        season = np.repeat(np.arange(len(periods)), harmonics)
        return cls(np.concatenate([np.empty(0), *frequencies]), season, block, max(periods, default=np.inf))

    def fits(self, z: Floats) -> tuple[Ints, Floats]:
        """Fit the regression to k series of the same length L, several times, each time to more of their blocks.

        z: (k, L) scaled values

        Returns two arrays, only for fits to at least MIN_SEASONS of the longest season:
            (fits,)           the index of the last step that each fit uses, ascending
            (k * fits, f, 2)  the coefficients of sine and cosine, multiplied by the strength: all fits of the first
                              series, then all of the second, ...
        """
        (many, length), count = z.shape, z.shape[1] // self.block
        rest = length - count * self.block
        means = z[:, rest:].reshape(many, count, self.block).mean(axis=2).T
        centres = rest + self.block * np.arange(count) + (self.block - 1) / 2
        stride = max(1, round(self.longest / self.block / FITS_PER_SEASON))
        ends = np.arange(count, 0, -stride)[::-1]
        ends = ends[ends * self.block >= self.longest]
        angles = centres[:, None] * self.frequencies
        waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
        trend = self._trend(centres)
        solutions = _ridge(np.concatenate([waves, trend], axis=1), means, ends, self._penalties(trend.shape[1]))
        strength = self._strengths(waves, trend, means, ends, solutions)
        mature = ends * self.block >= MIN_SEASONS * self.longest
        weighted = (solutions[:, : waves.shape[1]] * np.concatenate([strength, strength], axis=1))[mature]
        both = weighted.reshape(len(weighted), 2, len(self.frequencies), many)
        return rest + ends[mature] * self.block - 1, both.transpose(3, 0, 2, 1).reshape(-1, len(self.frequencies), 2)

    def _trend(self, centres: Floats) -> Floats:
        """(count, c) the regressors of the trend: a constant, a straight line, and a line that begins at each knot.

        centres: (count,) the middle of each block, in steps
        """
        years = centres / self.longest
        knots = np.arange(1, int(years[-1] * KNOTS_PER_SEASON) + 1) / KNOTS_PER_SEASON
        return np.concatenate([np.ones((len(years), 1)), years[:, None], np.maximum(0, years[:, None] - knots)], axis=1)

    def _penalties(self, columns: int) -> Floats:
        """(2 f + columns,) the ridge penalty on each coefficient: those of the harmonics, then those of the trend.

        columns: the number of regressors of the trend
        """
        trend = np.full(columns, KNOT_PENALTY)
        trend[:2] = 1e-6, 0.1
        return np.concatenate([np.full(2 * len(self.frequencies), PENALTY), trend])

    def _strengths(self, waves: Floats, trend: Floats, means: Floats, ends: Ints, solutions: Floats) -> Floats:
        """(fits, f, k) the strength of each harmonic's season, at each fit, in each of k series.

        Each fit forecasts the season of the blocks between its end and that of the next fit. At each fit, the values
        without its trend are regressed on these forecasts, for each season by itself. The strength is the slope,
        clipped to 0 to 1.

        waves:     (count, 2 f) the sines and cosines at each block
        trend:     (count, c) the regressors of the trend
        means:     (count, k) the mean of each block
        ends:      (fits,) the number of blocks that each fit uses, ascending
        solutions: (fits, 2 f + c, k) the coefficients of each fit
        """
        half = len(self.frequencies)
        seasons = self.season[-1] + 1 if half else 0
        forecasts = np.zeros((seasons, *means.shape))
        for fit, (begin, end) in enumerate(pairwise(ends)):
            for season in range(seasons):
                columns = np.tile(self.season == season, 2)
                forecasts[season, begin:end] = waves[begin:end, columns] @ solutions[fit, : 2 * half][columns]
        strengths = np.zeros((len(ends), seasons, means.shape[1]))
        for fit, end in enumerate(ends):
            without_trend = means[:end] - trend[:end] @ solutions[fit, 2 * half :]
            power = (forecasts[:, :end] ** 2).sum(axis=1)
            shared = (forecasts[:, :end] * without_trend).sum(axis=1)
            strengths[fit] = np.clip(np.divide(shared, power, out=np.zeros_like(power), where=power > 0), 0, 1)
        return strengths[:, self.season]


def _ridge(columns: Floats, targets: Floats, ends: Ints, penalties: Floats) -> Floats:
    """(fits, p, k) the coefficients of several ridge regressions. Each uses the first rows: as many as `ends` says.

    columns:   (count, p) the regressors
    targets:   (count, k) the values of k series
    ends:      (fits,) the number of rows that each regression uses, ascending
    penalties: (p,) on the squared coefficients
    """
    pieces = np.split(np.arange(len(columns)), ends)[:-1]
    gram = np.cumsum([columns[piece].T @ columns[piece] for piece in pieces], axis=0)
    moments = np.cumsum([columns[piece].T @ targets[piece] for piece in pieces], axis=0)
    solutions: Floats = np.linalg.solve(gram + np.diag(penalties), moments)
    return solutions
