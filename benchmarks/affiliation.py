"""Affiliation precision and recall: Huet, Navarro and Rossi (2022), Local evaluation of time series anomaly detection.

The time is divided among the labelled ranges: each point belongs to the nearest one. In such a zone, a distance to the
range counts as the probability that a random point of the zone is further away:

    precision  mean over the alarms of a zone of P(distance of a random point to the range >= that of the alarm)
    recall     mean over the points of a range of P(distance to a random point >= distance to the nearest alarm)

Both are means over the zones; a zone without an alarm has recall 0, and no precision. Random alarms have a precision of
0.5 or more, so compare each figure with that of the random scorer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from nab import Floats, Window


def affiliation(alarms: np.ndarray, windows: Sequence[Window]) -> tuple[float, float]:
    """Precision and recall. Point i stands for the time from i to i + 1.

    alarms:   (N,) bool
    windows:  the labelled ranges, ascending; at least one
    """
    bounds = [(first, last + 1) for first, last in windows]
    between = [(end + begin) / 2 for (_, end), (begin, _) in pairwise(bounds)]
    zones = zip([0.0, *between], [*between, float(len(alarms))], bounds, strict=True)
    middles = np.flatnonzero(alarms) + 0.5
    each = [_in_zone(middles[(middles >= low) & (middles < high)], low, high, *range_) for low, high, range_ in zones]
    precisions = [precision for precision, _ in each if not np.isnan(precision)]
    return float(np.mean(precisions)) if precisions else 0.0, float(np.mean([recall for _, recall in each]))


def f1(precision: float, recall: float) -> float:
    """The harmonic mean.

    >>> f1(0.5, 1.0), f1(0.0, 0.0)
    (0.6666666666666666, 0.0)
    """
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _in_zone(alarms: Floats, low: float, high: float, begin: int, end: int) -> tuple[float, float]:
    """Precision and recall of the alarms (middles of points) in the zone from `low` to `high`, of one range in it."""
    if len(alarms) == 0:
        return np.nan, 0.0
    distance = np.maximum(np.maximum(begin - alarms, alarms - end), 0)
    further = (np.maximum(begin - distance - low, 0) + np.maximum(high - end - distance, 0)) / (high - low)
    precision = np.where(distance > 0, further, 1.0).mean()
    points = np.arange(begin, end) + 0.5
    at = np.searchsorted(alarms, points).clip(1, len(alarms)) - 1
    nearest = np.minimum(np.abs(points - alarms[at]), np.abs(points - alarms[np.minimum(at + 1, len(alarms) - 1)]))
    gap = np.maximum(nearest - 0.5, 0)
    further = np.maximum(points - gap - low, 0) + np.maximum(high - points - gap, 0)
    return float(precision), float((further / (high - low)).mean())
