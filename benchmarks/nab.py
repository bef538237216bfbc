"""The score of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015, Evaluating real-time anomaly detection).

The standard profile. Each labelled window gives points once, the more the earlier it is detected; each detection
outside the windows costs:

    detected in a window      sigmoid(-5 y) / sigmoid(5)    y = -(end - t + 1) / length, from -1 to 0: nearly 1 to 0
    not detected              -1
    outside, after a window   0.11 sigmoid(-5 y)            y = (t - end) / (length - 1) after the last window, up to 3
    outside, before any       -0.11                         with sigmoid(x) = 2 / (1 + exp(-x)) - 1

The first points of each file are not scored (`probation`). One threshold holds for all files: the one with the
highest sum. The score is 0 for a detector that never raises an alarm, and 100 for one that finds each window at its
first point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Window = tuple[int, int]
"""The first and the last point of a labelled anomaly, as indices."""

FALSE_POSITIVE = 0.11
PROBATION, MAX_PROBATION = 0.15, 750
FAR = 3.0


@dataclass(frozen=True)
class Labelled:
    """One file: the scores that a detector gave to its points, and the labelled windows.

    scores:   (N,) higher is more anomalous; NaN counts as the lowest
    windows:  ascending, without overlaps
    """

    scores: Floats
    windows: Sequence[Window]


def probation(points: int) -> int:
    """The number of first points of a file that are not scored.

    >>> probation(1000), probation(20_000)
    (150, 750)
    """
    return min(int(PROBATION * points), MAX_PROBATION)


def nab_score(files: Sequence[Labelled]) -> tuple[float, float]:
    """The score of a detector on all files, at the best threshold, and this threshold."""
    parts = [_events(file) for file in files]
    scores, points, windows = (np.concatenate(column) for column in zip(*(part[:3] for part in parts), strict=True))
    offsets = np.repeat(np.cumsum([0, *(len(part[3]) for part in parts[:-1])]), [len(part[0]) for part in parts])
    windows = np.where(windows >= 0, windows + offsets, -1)
    count = sum(int(part[3].sum()) for part in parts)
    order = np.argsort(-scores, kind="stable")
    best, at, total = 0.0, np.inf, 0.0
    reached: dict[int, float] = {}
    for place, index in enumerate(order):
        window, gain = int(windows[index]), float(points[index])
        if window < 0:
            total += gain
        elif window not in reached:
            reached[window] = gain
            total += 1 + gain
        elif gain > reached[window]:
            total += gain - reached[window]
            reached[window] = gain
        last_of_ties = place + 1 == len(order) or scores[order[place + 1]] < scores[index]
        if last_of_ties and total > best:
            best, at = total, float(scores[index])
    return 100 * best / (2 * count), at


def score_of_alarms(files: Sequence[Labelled]) -> float:
    """The score of a detector whose alarms are the points with a score above 0. Below 0 if most of them are false."""
    total, count = 0.0, 0
    for file in files:
        scores, gains, windows, counted = _events(file)
        alarms = scores > 0
        count += int(counted.sum())
        total += float(gains[alarms & (windows < 0)].sum())
        for number in np.unique(windows[alarms & (windows >= 0)]):
            total += 1 + float(gains[alarms & (windows == number)].max())
    return 100 * total / (2 * count)


def _events(file: Labelled) -> tuple[Floats, Floats, NDArray[np.intp], NDArray[np.bool_]]:
    """What an alarm at each scored point gives.

    Returns the scores, the points for an alarm, the number of its window (-1 outside), each of the points after the
    probation; and, of each window, whether it has such points.
    """
    length = len(file.scores)
    gains, windows = np.full(length, -FALSE_POSITIVE), np.full(length, -1)
    at = np.arange(length)
    for number, (first, last) in enumerate(file.windows):
        size = last - first + 1
        after = at > last
        gains[after] = FALSE_POSITIVE * _sigmoid(np.minimum((at[after] - last) / max(size - 1, 1), FAR))
        inside = slice(first, last + 1)
        gains[inside] = _sigmoid(-(last - at[inside] + 1) / size) / _sigmoid(np.array(-1.0))
        windows[inside] = number
    scored = slice(probation(length), None)
    counted = np.array([bool((windows[scored] == number).any()) for number in range(len(file.windows))], dtype=bool)
    scores = np.nan_to_num(file.scores, nan=-np.inf)
    return scores[scored], gains[scored], windows[scored], counted


def _sigmoid(position: Floats) -> Floats:
    """Nearly 1 at position -1, 0 at 0, nearly -1 from 1 on; exactly -1 from `FAR` on."""
    return np.where(position >= FAR, -1.0, 2 / (1 + np.exp(5 * position)) - 1)
