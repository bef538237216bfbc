"""VUS-PR: the volume under the precision-recall surface, Paparrizos et al. (2022), VLDB 15(11).

Labels are often some steps early or late. So each labelled range gets a buffer on both sides, in which a detection
counts in part, and the area under the precision-recall curve (range-AUC-PR) is averaged over buffers of several
lengths. It is 1 for perfect scores, and about the share of anomalous points for random ones. No threshold is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from nab import Floats, Window

LONGEST_BUFFER = 100
BUFFERS = 11


def vus_pr(scores: Floats, windows: Sequence[Window], longest: int = LONGEST_BUFFER, buffers: int = BUFFERS) -> float:
    """The mean range-AUC-PR over `buffers` lengths of the buffer, from 0 to `longest` steps.

    scores:   (N,) higher is more anomalous; NaN counts as the lowest
    windows:  the labelled ranges, ascending; at least one
    """
    lengths = np.unique(np.linspace(0, longest, buffers).round().astype(int))
    return float(np.mean([range_auc_pr(scores, windows, int(length)) for length in lengths]))


def range_auc_pr(scores: Floats, windows: Sequence[Window], buffer: int) -> float:
    """The area under the precision-recall curve, over all thresholds, with a buffer of `buffer` / 2 steps on each side.

    With labels l from 0 to 1, of all points at or above a threshold:

        precision = sum l / number of points
        recall    = min(1, sum l / P) * share of the ranges with such a point     P = (sum l + number of labelled) / 2
    """
    labels = buffered(len(scores), windows, buffer)
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")
    ordered = np.nan_to_num(scores, nan=-np.inf)[order]
    last_of_ties = np.r_[np.flatnonzero(ordered[1:] < ordered[:-1]), len(ordered) - 1]
    place = np.empty(len(scores), dtype=int)
    place[order] = np.arange(len(scores))
    found_at = np.sort([place[first : last + 1].min() for first, last in _ranges(labels > 0)])
    true = np.cumsum(labels[order])[last_of_ties]
    positives = (sum(last - first + 1 for first, last in windows) + labels.sum()) / 2
    found = np.searchsorted(found_at, last_of_ties, side="right") / len(found_at)
    recall = np.minimum(true / positives, 1) * found
    precision = true / (last_of_ties + 1)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def buffered(length: int, windows: Sequence[Window], buffer: int) -> Floats:
    """(length,) the labels: 1 within a range, sqrt(1 - distance / buffer) up to `buffer` / 2 steps from it.

    >>> buffered(7, [(3, 3)], 4).round(2).tolist()
    [0.0, 0.71, 0.87, 1.0, 0.87, 0.71, 0.0]
    """
    labels, at = np.zeros(length), np.arange(length)
    for first, last in windows:
        distance = np.maximum(np.maximum(first - at, at - last), 0)
        near = distance <= buffer // 2
        labels[near] += np.sqrt(1 - distance[near] / max(buffer, 1))
    return np.minimum(labels, 1.0)


def _ranges(inside: np.ndarray) -> list[Window]:
    edges = np.flatnonzero(np.diff(np.r_[False, inside, False].astype(int)))
    return [(int(first), int(end) - 1) for first, end in edges.reshape(-1, 2)]
