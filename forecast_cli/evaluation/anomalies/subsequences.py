"""Measure how much the season that ends at each step differs from earlier windows, by principal components.

A window is one season of values, reduced to at most MAX_SIZE means of neighbouring values. The principal components
are those of earlier windows. A deviation along a component has a larger weight if earlier windows vary less along it.
(Sub-PCA, the best of the methods for single series in TSB-AD: Liu and Paparrizos, NeurIPS 2024.)
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from forecast_cli.evaluation.anomalies.alarms import season_steps
from forecast_cli.panel.arrays import Floats

MAX_SIZE = 48
RIDGE = 0.1
"""Added to the variance of each component, as a share of the mean variance.

Otherwise components that are only rounding errors would have the largest weights.
"""

MIN_WINDOWS = 50
GROWTH = 0.3
MAX_WINDOWS = 2000
"""The components are computed again each time the number of windows has grown by the share GROWTH.

With 2 * MAX_WINDOWS windows or more, only every second, third, ... window is used, so that at least MAX_WINDOWS remain.
"""


def distances(values: Floats, season_length: int) -> Floats:
    """(L,) the distance of the window that ends at each step from the windows before it; NaN at the first steps.

    The first max(MIN_WINDOWS, season_length) windows have no distance: the first components are computed from them.

    values:         (L,) without NaN
    season_length:  steps in one season; 1 if there is no season: a window then has `season_steps(1)` steps
    """
    windows = _windows(values, season_steps(season_length))
    result = np.full(len(values), np.nan)
    skipped = len(values) - len(windows)
    begin = max(MIN_WINDOWS, season_length)
    while begin < len(windows):
        end = min(len(windows), begin + max(1, int(GROWTH * begin)))
        known = windows[: begin : max(1, begin // MAX_WINDOWS)]
        centre, spread = known.mean(axis=0), known.std() or 1.0
        scaled = (known - centre) / spread
        variance, axes = np.linalg.eigh(scaled.T @ scaled / len(scaled))
        weights = 1 / (np.maximum(variance, 0) + RIDGE * max(variance.mean(), 1e-12))
        projected = (windows[begin:end] - centre) / spread @ axes
        result[skipped + begin : skipped + end] = np.sqrt((projected**2 * weights).mean(axis=1))
        begin = end
    return result


def _windows(values: Floats, length: int) -> Floats:
    """(k, size) the windows that end at the last k steps: each is about `length` values, reduced to `size` means."""
    if len(values) < length:
        return np.empty((0, 1))
    step = -(-length // MAX_SIZE)
    sums = np.cumsum(np.r_[0.0, values - values[0]])
    means = (sums[step:] - sums[:-step]) / step
    size = length // step
    return sliding_window_view(means, (size - 1) * step + 1)[:, ::step]
