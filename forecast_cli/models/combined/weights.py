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
"""Share of a series' own errors in its weights. The mean errors over the panel have the rest, because errors at one
cutoff are mostly chance."""

PRIOR_SERIES = 1.0
"""`weigh` adds this number of imaginary series, on which all members have the same error, to the panel."""

MIN_RELATIVE_ERROR = 1e-3
"""Errors below this fraction of the members' mean error count as this fraction, so that no weight becomes too large."""


@dataclass(frozen=True)
class Weights:
    """The weight of each member for each series.

    members:  m names
    ids:      (n,) series ids, at least one
    each:     (n, m) weights; each row sums to 1
    """

    members: tuple[str, ...]
    ids: NDArray[np.str_]
    each: Floats

    @property
    def mean(self) -> Floats:
        """(m,) the weight of each member, averaged over series."""
        return np.asarray(self.each.mean(axis=0))

    def of(self, ids: NDArray[np.str_]) -> Floats:
        """(k, m) the weights for the series `ids` (k,). An id that is not in `self.ids` gets the mean weights."""
        row_of = row_by_id(self.ids)
        rows = np.array([row_of.get(name, len(self.ids)) for name in ids.tolist()], dtype=np.intp)
        return np.vstack([self.each, self.mean])[rows]


def weigh(errors: Floats, prior: Floats) -> Floats:
    """(n, m) weights of m members for each of n series.

    errors:  (n, m) mean errors of the members on the series; NaN where unknown
    prior:   (m,) weights of members with equal errors; they need not sum to 1

    Each error is divided by the mean error of all members on the same series. A member's mean over the panel is shrunk
    towards 1, and its error on each series towards that mean; the mean replaces an unknown error. The weight is the
    prior weight times an inverse power of the result (Bates and Granger, Operational Research Quarterly 20, 1969, with
    shrinkage in place of correlations). Members without a known error get weight 0; if no member has one, each gets
    its prior weight.

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
    """(n, h) weighted mean of the forecasts of m members; on each series, members that failed are left out.

    points:   (m, n, h) forecasts; NaN at any step of a series is a failure
    weights:  (n, m); the result is NaN for a series if all members with a weight above 0 failed

    >>> weighted_mean(np.array([[[1.0]], [[4.0]], [[np.nan]]]), np.array([[0.4, 0.2, 0.4]])).tolist()
    [[2.0]]
    """
    done = np.asarray(np.isfinite(points).all(axis=2))
    shares = np.where(done, weights.T, 0.0)
    total = shares.sum(axis=0)
    shares /= np.where(total > 0, total, np.nan)
    return np.asarray((shares[:, :, None] * np.where(done[:, :, None], points, 0.0)).sum(axis=0))
