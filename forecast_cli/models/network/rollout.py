"""Rollout: the output of a network fed back as input, block by block, until the horizon is reached.

The result is one path of adjusted values for each origin, all computed in one batch. The callers add the season, undo
the scaling and combine the paths with other forecasts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forecast_cli.features.features import Features
from forecast_cli.features.windows import Inputs
from forecast_cli.models.network.limits import Limits
from forecast_cli.panel.arrays import Floats, Ints

Network = Callable[[Inputs], Floats]
"""Inputs of b windows -> outputs (b, members, output_size, outputs); the first output is the point forecast."""

BATCH_SIZE = 4096
"""Maximum number of windows in one call of the network."""


def rollout(network: Network, features: Features, origins: Ints, horizon: int) -> Floats:
    """(k, horizon) adjusted values after each of the `origins` (k,), predicted in blocks of `output_size` steps:

        window          x x x x x
        block 1                   y y y
        window                x x y y y      the median over members is fed back
        block 2                         y y y   ...

    Each block is held within the limits of its series, see `Limits`.
    """
    limits = Limits.of(features)
    batches = [origins[at : at + BATCH_SIZE] for at in range(0, len(origins), BATCH_SIZE)]
    return np.concatenate([_paths(network, features, limits, batch, horizon) for batch in batches])


def _paths(network: Network, features: Features, limits: Limits, origins: Ints, horizon: int) -> Floats:
    """(b, horizon) paths of one batch of origins."""
    block_size, input_size = features.shape.output_size, features.shape.input_size
    history, long_run = features.history(origins), features.long_run_at(origins)
    begins = range(0, horizon, block_size)
    lowest, highest = limits.at(origins, len(begins) * block_size)
    blocks: list[Floats] = []
    for done in begins:
        ahead = slice(done, done + block_size)
        windows = features.windows_of(history, features.phase[origins] + done, long_run)
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
