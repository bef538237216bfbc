"""Rollout: a network predicts a block of steps, which becomes part of its next input, until the horizon is reached.

The result is a path for each origin: the adjusted values at the steps after the origin. The paths of many origins are
computed together. The callers add the season to a path, undo the scaling and combine it with other forecasts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.features.windows import Inputs
from forecast_cli.models.network.limits import Limits
from forecast_cli.panel.arrays import Floats, Ints

Network = Callable[[Inputs], Floats]
"""A function that runs a network: from the inputs of b windows to outputs (b, members, output_size, outputs).

The first output is the point forecast.
"""

BATCH_SIZE = 4096
"""The largest number of windows that the network gets in one call."""


def rollout(network: Network, features: Features, origins: Ints, horizon: int) -> Floats:
    """(k, horizon) the paths of k origins: the adjusted values after each, predicted in blocks of `output_size` steps:

        window          x x x x x
        block 1                   y y y
        window                x x y y y      x: known value, y: predicted value (the median over members)
        block 2                         y y y   ...

    Each predicted value is limited to the range that `Limits` gives.

    network:  a function that runs the network
    features: of the panel to forecast
    origins:  (k,) the indices of the last points
    """
    limits = Limits.of(features)
    batches = [origins[at : at + BATCH_SIZE] for at in range(0, len(origins), BATCH_SIZE)]
    return np.concatenate([_paths(network, features, limits, batch, horizon) for batch in batches])


def _paths(network: Network, features: Features, limits: Limits, origins: Ints, horizon: int) -> Floats:
    """(b, horizon) the paths of one batch of b origins: the adjusted values after each origin, within the limits."""
    block_size, input_size = features.shape.output_size, features.shape.input_size
    history, long_run = features.history(origins), features.long_run_at(origins)
    begins = range(0, horizon, block_size)
    lowest, highest = limits.at(origins, len(begins) * block_size)
    blocks: list[Floats] = []
    for done in begins:
        ahead = slice(done, done + block_size)
        windows = features.windows_of(origins, done, history, long_run)
        outputs = np.median(network(windows.inputs())[..., 0], axis=1)
        block = np.clip(windows.restore(outputs), lowest[:, ahead], highest[:, ahead])
        blocks.append(block)
        adjusted, inside, known = history
        if long_run is not None:
            long_run = long_run.extended(adjusted[:, -1], block)
        is_inside = np.ones(block.shape, dtype=bool)
        history = (
            np.concatenate([windows.adjusted, block], axis=1)[:, -input_size:],
            np.concatenate([inside, is_inside], axis=1)[:, -input_size:],
            np.concatenate([known, is_inside], axis=1)[:, -input_size:],
        )
    return np.concatenate(blocks, axis=1)[:, :horizon]
