"""Quantiles of absolute errors: of each series, mixed with those of the whole panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.arrays import Floats, Ints

OWN_EXPONENT = 0.5
"""A quantile is the geometric mean of that of the series and that of the panel, with the weights OWN_EXPONENT and
1 - OWN_EXPONENT."""

PHASE_MIN_SEASON = 20
"""The size of errors depends on the place in the season only if the season has at least this many steps, as in hourly
values."""

PHASE_PRIOR = 100.0
"""The factor of a place in the season is computed as if there were this many more errors of usual size."""

MIN_SMOOTHED = 3
"""The factors of the steps are smoothed if there are at least this many steps."""

MAX_POOLED = 200_000
"""The largest number of errors from which the quantiles of a panel are computed; of more, a random sample is taken."""

QUIET = 0.2
"""Places in the season whose mean error is below this fraction of the mean over all places do not enter quantiles."""


@dataclass(frozen=True)
class ErrorDistribution:
    """The distribution of the absolute errors of n series, at k origins and h steps after each origin.

    An absolute error is the product of three factors and a remainder. The factors depend on the series, the step ahead,
    and the place in the season. Quantiles are computed of the remainders.

    series:  (n,) the mean absolute scaled error; NaN where no error is known
    step:    (h,) the factor of each step ahead, 1 on average
    phase:   (n, season_length) the factor of each place in the season; (n, 1) of ones if the season is shorter than
             PHASE_MIN_SEASON
    rest:    (n, k * h) the remainders; NaN where unknown, or where `phase` is at most QUIET
    weight:  (n, k * h) the weight of each remainder
    """

    series: Floats
    step: Floats
    phase: Floats
    rest: Floats
    weight: Floats

    @classmethod
    def of(cls, errors: Floats, weight: Floats, phases: Ints, season_length: int) -> ErrorDistribution:
        """Divide absolute errors into the three factors and the remainders.

        errors:  (k, n, h) absolute scaled errors; NaN where unknown
        weight:  (k,) the weight of the errors at each origin
        phases:  (k, n, h) the place in the season of each step, 0 to season_length - 1
        """
        known = np.isfinite(errors)
        weights = np.where(known, weight[:, None, None], 0.0)
        series = _mean(np.where(known, errors, 0.0), weights, (0, 2))
        relative = np.where(known, errors, 0.0) / np.where(series > 0, series, 1.0)[None, :, None]
        step = _mean(relative, weights, (0, 1))
        step = _smoothed(np.where(np.isfinite(step) & (step > 0), step, 1.0))
        phase = np.ones((len(series), 1))
        if season_length >= PHASE_MIN_SEASON:
            phase = _phase_factors(relative / step, weights, phases, season_length)
            factor = phase[np.arange(len(series))[None, :, None], phases]
            known &= factor > QUIET
            relative = relative / np.where(factor > 0, factor, 1.0)
            weights = np.where(known, weights, 0.0)
        rest = np.where(known, relative / step, np.nan).transpose(1, 0, 2).reshape(len(series), -1)
        return cls(series, step, phase, rest, weights.transpose(1, 0, 2).reshape(len(series), -1))

    def factors(self, phases: Ints, rows: NDArray[np.intp] | None = None) -> Floats:
        """(m, horizon) how much wider or narrower intervals are at each step: a factor on the result of `half_widths`.

        It is the factor of the step ahead, multiplied by the factor of its place in the season. After the last step
        with known errors, the factor of the step ahead grows with the square root of the step.

        phases:  (m, horizon) the place in the season of each step
        rows:    (m,) the index of each series in `series`; None if the m series are those in `series`, in this order
        """
        known, horizon = len(self.step), phases.shape[1]
        later = self.step[-1] * np.sqrt(np.arange(known + 1, horizon + 1) / known)
        step = np.r_[self.step, later][:horizon]
        own = self.phase if rows is None else self.phase[rows]
        return np.asarray(step * np.take_along_axis(own, phases % own.shape[1], axis=1))

    def half_widths(self, levels: Floats) -> Floats:
        """(n, levels) the half width of the interval of each level, not yet multiplied by the result of `factors`.

        The half widths have the unit of the errors that were given to `of`.

        levels: ascending, between 0 and 1
        """
        usual = _mean(np.where(np.isfinite(self.rest), self.rest, 0.0), self.weight, 1)
        relative = (self.rest / np.where(usual > 0, usual, 1.0)[:, None]).ravel()
        chosen = np.random.default_rng(0).choice(len(relative), min(len(relative), MAX_POOLED), replace=False)
        pooled = weighted_quantiles(relative[None, chosen], self.weight.ravel()[None, chosen], levels)
        own = weighted_quantiles(self.rest, self.weight, levels)
        mixed = own**OWN_EXPONENT * (usual[:, None] * pooled) ** (1 - OWN_EXPONENT)
        return np.asarray(np.maximum.accumulate(mixed * self.series[:, None], axis=1))


def weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """(n, levels) the weighted quantiles of each row, as split conformal prediction needs them (Vovk et al. 2005).

    The weights of all values up to the quantile add up to at least `level * (1 + 1 / count)` of the total weight, where
    `count` is the number of known values. With equal weights, the quantile is the value number
    `ceil((count + 1) * level)` in ascending order. If there are too few values, it is the largest one.

    values:   (n, k) NaN where unknown
    weights:  (n, k) 0 where unknown
    levels:   (levels,) between 0 and 1

    >>> weighted_quantiles(np.arange(1.0, 10)[None], np.ones((1, 9)), np.array([0.5, 0.8])).tolist()
    [[5.0, 8.0]]
    """
    order = np.argsort(values, axis=1)
    ascending, mass = (np.take_along_axis(each, order, axis=1) for each in (values, weights))
    known = np.isfinite(values).sum(axis=1)
    total = mass.sum(axis=1)
    reached = np.cumsum(mass, axis=1)
    found = []
    for level in levels:
        needed = level * total * (1 + 1 / np.maximum(known, 1)) - 1e-9 * total
        at = np.minimum((reached < needed[:, None]).sum(axis=1), np.maximum(known - 1, 0))
        found.append(np.take_along_axis(ascending, at[:, None], axis=1)[:, 0])
    return np.stack(found, axis=1)


def _smoothed(step: Floats) -> Floats:
    """(h,) the factors of the steps (h,), smoothed if there are at least MIN_SMOOTHED.

    A power function of the step is fitted to the factors. The result is the geometric mean of factor and function.
    """
    if len(step) < MIN_SMOOTHED:
        return step
    logs, at = np.log(step), np.log(np.arange(1, len(step) + 1))
    slope = ((at - at.mean()) * (logs - logs.mean())).sum() / ((at - at.mean()) ** 2).sum()
    return np.asarray(np.exp((logs + logs.mean() + slope * (at - at.mean())) / 2))


def _phase_factors(relative: Floats, weights: Floats, phases: Ints, season_length: int) -> Floats:
    """(n, season_length) the factor of each place in the season: the mean relative error at this place.

    At places with hardly any error, such as nights in solar power, the mean is used as it is. At all other places it is
    shrunk towards the mean of these other places.

    relative:  (k, n, h) absolute errors, divided by the factors of series and step
    weights:   (k, n, h) the weight of each error; 0 where it is unknown
    phases:    (k, n, h) the place in the season of each step
    """
    n = relative.shape[1]
    key = (np.arange(n)[None, :, None] * season_length + phases).ravel()
    total, mass = (
        np.bincount(key, each.ravel(), n * season_length).reshape(n, season_length)
        for each in (relative * weights, weights)
    )
    mean = total / np.maximum(mass, 1e-300)
    usual = total.sum(axis=1, keepdims=True) / np.maximum(mass.sum(axis=1, keepdims=True), 1e-300)
    quiet = (mean < QUIET * usual) & (mass > 0)
    count = np.where(quiet, 0.0, mass).sum(axis=1, keepdims=True)
    active = np.where(quiet, 0.0, total).sum(axis=1, keepdims=True) / np.maximum(count, 1e-300)
    active = np.where(active > 0, active, 1.0)
    return np.where(quiet, mean, (total + PHASE_PRIOR * active) / (mass + PHASE_PRIOR))


def _mean(values: Floats, weights: Floats, axes: int | tuple[int, ...]) -> Floats:
    mass = weights.sum(axis=axes)
    return np.asarray((values * weights).sum(axis=axes) / np.where(mass > 0, mass, np.nan))
