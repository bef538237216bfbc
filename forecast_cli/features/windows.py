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

from forecast_cli.features.drivers import widths
from forecast_cli.features.long_run import LongRun
from forecast_cli.panel.arrays import Floats, Ints
from forecast_cli.panel.covariates import Covariate

MIN_SCALE = 1e-4
"""The smallest scale of a window. Without it, a constant window would be divided by zero."""

MIN_RECENT_SIZE = 100
"""The smallest number of points that `WindowShape.recent_size` returns. They are enough for the slowest average of the
long run."""

Inputs = dict[str, NDArray[np.float32]]
"""The inputs of a network, as {name: array}: "window" (b, input_size, channels); if windows have a long run, "long_run"
(b, long_run.FEATURES); if they have drivers, "ahead" (b, output_size, ahead_width)."""


@dataclass(frozen=True)
class WindowShape:
    """How windows are cut from series. All sizes are in steps.

    input_size:     number of steps in a window
    output_size:    number of steps after the origin that the network predicts at once
    level_size:     number of last steps whose mean is the window's level
    deseasonalise:  whether the season is subtracted first
    long_run:       whether each window has a summary of the whole past of its series, see features/long_run.py
    long_seasons:   the lengths of further seasons, ascending, which are subtracted: 365.25 for the year in daily values
    usual_season:   the length of a long season: over a long horizon, forecasts return to the medians of the last one,
                    see features/reversion.py; 0 if they do not return
    follows_year:   whether forecasts are averaged with the values one `usual_season` before, in series where that had
                    lower errors, see features/year_before.py
    knows_idle:     whether forecasts at idle places of the season are the lowest recent value of the series, see
                    features/idle.py
    covariates:     the covariates that the network gets
    calendar:       the parts of the calendar that the network gets: names in `options.CALENDAR_PARTS`, and names such
                    as "holidays US"
    joint:          the ids of the series that are forecast jointly: for each, the network gets the past of all of them;
                    empty if each series is forecast by itself
    """

    input_size: int
    output_size: int
    level_size: int
    deseasonalise: bool
    long_run: bool = False
    long_seasons: tuple[float, ...] = ()
    usual_season: float = 0.0
    follows_year: bool = False
    knows_idle: bool = False
    covariates: tuple[Covariate, ...] = ()
    calendar: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()

    @property
    def has_drivers(self) -> bool:
        """Whether a network gets covariates or parts of the calendar."""
        return bool(self.covariates or self.calendar)

    def recent_size(self, season_length: int) -> int:
        """The number of last points of a series from which its forecast is computed; long seasons need more points.

        season_length: in steps
        """
        return max(self.input_size, 10 * season_length + 1, MIN_RECENT_SIZE)


@dataclass(frozen=True)
class WindowDrivers:
    """The drivers of b windows.

    window: arrays (b, input_size, channels) of inputs that are unknown after the origin: past covariates, joint series
    known:  (b, input_size, channels) inputs that are known ahead: other covariates and the calendar, at the steps of
            the window
    ahead:  (b, output_size, channels) the same channels as `known`, at the steps after the window
    """

    window: tuple[NDArray[np.float32], ...]
    known: NDArray[np.float32]
    ahead: NDArray[np.float32]


@dataclass(frozen=True)
class Windows:
    """A batch of b windows of adjusted values.

    adjusted:       (b, input_size) adjusted values; steps before the start of the series have the level
    known:          (b, input_size) False before the start of the series and where a missing value was filled
    level:          (b,) the mean of the last `level_size` adjusted values
    scale:          (b,) the mean absolute change within the window
    phase:          (b,) the position of the origin within the season, 0 to season_length - 1
    season_length:  in steps
    long_run:       the long run at the origins, or None
    drivers:        the drivers in the window and after it, or None
    """

    adjusted: Floats
    known: NDArray[np.bool_]
    level: Floats
    scale: Floats
    phase: Ints
    season_length: int
    long_run: LongRun | None
    drivers: WindowDrivers | None = None

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
        drivers: WindowDrivers | None = None,
    ) -> Windows:
        """The windows with these values. Level and scale are computed from the steps inside the series only.

        adjusted:   (b, input_size) adjusted values
        inside:     (b, input_size) False before the start of the series
        known:      (b, input_size) False before the start of the series and where a missing value was filled
        phase:      (b,) the position of the origin within the season
        season_length:  in steps
        level_size: the number of last steps whose mean is the level
        long_run:   the long run at the origins; None without one
        drivers:    the drivers in the window and after it; None without drivers
        """
        recent = inside[:, -level_size:]
        level = (adjusted[:, -level_size:] * recent).sum(axis=1) / recent.sum(axis=1)
        pairs = inside[:, 1:] & inside[:, :-1]
        steps = np.abs(np.diff(adjusted, axis=1)) * pairs
        scale = np.maximum(steps.sum(axis=1) / np.maximum(pairs.sum(axis=1), 1), MIN_SCALE)
        values = np.where(inside, adjusted, level[:, None])
        return cls(values, known, level, scale, phase, season_length, long_run, drivers)

    def inputs(self) -> Inputs:
        """The inputs of a network for these windows. A channel with one number per window repeats it at each step."""
        shown = [CHANNELS[name](self) for name in channel_names(self.season_length)]
        channels = [np.broadcast_to(channel, self.known.shape) for channel in shown]
        inputs = {"window": np.stack(channels, axis=-1).astype(np.float32)}
        if self.drivers is not None:
            inputs["window"] = np.concatenate([inputs["window"], *self.drivers.window, self.drivers.known], axis=2)
            if self.drivers.ahead.shape[2]:
                inputs["ahead"] = self._ahead(self.drivers)
        if self.long_run is not None:
            inputs["long_run"] = self.long_run.features(self.level, self.scale).astype(np.float32)
        return inputs

    def _ahead(self, drivers: WindowDrivers) -> NDArray[np.float32]:
        """(b, output_size, ahead_width) the drivers known ahead at each predicted step, then the past at each lag.

        The past is the normalised value and the drivers known ahead, one lag (see `lags_of`) before the predicted step.
        If the step one lag before is after the window, the smallest possible multiple of the lag is used.
        """
        value = self.normalise(self.adjusted).astype(np.float32)[..., None]
        values = np.concatenate([value, drivers.known], axis=2)
        size, steps = values.shape[1], np.arange(drivers.ahead.shape[1])
        lags = lags_of(size, self.season_length)
        before = [values[:, size - lag + steps % lag] for lag in lags]
        return np.concatenate([drivers.ahead, *before], axis=2)

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


def lags_of(input_size: int, season_length: int) -> tuple[int, ...]:
    """The lags at which a network sees value and drivers, in steps before a predicted step: one and seven seasons.

    Lags longer than `input_size` are left out. Without a season, or if no lag is left, the only lag is 1.

    >>> lags_of(168, 24), lags_of(18, 12), lags_of(8, 1)
    ((24, 168), (12,), (1,))
    """
    return tuple(lag for lag in (season_length, 7 * season_length) if lag <= input_size and season_length > 1) or (1,)


def channel_count(shape: WindowShape, season_length: int) -> int:
    """The number of channels of the input "window"."""
    return len(channel_names(season_length)) + sum(widths(shape.covariates, shape.calendar)) + 2 * len(shape.joint)


def ahead_width(shape: WindowShape, season_length: int) -> int:
    """The number of channels of the input "ahead"; 0 without drivers."""
    known_ahead = widths(shape.covariates, shape.calendar)[1]
    return known_ahead + len(lags_of(shape.input_size, season_length)) * (1 + known_ahead) if shape.has_drivers else 0


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
