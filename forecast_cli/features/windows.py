"""Windows: the last values of series up to an origin, as the named inputs of a network.

    ... [ x  x  x  x  x ] y  y  y ...        input_size = 5, output_size = 3
                     ^ origin: the last point of the window

Each window is normalised by its own level and scale. So a network gets the values of all series in the same range:

    level      = mean of the last `level_size` adjusted values
    scale      = mean absolute change within the window
    normalised = (adjusted value - level) / scale
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast_cli.features.long_run import LongRun
from forecast_cli.panel.arrays import Floats, Ints

MIN_SCALE = 1e-4
"""The smallest scale of a window. Without it, a constant window would be divided by zero."""

Inputs = dict[str, NDArray[np.float32]]
"""The inputs of a network, as {name: array}: "window" (b, input_size, channels) and, if windows have a long run,
"long_run" (b, long_run.FEATURES)."""


@dataclass(frozen=True)
class WindowShape:
    """How windows are cut from series. All sizes are in steps.

    input_size:     number of steps in a window
    output_size:    number of steps after the origin that the network predicts at once
    level_size:     number of last steps whose mean is the window's level
    deseasonalise:  whether the season is subtracted first
    long_run:       whether each window has a long run too: a summary of the whole past of its series
    """

    input_size: int
    output_size: int
    level_size: int
    deseasonalise: bool
    long_run: bool = False


@dataclass(frozen=True)
class Windows:
    """A batch of b windows of adjusted values.

    adjusted:       (b, input_size) adjusted values; steps before the start of the series have the level
    known:          (b, input_size) False before the start of the series and where a missing value was filled
    level:          (b,) the mean of the last `level_size` adjusted values
    scale:          (b,) the mean absolute change within the window
    phase:          (b,) the position of the origin within the season, 0 to season_length - 1
    season_length:  in steps
    long_run:       the long run at the origins; None if windows have no long run
    """

    adjusted: Floats
    known: NDArray[np.bool_]
    level: Floats
    scale: Floats
    phase: Ints
    season_length: int
    long_run: LongRun | None

    @classmethod
    def of(
        cls,
        adjusted: Floats,
        inside: NDArray[np.bool_],
        known: NDArray[np.bool_],
        phase: Ints,
        season_length: int,
        level_size: int,
        long_run: LongRun | None,
    ) -> Windows:
        """The windows with these values. Level and scale are computed from the steps inside the series only.

        adjusted:   (b, input_size) adjusted values
        inside:     (b, input_size) False before the start of the series
        level_size: the number of last steps whose mean is the level

        The other parameters are attributes of `Windows`.
        """
        recent = inside[:, -level_size:]
        level = (adjusted[:, -level_size:] * recent).sum(axis=1) / recent.sum(axis=1)
        pairs = inside[:, 1:] & inside[:, :-1]
        changes = np.abs(np.diff(adjusted, axis=1)) * pairs
        scale = np.maximum(changes.sum(axis=1) / np.maximum(pairs.sum(axis=1), 1), MIN_SCALE)
        return cls(np.where(inside, adjusted, level[:, None]), known, level, scale, phase, season_length, long_run)

    def inputs(self) -> Inputs:
        """The inputs of a network for these windows. A channel with one number per window has it at each step."""
        shown = [CHANNELS[name](self) for name in channel_names(self.season_length)]
        channels = [np.broadcast_to(channel, self.known.shape) for channel in shown]
        inputs = {"window": np.stack(channels, axis=-1).astype(np.float32)}
        if self.long_run is not None:
            inputs["long_run"] = self.long_run.features(self.level, self.scale).astype(np.float32)
        return inputs

    def normalise(self, adjusted: Floats) -> Floats:
        """(b, q) normalised values: the level of each window is subtracted, then the result is divided by its scale.

        adjusted: (b, q) adjusted values at any q steps of each window, or after it
        """
        return (adjusted - self.level[:, None]) / self.scale[:, None]

    def restore(self, normalised: Floats) -> Floats:
        """(b, q) the adjusted values that belong to the outputs (b, q) of a network: the inverse of `normalise`."""
        return self.level[:, None] + self.scale[:, None] * normalised

    @property
    def angle(self) -> Floats:
        """(b, 1) the phase as an angle, in radians."""
        return 2 * np.pi * self.phase[:, None] / self.season_length


CHANNELS: dict[str, Callable[[Windows], NDArray[np.generic]]] = {
    "value": lambda windows: windows.normalise(windows.adjusted),
    "known": lambda windows: windows.known,
    "volatility": lambda windows: np.clip(np.log(windows.scale[:, None]), -10, 10) / 2 + 2,
    "phase_sine": lambda windows: np.sin(windows.angle),
    "phase_cosine": lambda windows: np.cos(windows.angle),
}
"""Channels of the input "window": name -> function that computes the channel from the windows. It returns an array
(b, input_size), or (b, 1) if all steps of a window have the same number."""


def channel_names(season_length: int) -> tuple[str, ...]:
    """The names of the channels for data of this season length, in the order of the last axis of "window"."""
    phase = ("phase_sine", "phase_cosine") if season_length > 1 else ()
    return ("value", "known", "volatility", *phase)
