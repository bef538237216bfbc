"""Weights of the members of a blend, from their errors at an earlier cutoff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.evaluation.metrics import mean_known
from forecast_cli.panel.arrays import Floats
from forecast_cli.panel.panel import row_by_id

ERROR_POWER = 4.0
"""Of two members with the same prior weight, the one with half the error gets 2 ** ERROR_POWER times the weight."""

OWN_FRACTION = 0.05
"""Weight of a series' own errors against the mean over the panel: errors at one cutoff are mostly chance."""

PRIOR_SERIES = 1.0
"""Number of imaginary series with equal errors of all members that are added to the panel."""

MIN_RELATIVE_ERROR = 1e-3
"""Errors below this fraction of the members' mean error count as this fraction, so that no weight becomes too large."""


@dataclass(frozen=True)
class Weights:
    """The weight of each member for each series.

    members:  m names
    ids:      (n,) series ids, at least one
    each:     (n, m) weights; those of a series sum to 1
    """

    members: tuple[str, ...]
    ids: NDArray[np.str_]
    each: Floats

    @property
    def mean(self) -> Floats:
        """(m,) mean over series."""
        return np.asarray(self.each.mean(axis=0))

    def of(self, ids: NDArray[np.str_]) -> Floats:
        """(k, m) the weights for these series; a series without its own gets the mean weights."""
        row_of = row_by_id(self.ids)
        rows = np.array([row_of.get(name, len(self.ids)) for name in ids.tolist()], dtype=np.intp)
        return np.vstack([self.each, self.mean])[rows]


def weigh(errors: Floats, prior: Floats) -> Floats:
    """(n, m) weights of m members for each of n series.

    errors:  (n, m) mean errors of the members on the series; NaN where unknown
    prior:   (m,) weights, up to a factor, of members with equal errors

    Errors are relative to the mean error of all members on the same series. An unknown error is replaced by the panel's
    mean. A series' own errors are shrunk towards the mean over the panel, and that mean towards equal errors. The
    weight is the prior weight times an inverse power of the result (Bates and Granger, Operational Research Quarterly
    20, 1969, with shrinkage in place of correlations). Members without any error get weight 0; if no member has one,
    each gets its prior weight.

    >>> weigh(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([3.0, 1.0])).tolist()
    [[0.75, 0.25], [0.75, 0.25]]
    """
    scale = mean_known(errors)[:, None]
    relative = errors / np.where(scale > 0, scale, np.nan)
    known = np.isfinite(relative)
    count = known.sum(axis=0)
    panel = (np.where(known, relative, 0.0).sum(axis=0) + PRIOR_SERIES) / (count + PRIOR_SERIES)
    shrunk = np.where(known, OWN_FRACTION * relative + (1 - OWN_FRACTION) * panel, panel)
    tried = count > 0
    weights = np.where(tried | ~tried.any(), prior * np.maximum(shrunk, MIN_RELATIVE_ERROR) ** -ERROR_POWER, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def weighted_mean(points: Floats, weights: Floats) -> Floats:
    """(n, h) mean of the forecasts (m, n, h) of m members by weights (n, m), over the members that have a forecast.

    NaN for a series that no member with a weight has forecast.

    >>> weighted_mean(np.array([[[1.0]], [[4.0]], [[np.nan]]]), np.array([[0.4, 0.2, 0.4]])).tolist()
    [[2.0]]
    """
    done = np.asarray(np.isfinite(points).all(axis=2))
    shares = np.where(done, weights.T, 0.0)
    total = shares.sum(axis=0)
    shares /= np.where(total > 0, total, np.nan)
    return np.asarray((shares[:, :, None] * np.where(done[:, :, None], points, 0.0)).sum(axis=0))
