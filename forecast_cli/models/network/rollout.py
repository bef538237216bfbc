"""Recursive prediction: a network's output fed back in blocks until the horizon is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forecast_cli.features.windows import Batch, Inputs, Prepared, WindowShape, history
from forecast_cli.models.combined.smoothed import NO_SMOOTHING, Smoothing, mixture
from forecast_cli.models.network.reach import reach
from forecast_cli.panel.series import Floats

Network = Callable[[Inputs], Floats]
"""From the inputs of b windows to (b, members, output_size, outputs); the first output is the point forecast."""

BATCH = 4096
"""Windows that a network is given at once."""


def in_batches(run: Callable[[Inputs], Any]) -> Network:
    """A network that is run on at most BATCH windows at once."""

    def network(inputs: Inputs) -> Floats:
        starts = range(0, len(inputs["window"]), BATCH)
        blocks = [run({name: array[at : at + BATCH] for name, array in inputs.items()}) for at in starts]
        return np.concatenate(blocks).astype(np.float64)

    return network


def recurse(
    network: Network,
    prepared: Prepared,
    shape: WindowShape,
    horizon: int,
    context_size: int,
    smoothing: Smoothing = NO_SMOOTHING,
) -> Floats:
    """(n, horizon) forecasts after the last point of every series, all series in one batch a block.

        window          x x x x x
        block 1                   y y y
        window                x x y y y      the median over members is fed back
        block 2                         y y y   ...

    Exponential smoothing of the last `context_size` points has its part in the result. Every series must have at least
    one point.
    """
    origins = prepared.last_origins()
    adjusted, inside, known = history(prepared, origins, shape)
    long_run = prepared.long_run.at(origins) if prepared.long_run is not None else None
    begins = range(0, horizon, shape.output_size)
    lowest, highest = reach(prepared, len(begins) * shape.output_size)
    blocks: list[Floats] = []
    for done in begins:
        ahead = slice(done, done + shape.output_size)
        phase = prepared.phase[origins] + done
        batch = Batch.of(adjusted, inside, known, phase, shape.level_size, long_run)
        outputs = np.median(network(batch.inputs(prepared.panel.season_length))[..., 0], axis=1)
        block = np.clip(batch.restore(outputs), lowest[:, ahead], highest[:, ahead])
        blocks.append(block)
        if long_run is not None:
            long_run = long_run.extended(adjusted[:, -1], block)
        certain = np.ones(block.shape, dtype=bool)
        adjusted, inside, known = (
            np.concatenate([old, new], axis=1)[:, -shape.input_size :]
            for old, new in ((batch.adjusted, block), (inside, certain), (known, certain))
        )
    path = np.concatenate(blocks, axis=1)[:, :horizon]
    return mixture(path, prepared, shape, smoothing, context_size)
