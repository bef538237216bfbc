"""Recursive prediction: a network's output fed back in blocks until the horizon is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from forecast_cli.models.smoothing import damped_path, theta_path
from forecast_cli.panel.transforms import Floats
from forecast_cli.panel.windows import Batch, Inputs, Prepared, WindowShape, history

Network = Callable[[Inputs], Floats]
"""From the inputs of b windows to (b, members, output_size, outputs); the first output is the point forecast."""

REACH = 2.0
"""The guard against blow-up: a forecast leaves the range that its series has covered by at most so many widths of it,
and one more for each time that the horizon is as long as the series (on the scale that the network works on)."""

LEAST_OF_LOWEST = 0.1
"""On the logarithm's scale a falling trend ends at this share of the lowest value of its series."""


def recurse(network: Network, prepared: Prepared, shape: WindowShape, horizon: int, smoothing: float = 0.0) -> Floats:
    """(n, horizon) forecasts after the last point of every series, all series in one batch a block.

        window          x x x x x
        block 1                   y y y
        window                x x y y y      the median over members is fed back
        block 2                         y y y   ...

    Of the result a share of `smoothing` is exponential smoothing's. Every series must have at least one point.
    """
    origins = prepared.last_origins()
    adjusted, inside, known = history(prepared, origins, shape)
    long_run = prepared.long_run.at(origins) if prepared.long_run is not None else None
    lowest, highest = _reach(prepared, horizon)
    blocks: list[Floats] = []
    for done in range(0, horizon, shape.output_size):
        phase = prepared.phase[origins] + done
        batch = Batch.of(adjusted, inside, known, phase, shape.level_size, long_run)
        outputs = np.median(network(batch.inputs(prepared.panel.season_length))[..., 0], axis=1)
        block = np.clip(batch.restore(outputs), lowest[:, None], highest[:, None])
        blocks.append(block)
        if long_run is not None:
            long_run = long_run.extended(adjusted[:, -1], block)
        certain = np.ones(block.shape, dtype=bool)
        adjusted, inside, known = (
            np.concatenate([old, new], axis=1)[:, -shape.input_size :]
            for old, new in ((batch.adjusted, block), (inside, certain), (known, certain))
        )
    path = np.concatenate(blocks, axis=1)[:, :horizon]
    if smoothing:
        path = (1 - smoothing) * path + smoothing * _smoothed(prepared, shape, horizon)
    path = path + prepared.season.at(origins, np.arange(1, horizon + 1))
    return prepared.value_map.inverse_transform(path, np.arange(len(origins))[:, None])


def _smoothed(prepared: Prepared, shape: WindowShape, horizon: int) -> Floats:
    """(n, horizon) exponential smoothing's path of the adjusted values: Theta's, and without a season the mean of that
    and the damped trend's. The latter works on the scale of the values, where growth is by steps and not by shares."""
    whole = replace(shape, input_size=int(prepared.panel.lengths.max()))
    adjusted, inside, _ = history(prepared, prepared.last_origins(), whole)
    theta = theta_path(adjusted, inside, horizon)
    if prepared.season.season_length > 1:
        return theta
    value_map, rows = prepared.value_map, np.arange(len(adjusted))[:, None]
    values = value_map.inverse_transform(adjusted, rows) / value_map.scale[rows]
    damped = damped_path(values, inside, horizon)
    lowest = LEAST_OF_LOWEST * np.where(inside, values, np.inf).min(axis=1, keepdims=True)
    above_zero = np.where(value_map.log[rows], np.maximum(damped, lowest), damped)
    return (theta + value_map.transform(above_zero * value_map.scale[rows], rows)) / 2


def _reach(prepared: Prepared, horizon: int) -> tuple[Floats, Floats]:
    """(n,) the lowest and highest adjusted value that a forecast of each series may take."""
    starts = prepared.panel.indptr[:-1]
    adjusted = prepared.mapped - prepared.season.now()
    low, high = np.minimum.reduceat(adjusted, starts), np.maximum.reduceat(adjusted, starts)
    room = (REACH + horizon / prepared.panel.lengths) * (high - low)
    return low - room, high + room
