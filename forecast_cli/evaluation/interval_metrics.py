"""Metrics of intervals and quantiles, as functions of arrays.

Missing actual values (NaN) are left out of every mean. In formulas, y is an actual value.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.evaluation.metrics import Floats, mean_known


def coverage(actual: Floats, lower: Floats, upper: Floats) -> Floats:
    """The percentage of actual values in their intervals, over the last axis.

    >>> float(coverage(np.array([1.0, 5.0, np.nan]), np.array([0.0, 0.0, 0.0]), np.array([2.0, 2.0, 2.0])))
    50.0
    """
    inside = np.where(np.isnan(actual) | np.isnan(lower), np.nan, (lower <= actual) & (actual <= upper))
    return 100 * mean_known(inside)


def width(actual: Floats, lower: Floats, upper: Floats) -> Floats:
    """The mean width of the intervals over the last axis, at steps whose actual value is known."""
    return mean_known(np.where(np.isnan(actual), np.nan, upper - lower))


def interval_score(actual: Floats, lower: Floats, upper: Floats, level: float) -> Floats:
    """The mean interval score over the last axis: u - l + 2/a (l - y) where y < l, + 2/a (y - u) where y > u.

    Gneiting and Raftery, Journal of the American Statistical Association 102, 2007, equation 43. Divided by the scale
    of MASE it is the MSIS of the M4 competition. In the formula, l is `lower`, u is `upper`, and a is 1 - `level`.

    level: the nominal coverage of the interval, 0 to 1

    >>> round(float(interval_score(np.array([3.0]), np.array([0.0]), np.array([2.0]), 0.8)), 9)
    12.0
    """
    outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    return mean_known(upper - lower + 2 / (1 - level) * outside)


def pinball(actual: Floats, quantiles: Floats, levels: Floats) -> Floats:
    """(..., q) the mean pinball loss of each quantile over the steps: max(p (y - f), (p - 1) (y - f)).

    In the formula, f is a quantile, and p its level. Koenker and Bassett, Econometrica 46, 1978.

    actual:     (..., h)
    quantiles:  (..., h, q)
    levels:     (q,) between 0 and 1

    >>> pinball(np.array([3.0, 1.0]), np.array([[2.0], [2.0]]), np.array([0.9])).tolist()
    [0.5]
    """
    above = actual[..., None] - quantiles
    return mean_known(np.swapaxes(np.maximum(levels * above, (levels - 1) * above), -1, -2))


def crps(losses: Floats) -> Floats:
    """The continuous ranked probability score, approximated by twice the mean pinball loss over evenly spaced levels.

    losses:  (..., q) the pinball losses of the quantiles

    >>> float(crps(np.array([0.5, 1.5])))
    2.0
    """
    return 2 * mean_known(losses)
