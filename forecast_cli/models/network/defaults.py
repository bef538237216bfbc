"""The choices that are made from the data: every option that was left open, settled in one place.

Which measurement led to which default is told in docs/method.md.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from forecast_cli.errors import mention
from forecast_cli.features.long_run import FEATURES
from forecast_cli.features.windows import WindowShape, history_needed
from forecast_cli.models.combined.smoothed import NO_SMOOTHING, Smoothing
from forecast_cli.models.network.trainer import Schedule
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.calendar import DAY, calendar_of
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

LONG_SEASON = 24
"""From here on a season of a clock (a day in hours, half hours, minutes) is taken whole, as one patch."""

WEEKS_IN_A_YEAR = 52
"""Most of what such a season holds was there a year ago, in the window's first weeks: a linear highway finds it, and
the last year again has a say in the forecast. Few series have more than two or three years, so the first window does
not wait for two."""

LEAST_CONTEXT = 100
"""Points of each series that a forecast depends on at least: enough for the slowest average of the long run."""

SMOOTHING_SHARE, LARGE_SMOOTHING_SHARE = 0.3, 0.5
"""How much of the forecast is exponential smoothing's, whose errors are of another kind than a network's; the second
where there are few windows to learn from."""

LARGE_REPEATED_SHARE, REPEATED_SHARE = 0.5, 0.2
"""How much of the forecast is the median's of the network, the last day again and the last week again, where the season
is a day of a clock; the second from VERY_MANY_WINDOWS on."""

FEW_WINDOWS, MANY_WINDOWS, VERY_MANY_WINDOWS = 1000, 4096, 50_000
"""Below the first, as with one series, three small networks predict one step a pass: larger ones, or more steps at
once, learn the noise by heart, and one alone depends on its seed. From the second on there is enough to learn from for
large batches and few passes."""

LOW_RATE, HIGH_RATE, LEARNING_BUDGET = 0.002, 0.008, 14.4
"""Learning rates, and what the rate times the number of steps may come to: whoever takes fewer steps takes larger ones.
Little data, and weeks, are learned at the low rate."""


@dataclass(frozen=True)
class Effort:
    """What a preset spends.

    members:     networks that are trained side by side, as a multiple of what the standard preset has
    steps:       batches that each learns from, likewise
    comparison:  seconds, about, for each statistical method that the model is compared with
    """

    members: float
    steps: float
    comparison: float


EFFORTS = {"fast": Effort(1 / 3, 1 / 8, 1), "standard": Effort(1, 1, 10), "best": Effort(3, 2, 10)}

YEARLY_HORIZON, UNDATED_HORIZON = 6, 8


@dataclass(frozen=True)
class Recipe:
    """All that a recurrent forecaster needs to be told.

    validation_size:  last steps of each series that decide which epoch was best
    context_size:     the last points of a series that a forecast depends on; a bundle keeps as many
    smoothing:        the part of exponential smoothing in the result
    min_history:      points that precede the first origin a network learns from, where the series allows it
    """

    spec: NetworkSpec
    shape: WindowShape
    schedule: Schedule
    validation_size: int
    context_size: int
    smoothing: Smoothing
    min_history: int


def default_horizon(panel: Panel) -> int:
    """The horizon that a forecast of this frequency usually has; those of the M competitions where they had one."""
    calendar = calendar_of(panel.freq)
    if calendar.unit == "step":
        return max(UNDATED_HORIZON, panel.season_length)
    if calendar.unit == "month":
        return {1: 18, 3: 8}.get(calendar.step, YEARLY_HORIZON)
    if calendar.unit == "ns" and panel.season_length == WEEKS_IN_A_YEAR:
        return 13
    return 2 * panel.season_length if panel.season_length > 1 else 14


@dataclass(frozen=True)
class Traits:
    """What the choices depend on.

    season:       its length
    longest:      points of the longest series
    min_history:  points that precede the first origin a network learns from, where the series allows it
    windows:      how many there are to learn from, if no value is missing
    weekly:       whether the season is a year of weeks
    daily:        whether it is a day of steps that are shorter
    patched:      whether it is one of such steps, and long enough to be taken whole
    """

    season: int
    longest: int
    min_history: int
    windows: int
    weekly: bool
    daily: bool
    patched: bool

    @classmethod
    def of(cls, panel: Panel) -> Traits:
        season, longest = panel.season_length, int(panel.lengths.max())
        calendar = calendar_of(panel.freq)
        by_the_clock = calendar.unit == "ns" and calendar.step < DAY
        weekly = season == WEEKS_IN_A_YEAR and not by_the_clock
        patched = by_the_clock and season >= LONG_SEASON and longest >= 4 * season
        if patched:
            min_history = _patched_window(season, longest)
        elif weekly:
            min_history = _seasonal_window(season)
        else:
            min_history = 2 * season + 1 if season > 1 else 3
        return cls(
            season=season,
            longest=longest,
            min_history=min_history,
            windows=int((panel.lengths - history_needed(panel.lengths, min_history)).sum()),
            weekly=weekly,
            daily=by_the_clock and season * calendar.step == DAY,
            patched=patched,
        )

    @property
    def few(self) -> bool:
        return self.windows < FEW_WINDOWS

    @property
    def many(self) -> bool:
        return self.windows >= MANY_WINDOWS


def choose(panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
    """Settle everything that `model` and `training` leave open, from the traits of `panel`."""
    traits = Traits.of(panel)
    season, patched, few = traits.season, traits.patched, traits.few
    horizon = training.horizon or default_horizon(panel)

    input_size = model.input_size or _input_size(traits)
    if patched and input_size % season:
        input_size += season - input_size % season
        log.info(
            "%s %d is raised to %d, whole seasons of %d.", mention("input-size"), model.input_size, input_size, season
        )
    output_size = model.output_size or (1 if few else min(horizon, 2 * season if season > 1 else horizon))
    shape = WindowShape(
        input_size=input_size,
        output_size=output_size,
        level_size=min(input_size, season if patched else max(1, season // 2)),
        deseasonalise=not patched,
        long_run=not few and not patched,
    )
    spec = NetworkSpec(
        topology="lstm",
        input_size=input_size,
        channels=len(shape.channels(season)),
        output_size=output_size,
        units=model.units or ((16,) if few else (64,) if patched or season == 1 else (32,)),
        dropout=model.dropout if model.dropout is not None else 0.3 if few else 0.0,
        patch_size=season if patched else 1,
        members=max(1, round(EFFORTS[training.preset].members * (2 if patched else 3))),
        highway=patched or traits.weekly,
        long_run=FEATURES if shape.long_run else 0,
    )
    return Recipe(
        spec=spec,
        shape=shape,
        schedule=_schedule(training, traits),
        validation_size=max(output_size, season),
        context_size=max(input_size, 10 * season + 1, LEAST_CONTEXT),
        smoothing=_smoothing(traits),
        min_history=input_size if patched else traits.min_history,
    )


def _input_size(traits: Traits) -> int:
    if traits.patched:
        return _patched_window(traits.season, traits.longest)
    if traits.season > 1:
        return _seasonal_window(traits.season)
    return 8 if traits.few else 16


def _patched_window(season: int, longest: int) -> int:
    return season * max(1, min(7, longest // season // 2))


def _seasonal_window(season: int) -> int:
    """The season is taken out before; one that is longer than a year of weeks would only make learning slow."""
    shown = min(season, WEEKS_IN_A_YEAR)
    return shown + shown // 4 + 3


def _smoothing(traits: Traits) -> Smoothing:
    if traits.weekly:
        return Smoothing(1.0, repeated=(traits.season,))
    if traits.patched and not traits.daily:
        return NO_SMOOTHING
    if traits.patched:
        share = LARGE_REPEATED_SHARE if traits.windows < VERY_MANY_WINDOWS else REPEATED_SHARE
        return Smoothing(share, repeated=(traits.season, 7 * traits.season))
    return Smoothing(LARGE_SMOOTHING_SHARE if traits.few else SMOOTHING_SHARE)


def _schedule(training: TrainConfig, traits: Traits) -> Schedule:
    batch_size = training.batch_size or (128 if traits.many else 32)
    epochs = training.epochs or (4 if traits.many else 6)
    effort, least = EFFORTS[training.preset].steps, 150 if traits.patched or traits.weekly else 50
    steps_per_epoch = round(np.clip(effort * traits.windows / batch_size, least, effort * 1800))
    rate = np.clip(LEARNING_BUDGET / (epochs * steps_per_epoch), LOW_RATE, HIGH_RATE)
    return Schedule(
        epochs=epochs,
        steps_per_epoch=steps_per_epoch,
        batch_size=batch_size,
        learning_rate=training.learning_rate or (LOW_RATE if traits.few or traits.weekly else float(rate)),
        clip_norm=training.clip_norm or 1.0,
        loss=training.loss or "mae",
        seed=training.seed,
    )
