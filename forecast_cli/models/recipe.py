"""The choices that are made from the data: every option that was left open, settled in one place.

Which measurement led to which default is told in docs/method.md.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from forecast_cli.config import ModelConfig, TrainConfig
from forecast_cli.models.training import Schedule
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.windows import WindowShape

log = logging.getLogger(__name__)

LONG_SEASON = 24
"""From here on a season of a clock (a day in hours, half hours, minutes) is taken whole, as one patch."""

YEARLY_HORIZON, UNDATED_HORIZON = 6, 8


@dataclass(frozen=True)
class Recipe:
    """All that a recurrent forecaster needs to be told.

    context_size:  the last points of a series that a forecast depends on; a bundle keeps as many
    min_history:   points that precede the first origin a network learns from, where the series allows it
    """

    spec: NetworkSpec
    shape: WindowShape
    schedule: Schedule
    context_size: int
    min_history: int


def default_horizon(panel: Panel) -> int:
    """The horizon that a forecast of this frequency usually has; those of the M competitions where they had one."""
    calendar = calendar_of(panel.freq)
    if calendar.unit == "step":
        return max(UNDATED_HORIZON, panel.season_length)
    if calendar.unit == "month":
        return {1: 18, 3: 8}.get(calendar.step, YEARLY_HORIZON)
    if calendar.unit == "ns" and panel.season_length == 52:
        return 13
    return 2 * panel.season_length if panel.season_length > 1 else 14


def choose(panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
    """Settle everything that `model` and `training` leave open, from the traits of `panel`."""
    season = panel.season_length
    patched = season >= LONG_SEASON and calendar_of(panel.freq).unit == "ns" and season != 52
    horizon = training.horizon or default_horizon(panel)
    longest = int(panel.lengths.max())
    if patched and longest < 4 * season:
        patched = False

    input_size = model.input_size or _input_size(season, patched, longest)
    output_size = model.output_size or min(horizon, 2 * season if season > 1 else horizon)
    patch_size = season if patched and input_size % season == 0 else 1
    shape = WindowShape(
        input_size=input_size,
        output_size=output_size,
        level_size=min(input_size, season if patched else max(1, season // 2)),
        deseasonalise=not patched,
    )
    spec = NetworkSpec(
        topology="lstm",
        input_size=input_size,
        channels=shape.channels(season),
        output_size=output_size,
        units=model.units or ((128, 128) if patched else (64, 64)),
        dropout=model.dropout or 0.0,
        patch_size=patch_size,
    )
    min_history = input_size if patched else (2 * season + 1 if season > 1 else 3)
    windows = int(np.maximum(panel.lengths - min_history, 1).sum())
    return Recipe(spec, shape, _schedule(training, windows), max(input_size, 10 * season + 1), min_history)


def _input_size(season: int, patched: bool, longest: int) -> int:
    if patched:
        return season * max(1, min(7, longest // season // 2))
    return season + season // 4 + 3 if season > 1 else 8


def _schedule(training: TrainConfig, windows: int) -> Schedule:
    batch_size = training.batch_size or (128 if windows >= 4096 else 32)
    steps = -(-windows // batch_size)
    return Schedule(
        epochs=training.epochs or (4 if windows >= 4096 else 6),
        steps_per_epoch=int(np.clip(steps, 50, 2000)),
        batch_size=batch_size,
        learning_rate=training.learning_rate or 2e-3,
        clip_norm=training.clip_norm or 1.0,
        loss=training.loss or "mae",
        seed=training.seed,
    )
