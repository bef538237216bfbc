"""Choose the options of a network that the user left open, from the data and the tables in regimes.py."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np

from forecast_cli.errors import UsageError
from forecast_cli.features import long_run
from forecast_cli.features.calendar_channels import auto_parts, holiday_parts, parts_for_frequency
from forecast_cli.features.drivers import learnable
from forecast_cli.features.long_season import estimated_seasons
from forecast_cli.features.windows import WindowShape, ahead_width, channel_count
from forecast_cli.models.network.plan import TrainingPlan
from forecast_cli.models.network.regimes import WEEKS_PER_YEAR, Traits
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.heads import DEFAULT_HEAD
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import AUTO_CALENDAR, NO_CALENDAR, ModelConfig, TrainConfig
from forecast_cli.panel.calendar import calendar_of
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

CONTEXT_SEASONS = 5
"""The length of the context (the last points that a forecast depends on), in lengths of the longest season: five years
of daily values with a yearly season."""

LOW_RATE, HIGH_RATE, RATE_TIMES_STEPS = 0.002, 0.008, 14.4
"""The learning rate is RATE_TIMES_STEPS / number of training steps, but at least LOW_RATE and at most HIGH_RATE."""

MAX_STEPS_PER_EPOCH = 1800
DRIVERS_FACTOR, STEPS_WITH_DRIVERS = 4, 3600
"""A network that gets covariates, the calendar or other series has more to learn from the same windows. Its number of
training steps is multiplied by DRIVERS_FACTOR, but this does not raise it above STEPS_WITH_DRIVERS over all epochs,
with the preset standard."""
MAX_JOINT = 50
"""The largest number of series that a network forecasts jointly: its inputs grow with them."""

YEARLY_HORIZON, UNDATED_HORIZON, WEEKLY_HORIZON = 6, 8, 13
HORIZON_OF_MONTHS = {1: 18, 3: 8}
"""Months in a step -> default horizon in steps: 18 months, 8 quarters, as in the M competitions."""


@dataclass(frozen=True)
class Effort:
    """How much time a preset (fast, standard, best) spends.

    Times are estimates for one core. They do not depend on the machine.

    members:     the number of networks that are trained in parallel is multiplied by this
    steps:       the number of training steps is multiplied by this
    comparison:  seconds for each statistical method that the model is compared with on the holdout; a method that needs
                 more forecasts only some of the series
    selection:   seconds for each statistical method that `auto` compares, over all cutoffs; a method that needs more is
                 left out
    blend:       seconds for each statistical method of a blend; a method that needs more is left out
    origins:     about how many earlier origins the model forecasts from, to know its errors for the intervals
    """

    members: float
    steps: float
    comparison: float
    selection: float
    blend: float
    origins: int


EFFORTS = {
    "fast": Effort(1 / 3, 1 / 8, 1, 1, 6, 8),
    "standard": Effort(1, 1, 10, 10, 20, 24),
    "best": Effort(3, 2, 10, 60, 300, 24),
}


@dataclass(frozen=True)
class Recipe:
    """All settings of a network and its training.

    spec:             the settings of the network
    shape:            the size of its windows
    plan:             how long and how fast it is trained
    validation_size:  the number of last steps of each series that decide which epoch was best
    context_size:     the number of last points of each series that a forecast depends on; a bundle keeps them
    min_history:      the smallest number of points up to an origin of training; less in short series
    """

    spec: NetworkSpec
    shape: WindowShape
    plan: TrainingPlan
    validation_size: int
    context_size: int
    min_history: int


def default_horizon(panel: Panel) -> int:
    """The horizon if the user sets none, in steps. Frequency and season decide it: 18 for months, 8 for quarters."""
    calendar, season = calendar_of(panel.freq), panel.season_length
    if calendar.unit == "step":
        return max(UNDATED_HORIZON, season)
    if calendar.unit == "month":
        return HORIZON_OF_MONTHS.get(calendar.step, YEARLY_HORIZON)
    if calendar.cycle and calendar.cycle.period != "week":
        return season
    if calendar.unit == "ns" and season == WEEKS_PER_YEAR:
        return WEEKLY_HORIZON
    return 2 * season if season > 1 else 14


def choose(topology: str, panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
    """The recipe for a network: options that the user set are kept, the others are chosen from the panel.

    topology:        the name of the topology, such as "lstm"
    model, training: the options of the user; an option that is None was not set
    """
    traits = Traits.of(panel)
    data, regime, size = traits.data, traits.regime, traits.size
    horizon = training.horizon or default_horizon(panel)
    input_size = _input_size(model.input_size, traits)
    usual_output = min(horizon, 2 * data.season) if data.season > 1 else horizon
    usual_season = max((length for length in panel.long_seasons if data.longest > length), default=0.0)
    covariates = learnable(panel)
    row = TOPOLOGIES[topology]
    whole_horizon = row.whole_horizon or model.joint
    output_size = model.output_size or (not whole_horizon and size.output_size) or usual_output
    shape = WindowShape(
        input_size=input_size,
        output_size=output_size,
        level_size=min(input_size, data.season if regime.patched else max(1, data.season // 2)),
        deseasonalise=not regime.patched,
        long_run=size.long_run and not regime.patched,
        long_seasons=estimated_seasons(panel),
        usual_season=usual_season,
        follows_year=regime.patched and usual_season > 0 and not covariates,
        knows_idle=data.season > 1 and not covariates,
        covariates=covariates,
        calendar=_calendar_parts(panel, model),
        joint=_joint_ids(panel, model),
    )
    spec = NetworkSpec(
        topology=topology,
        input_size=input_size,
        channels=channel_count(shape, data.season),
        output_size=output_size,
        units=model.units or (size.units or regime.units,) * (row.layers or size.layers or regime.layers),
        dropout=model.dropout if model.dropout is not None else size.dropout,
        patch_size=data.season if regime.patched else 1,
        members=max(1, round(EFFORTS[training.preset].members * regime.members)),
        highway=regime.highway,
        long_run=long_run.FEATURES if shape.long_run else 0,
        ahead=ahead_width(shape, data.season),
        head=model.head or DEFAULT_HEAD,
    )
    return Recipe(
        spec=spec,
        shape=shape,
        plan=_plan(training, traits, has_drivers=shape.has_drivers or bool(shape.joint)),
        validation_size=max(output_size, data.season),
        context_size=max(shape.recent_size(data.season), math.ceil(CONTEXT_SEASONS * usual_season)),
        min_history=input_size if regime.patched else traits.min_history,
    )


def _calendar_parts(panel: Panel, model: ModelConfig) -> tuple[str, ...]:
    """The parts of the calendar that the network gets: those that the user named, then the holidays.

    If the user named none: `auto_parts` if there are covariates or holidays, otherwise no parts.

    Raises UsageError if a named part has no meaning for the frequency.
    """
    holidays = holiday_parts(model.holidays, panel.freq)
    named = model.calendar
    if named is None:
        named = (AUTO_CALENDAR,) if panel.covariates or holidays else (NO_CALENDAR,)
    if named == (AUTO_CALENDAR,):
        return (*auto_parts(panel.freq), *holidays)
    parts = () if named == (NO_CALENDAR,) else named
    possible = parts_for_frequency(panel.freq)
    if unfit := [part for part in parts if part not in possible]:
        raise UsageError(
            f"{', '.join(unfit)}: has no meaning for the frequency {panel.freq}.",
            f"Use {AUTO_CALENDAR}{' or some of ' + ', '.join(possible) if possible else ' or ' + NO_CALENDAR}.",
            option="calendar",
        )
    return (*parts, *holidays)


def _joint_ids(panel: Panel, model: ModelConfig) -> tuple[str, ...]:
    """The ids of the series that are forecast jointly; none if each is forecast by itself.

    Raises UsageError if the user asks for joint forecasts and the panel has fewer than 2 series or more than MAX_JOINT.
    """
    if not model.joint:
        return ()
    if not 2 <= len(panel) <= MAX_JOINT:
        raise UsageError(
            f"needs 2 to {MAX_JOINT} series, and the data have {len(panel)}.",
            "Leave the option out.",
            option="joint",
        )
    return tuple(panel.ids.tolist())


def _input_size(given: int | None, traits: Traits) -> int:
    data, regime, size = traits.data, traits.regime, traits.size
    if given is None:
        without_season = size.input_size_without_season if data.season == 1 else None
        return without_season or regime.input_size(data)
    if regime.patched and given % data.season:
        rounded = given + data.season - given % data.season
        log.info("Input size %d is rounded up to %d, a multiple of the season length %d.", given, rounded, data.season)
        return rounded
    return given


def _plan(training: TrainConfig, traits: Traits, *, has_drivers: bool) -> TrainingPlan:
    size, regime = traits.size, traits.regime
    batch_size = training.batch_size or size.batch_size
    epochs = training.epochs or size.epochs
    effort = EFFORTS[training.preset].steps
    steps = round(np.clip(effort * traits.windows / batch_size, regime.min_steps, effort * MAX_STEPS_PER_EPOCH))
    if has_drivers:
        steps = max(steps, min(DRIVERS_FACTOR * steps, round(effort * STEPS_WITH_DRIVERS / epochs)))
    rate = float(np.clip(RATE_TIMES_STEPS / (epochs * steps), LOW_RATE, HIGH_RATE))
    return TrainingPlan(
        epochs=epochs,
        steps_per_epoch=steps,
        batch_size=batch_size,
        learning_rate=training.learning_rate or (LOW_RATE if size.low_rate or regime.low_rate else rate),
        clip_norm=training.clip_norm or 1.0,
        loss=training.loss or "mae",
        seed=training.seed,
    )
