"""Compute the p-value of each score of a series from the scores before it.

A conformal p-value is the share of earlier scores that are at least as high. With n earlier scores, it cannot be
smaller than 1 / (n + 1). So a generalized Pareto distribution replaces the highest tenth of the earlier scores (peaks
over threshold: Siffer et al., KDD 2017). It is fitted by probability weighted moments (Hosking and Wallis,
Technometrics 29, 1987).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forecast_cli.panel.arrays import Floats

MIN_SCORES = 40
"""A score gets a p-value if there are at least this many scores before it."""

TAIL, MIN_TAIL = 0.1, 20
"""The share of the scores that are in the tail, and the smallest number of scores in it."""

HEAVIEST = 0.25
"""The largest shape parameter that is fitted."""

SMALLEST_SCALE = 0.1
"""The smallest scale of the tail, in the unit of the scores, whose usual size is near 1."""

GROWTH = 0.02
"""The tail is fitted again when the number of earlier scores has grown by this share."""

SMALLEST_P = 1e-15


@dataclass(frozen=True)
class Tail:
    """The distribution of n scores, with a generalized Pareto distribution for its upper tail.

    ordered:  (n,) the scores, ascending
    start:    the threshold: the tail is above it
    share:    the share of scores in the tail, 0 to 1
    scale, shape:  parameters of the generalized Pareto distribution
    """

    ordered: Floats
    start: float
    share: float
    scale: float
    shape: float

    @classmethod
    def of(cls, scores: Floats, heaviest: float) -> Tail:
        """The distribution of all scores (n,), in any order: at least MIN_TAIL + 1 of them.

        A generalized Pareto distribution is fitted to the tail: the highest tenth of the scores, at least MIN_TAIL. Its
        shape is at most `heaviest`; with 0, the fitted tail is exponential. Then 1 / (number of scores in the tail) is
        added to the shape, because p-values from a tail that is estimated from few scores would be too small.
        """
        ordered = np.sort(scores)
        count = max(MIN_TAIL, int(TAIL * len(ordered)))
        start = float(ordered[-count - 1])
        excess = ordered[-count:] - start
        mean = float(excess.mean())
        weighted = float((excess * np.arange(count - 1, -1, -1)).sum() / (count * (count - 1)))
        shape = min(max(2 - mean / (mean - 2 * weighted), 0.0), heaviest) if mean > 2 * weighted else 0.0
        # If the mean of an exponential tail is estimated from `count` scores, the predictive distribution of the next
        # score is a generalized Pareto distribution with the shape 1 / count.
        return cls(ordered, start, count / len(ordered), max(mean * (1 - shape), SMALLEST_SCALE), shape + 1 / count)

    def p_values(self, scores: Floats) -> Floats:
        """(k,) the p-value of each of k new scores."""
        n = len(self.ordered)
        p = (1 + n - np.searchsorted(self.ordered, scores, side="left")) / (n + 1)
        excess = np.maximum(scores - self.start, 0.0) / self.scale
        beyond = (1 + self.shape * excess) ** (-1 / self.shape)
        return np.maximum(np.where(excess > 0, np.minimum(p, self.share * beyond), p), SMALLEST_P)


def blocks(count: int) -> Iterator[tuple[int, int]]:
    """Divide `count` scores into blocks. Yield the index of the first score of each block, and of the score after it.

    The p-values of a block are computed from all scores before the block. The first MIN_SCORES are in no block.

    >>> list(blocks(43)), list(blocks(203))[-1]
    ([(40, 41), (41, 42), (42, 43)], (201, 203))
    """
    begin = MIN_SCORES
    while begin < count:
        end = min(count, begin + max(1, int(GROWTH * begin)))
        yield begin, end
        begin = end


def p_values(scores: Floats, heaviest: float = HEAVIEST) -> Floats:
    """(L,) the p-value of each score of one series, by the scores before it.

    scores:    (L,) higher is more surprising; NaN where there is none. The first MIN_SCORES have the p-value NaN
    heaviest:  the largest shape parameter of the tail; 0 for an exponential tail
    """
    p, at = np.full(len(scores), np.nan), np.flatnonzero(~np.isnan(scores))
    known = scores[at]
    for begin, end in blocks(len(known)):
        p[at[begin:end]] = Tail.of(known[:begin], heaviest).p_values(known[begin:end])
    return p
