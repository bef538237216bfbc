"""Rollout: a network predicts a block of steps, which becomes part of its next input, until the horizon is reached.

The result is a path for each origin: the adjusted values at the steps after the origin. The paths of many origins are
computed together. The callers add the season to a path, undo the scaling and combine it with other forecasts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.features.windows import Inputs
from forecast_cli.models.network.limits import Limits
from forecast_cli.panel.arrays import Floats, Ints

Network = Callable[[Inputs], Floats]
"""A function that runs a network: from the inputs of b windows to outputs (b, members, output_size, outputs).

The first output is the point forecast, the others are quantiles as in `networks.heads`.
"""

BATCH_SIZE = 4096
"""The largest number of windows that the network gets in one call."""


@dataclass(frozen=True)
class Paths:
    """The paths of k origins.

    point:   (k, horizon) the adjusted values after each origin, as predicted
    spread:  (k, horizon) an estimate of how far `point` is from the actual adjusted values: the mean distance of the
             network's quantiles from its point forecast, combined over the blocks (see `rollout`). None if the network
             predicts no quantiles
    """

    point: Floats
    spread: Floats | None = None


def rollout(network: Network, features: Features, origins: Ints, horizon: int) -> Paths:
    """The paths of k origins: the adjusted values after each, predicted in blocks of `output_size` steps:

        window          x x x x x
        block 1                   y y y
        window                x x y y y      x: known value, y: predicted value (the median over members)
        block 2                         y y y   ...

    Each predicted value is limited to the range that `Limits` gives.

    The network predicts each block as if all values before it were known. From the second block on, some of them are
    predicted. So the spread of a step is the square root of a sum of two squares: of the spread that the network
    predicts for this step, and of the spread at the last step of the block before.

    The network predicts normalised spreads. All of them are multiplied by the scale of the first window, which has only
    known values. Predicted values change less from step to step, so the scale of later windows would be too small.

    network:  a function that runs the network
    features: of the panel to forecast
    origins:  (k,) the indices of the last points
    """
    limits = Limits.of(features)
    batches = [origins[at : at + BATCH_SIZE] for at in range(0, len(origins), BATCH_SIZE)]
    paths = [_paths(network, features, limits, batch, horizon) for batch in batches]
    spread = [each.spread for each in paths if each.spread is not None]
    return Paths(np.concatenate([each.point for each in paths]), np.concatenate(spread) if spread else None)


def _paths(network: Network, features: Features, limits: Limits, origins: Ints, horizon: int) -> Paths:
    """The paths of one batch of b origins, within the limits."""
    block_size, input_size = features.shape.output_size, features.shape.input_size
    history, long_run = features.history(origins), features.long_run_at(origins)
    begins = range(0, horizon, block_size)
    lowest, highest = limits.at(origins, len(begins) * block_size)
    blocks: list[Floats] = []
    spreads: list[Floats] = []
    scale = np.empty(0)
    for done in begins:
        ahead = slice(done, done + block_size)
        windows = features.windows_of(origins, done, history, long_run)
        outputs = np.median(network(windows.inputs()), axis=1)
        block = np.clip(windows.restore(outputs[..., 0]), lowest[:, ahead], highest[:, ahead])
        blocks.append(block)
        if outputs.shape[2] > 1:
            scale = scale if spreads else windows.scale
            before = spreads[-1][:, -1:] if spreads else 0.0
            spreads.append(np.hypot(before, scale[:, None] * _distance(outputs)))
        adjusted, inside, known = history
        if long_run is not None:
            long_run = long_run.extended(adjusted[:, -1], block)
        is_inside = np.ones(block.shape, dtype=bool)
        history = (
            np.concatenate([windows.adjusted, block], axis=1)[:, -input_size:],
            np.concatenate([inside, is_inside], axis=1)[:, -input_size:],
            np.concatenate([known, is_inside], axis=1)[:, -input_size:],
        )
    spread = np.concatenate(spreads, axis=1)[:, :horizon] if spreads else None
    return Paths(np.concatenate(blocks, axis=1)[:, :horizon], spread)


def _distance(outputs: Floats) -> Floats:
    """(b, output_size) the mean distance of the quantiles from the point forecast.

    outputs: (b, output_size, outputs) the outputs of the network: the point forecast, then the quantiles
    """
    return np.asarray(np.abs(outputs[..., 1:] - outputs[..., :1]).mean(axis=-1))
