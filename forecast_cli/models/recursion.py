"""Recursive prediction: a network's output fed back in blocks until the horizon is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecast_cli.models.smoothing import damped_path, theta_path
from forecast_cli.panel.transforms import Floats
from forecast_cli.panel.windows import Batch, Inputs, Prepared, WindowShape, history

Network = Callable[[Inputs], Floats]
"""From the inputs of b windows to (b, members, output_size, outputs); the first output is the point forecast."""

REACH = 2.0
"""The guard against blow-up: a forecast leaves the range that its series has covered by at most so many widths of it,
and one more for each time that the horizon is as long as the series (on the scale that the network works on)."""


def recurse(network: Network, prepared: Prepared, shape: WindowShape, horizon: int, smoothing: float = 0.0) -> Floats:
    """(n, horizon) forecasts after the last point of every series, all series in one batch a block.

        window          x x x x x
        block 1                   y y y
        window                x x y y y      the median over members is fed back
        block 2                         y y y   ...

    Of the result a share of `smoothing` is exponential smoothing's: with a season Theta's, otherwise the mean of that
    and of the damped trend's. Every series must have at least one point.
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
    season = prepared.season.at(origins, np.arange(1, horizon + 1))
    if smoothing and prepared.season.season_length > 1:
        path = (1 - smoothing) * path + smoothing * theta_path(*_adjusted(prepared, shape), horizon)
    forecast = prepared.value_map.inverse_transform(path + season, np.arange(len(origins))[:, None])
    if smoothing and prepared.season.season_length == 1:
        forecast = (1 - smoothing) * forecast + smoothing * _smoothed_values(prepared, shape, horizon)
    return forecast


def _adjusted(prepared: Prepared, shape: WindowShape) -> tuple[Floats, NDArray[np.bool_]]:
    """(n, L) the seasonally adjusted values of all series, right-aligned, and which of them lie inside the series."""
    whole = replace(shape, input_size=int(prepared.panel.lengths.max()))
    adjusted, inside, _ = history(prepared, prepared.last_origins(), whole)
    return adjusted, inside


def _smoothed_values(prepared: Prepared, shape: WindowShape, horizon: int) -> Floats:
    """(n, horizon) the mean of Theta and the damped trend for series of no season, on the scale of their values: there
    growth is by steps, where the network's is by shares."""
    value_map = prepared.value_map
    adjusted, inside = _adjusted(prepared, shape)
    size = value_map.scale[:, None]
    values = value_map.inverse_transform(adjusted, np.arange(len(adjusted))[:, None]) / size
    path = size * (theta_path(values, inside, horizon) + damped_path(values, inside, horizon)) / 2
    return np.maximum(path, value_map.lowest[:, None])


def _reach(prepared: Prepared, horizon: int) -> tuple[Floats, Floats]:
    """(n,) the lowest and highest adjusted value that a forecast of each series may take."""
    starts = prepared.panel.indptr[:-1]
    adjusted = prepared.mapped - prepared.season.now()
    low, high = np.minimum.reduceat(adjusted, starts), np.maximum.reduceat(adjusted, starts)
    room = (REACH + horizon / prepared.panel.lengths) * (high - low)
    return low - room, high + room
