"""Compute the weights of a blend's members from their errors at earlier cutoffs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import row_by_id

ERROR_POWER = 5.0
"""A weight is the prior weight divided by error ** ERROR_POWER: with half the error, it is 32 times as large."""

OWN_FRACTION = 0.05
"""The weights of a series come from a weighted mean of two errors: the error on the series itself, with this fraction,
and the mean error over all series. The first counts little: errors on one series at one cutoff are mostly chance."""

PRIOR_SERIES = 0.5
"""Mean errors are computed as if there were this many more series, on which all members have the same error."""

MIN_RELATIVE_ERROR = 1e-3
"""Errors below this fraction of the mean error of all members are raised to it, so that no weight is too large."""


@dataclass(frozen=True)
class Weights:
    """The weight of each of m members for each of n series.

    members:  the names of the members
    ids:      (n,) the ids of the series, at least one
    each:     (n, m) the weights; those of a series add up to 1
    """

    members: tuple[str, ...]
    ids: NDArray[np.object_]
    each: Floats

    @property
    def mean(self) -> Floats:
        """(m,) the weight of each member, averaged over all series."""
        return np.asarray(self.each.mean(axis=0))

    def of(self, ids: NDArray[np.object_]) -> Floats:
        """(k, m) the weights for the series with these ids (k,). A series without weights gets the mean weights."""
        row_of = row_by_id(self.ids)
        rows = np.array([row_of.get(name, len(self.ids)) for name in ids.tolist()], dtype=np.intp)
        return np.vstack([self.each, self.mean])[rows]


def weigh(errors: Floats, prior: Floats) -> Floats:
    """(n, m) the weights of m members for each of n series, from their errors.

    First, each error is divided by the mean error of all members on the same series. Second, the mean of these errors
    over all series is computed for each member, and shrunk towards 1. Third, the error on each series is shrunk towards
    this mean; if the error is unknown, the mean is used. The weight is the prior weight, divided by a power of the
    shrunk error (Bates and Granger, Operational Research Quarterly 20, 1969, with shrinkage in place of correlations).
    A member without any known error gets weight 0. If no member has a known error, all get their prior weights. At the
    end, the weights of each series are divided by their sum.

    errors:  (n, m) mean errors of the members on the series; NaN where unknown
    prior:   (m,) the weights of members with equal errors; they need not add up to 1

    >>> weigh(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([3.0, 1.0])).tolist()
    [[0.75, 0.25], [0.75, 0.25]]
    """
    relative = relative_errors(errors)
    known = np.isfinite(relative)
    count = known.sum(axis=0)
    panel = (np.where(known, relative, 0.0).sum(axis=0) + PRIOR_SERIES) / (count + PRIOR_SERIES)
    shrunk = np.where(known, OWN_FRACTION * relative + (1 - OWN_FRACTION) * panel, panel)
    tried = count > 0
    weights = np.where(tried | ~tried.any(), prior * np.maximum(shrunk, MIN_RELATIVE_ERROR) ** -ERROR_POWER, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def relative_errors(errors: Floats) -> Floats:
    """(n, m) the errors (n, m) of m members, divided by the mean over all members on the same series.

    NaN where the error is unknown or the mean is 0.
    """
    scale = mean_known(errors)[:, None]
    return errors / np.where(scale > 0, scale, np.nan)


def weighted_mean(points: Floats, weights: Floats) -> Floats:
    """(n, h) the weighted mean of the forecasts of m members. Members that failed on a series are left out there.

    points:   (m, n, h) the forecasts; a member failed on a series if any step is NaN
    weights:  (n, m) the weights of the members for each series, or (n, m, h) at each step

    The result is NaN for a series on which all members with a weight above 0 failed.

    >>> weighted_mean(np.array([[[1.0]], [[4.0]], [[np.nan]]]), np.array([[0.4, 0.2, 0.4]])).tolist()
    [[2.0]]
    """
    done = np.asarray(np.isfinite(points).all(axis=2))
    by_step = np.swapaxes(weights.reshape(*weights.shape[:2], -1), 0, 1)
    shares = np.where(done[:, :, None], by_step, 0.0)
    total = shares.sum(axis=0)
    shares /= np.where(total > 0, total, np.nan)
    return np.asarray((shares * np.where(done[:, :, None], points, 0.0)).sum(axis=0))
