"""The guard against blow-up: how far a forecast may go."""

from __future__ import annotations

import numpy as np

from forecast_cli.features.windows import Prepared
from forecast_cli.panel.series import Floats

REACH = 2.0
"""A forecast leaves the range that its series has covered by at most so many widths of it, and one more for each time
that its step is as far ahead as the series is long; at first by at most a width a step."""


def reach(prepared: Prepared, horizon: int) -> tuple[Floats, Floats]:
    """(n, horizon) the lowest and the highest adjusted value that a forecast of each series may take at each step.

    Upwards the range is that of the values: widths on the scale of logarithms would allow a series of a few points,
    which has grown, to grow a thousand times larger.
    """
    panel, steps = prepared.panel, np.arange(1, horizon + 1)
    adjusted = prepared.mapped - prepared.season.now()
    low, high = (at_series.reduceat(adjusted, panel.indptr[:-1])[:, None] for at_series in (np.minimum, np.maximum))
    widths = np.minimum(steps, REACH + steps / panel.lengths[:, None])
    room = widths * (high - low)
    upwards = np.where(prepared.value_map.log[:, None], np.log1p(widths * -np.expm1(low - high)), room)
    return low - room, high + upwards
