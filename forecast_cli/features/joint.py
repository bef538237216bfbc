"""Joint series: each window also has the recent values of all series of the panel, and a mark for the series that it
belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import DataError
from forecast_cli.features.windows import MIN_SCALE
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel

MAX_SHOWN = 10.0
"""The normalised values of joint series, as a network gets them, are limited to -MAX_SHOWN to MAX_SHOWN."""


@dataclass(frozen=True)
class Joint:
    """The series of a panel, side by side on its time grid of T steps.

    values:  (T, m) the adjusted values of the m series that a network was trained on; NaN outside a series
    step:    (N,) the row of `values` of each point of the panel
    series:  (n,) the column of `values` of each series of the panel
    """

    values: Floats
    step: Ints
    series: Ints

    @classmethod
    def of(cls, panel: Panel, ids: tuple[str, ...], adjusted: Floats) -> Joint:
        """The joint series of a panel.

        ids:      the ids of the m series that the network was trained on, in the order of the columns of `values`
        adjusted: (N,) the adjusted values of the panel

        Raises DataError if the panel has a series with another id.
        """
        columns = {name: column for column, name in enumerate(ids)}
        unknown = next((name for name in panel.ids.tolist() if name not in columns), None)
        if unknown is not None:
            raise DataError(
                f"The network forecasts its series jointly, and series '{unknown}' was not among them in training.",
                "Leave the series out, or train the model again.",
            )
        series = np.array([columns[name] for name in panel.ids.tolist()], dtype=np.int64)
        calendar = calendar_of(panel.freq)
        counts = calendar.count(panel.times)
        step = (counts - counts.min()) // calendar.step
        values = np.full((int(step.max()) + 1, len(ids)), np.nan)
        values[step, series[panel.rows]] = adjusted
        return cls(values, step, series)

    def window(self, origins: Ints, rows: Ints, offsets: Ints) -> NDArray[np.float32]:
        """(b, q, 2 m) the values of all m series, then a one-hot vector of the origin's series, at q steps.

        Each series is normalised by its mean and its mean absolute change in the window. Steps after the origin repeat
        the values at the origin. An unknown value becomes 0.

        origins: (b,) the indices of the origins
        rows:    (b,) the indices of the origins' series
        offsets: (q,) steps from each origin: 0 is the origin itself, -1 the step before it
        """
        at = self.step[origins][:, None] + np.minimum(offsets, 0)
        shown = np.where((at >= 0)[..., None], self.values[np.maximum(at, 0)], np.nan)
        known = np.isfinite(shown)
        filled = np.where(known, shown, 0.0)
        level = filled.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
        both = known[:, 1:] & known[:, :-1]
        changes = np.where(both, np.abs(np.diff(filled, axis=1)), 0.0).sum(axis=1, keepdims=True)
        scale = np.maximum(changes / np.maximum(both.sum(axis=1, keepdims=True), 1), MIN_SCALE)
        numbers = np.where(known, np.clip((filled - level) / scale, -MAX_SHOWN, MAX_SHOWN), 0.0)
        own = self.series[rows][:, None, None] == np.arange(self.values.shape[1])
        return np.concatenate([numbers, np.broadcast_to(own, numbers.shape)], axis=2).astype(np.float32)
