"""Continuing an earlier model on new data: its network and its windows, in a fraction of the time.

The earlier network is taken as it was before it learned any step that it was tried on. So those that are held out now
are unknown to it too, and the table stays honest, however often a model is continued.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from forecast_cli.bundle import load
from forecast_cli.errors import DataError, ForecastError, ModelError, UsageError, mention
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.combined.smoothed import Smoothing
from forecast_cli.models.network.defaults import Recipe, choose
from forecast_cli.models.network.model import Start
from forecast_cli.models.saved import FITTED, WEIGHTS, network_spec
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.calendar import brought_to, same_steps
from forecast_cli.panel.panel import Panel

log = logging.getLogger(__name__)

STEPS_SHARE, RATE_SHARE = 0.1, 0.5
"""How long an earlier network goes on learning, and how fast, as shares of what a new one would do."""


@dataclass(frozen=True)
class EarlierModel:
    """What is taken over from a bundle; freq and season_length are those of its data."""

    directory: Path
    spec: NetworkSpec
    shape: WindowShape
    context_size: int
    smoothing: Smoothing
    horizon: int
    freq: str
    season_length: int
    start: Start

    @classmethod
    def read(cls, directory: Path) -> EarlierModel:
        """Raises ModelError where there is no valid model.

        Of a model that does not have its network as it was before it was tried, the final one is taken.
        """
        bundle = load(directory, (FITTED, WEIGHTS))
        model, data, training = (bundle.section(name, dict) for name in ("model", "data", "training"))
        untried = FITTED in bundle.contents
        try:
            return cls(
                directory,
                network_spec(model["network"]),
                WindowShape(**model["windows"]),
                model["context_size"],
                Smoothing(**model["smoothing"]),
                model["horizon"],
                data["freq"],
                data["season_length"],
                Start(bundle.read(FITTED if untried else WEIGHTS), training["fitted_to"] if untried else data["last"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{directory}: the parts of the model do not fit together ({error}).",
                f"Train it without {mention('warm-start')}.",
            ) from error

    def recipe(self, panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
        """How to go on learning from `panel`: network and windows as they are, the schedule by the new data.

        Raises what `check` does.
        """
        self.check(panel, model)
        chosen = choose(panel, ModelConfig(), training)
        schedule = replace(
            chosen.schedule,
            steps_per_epoch=max(1, round(STEPS_SHARE * chosen.schedule.steps_per_epoch)),
            learning_rate=training.learning_rate or RATE_SHARE * chosen.schedule.learning_rate,
        )
        season = self.season_length
        return Recipe(
            spec=self.spec,
            shape=self.shape,
            schedule=schedule,
            validation_size=max(self.shape.output_size, season),
            context_size=self.context_size,
            smoothing=self.smoothing,
            min_history=chosen.min_history if self.shape.deseasonalise else self.shape.input_size,
        )

    def check(self, panel: Panel, model: ModelConfig) -> None:
        """Whether the network can go on learning from `panel`.

        Raises UsageError for an option that asks for another network, DataError where the steps of the panel, or its
        season, are others than the network knows.
        """
        self._check_options(model)
        self._check_data(panel)

    def _check_options(self, model: ModelConfig) -> None:
        network = {
            "units": (model.units, self.spec.units),
            "dropout": (model.dropout, self.spec.dropout),
            "input-size": (model.input_size, self.spec.input_size),
            "output-size": (model.output_size, self.spec.output_size),
        }
        for option, (asked, is_now) in network.items():
            if asked not in (None, is_now):
                raise UsageError(
                    f"{_shown(asked)}: the network of {self.directory} has {_shown(is_now)}, and "
                    f"{mention('warm-start')} continues it.",
                    "Leave one of the two options out.",
                    option=option,
                )

    def _check_data(self, panel: Panel) -> None:
        if not same_steps(panel.freq, self.freq):
            raise DataError(
                f"The data have the frequency {panel.freq}, the model in {self.directory} knows {self.freq}.",
                f"Give data of that frequency{brought_to(panel.freq, self.freq)}, or train without {mention('warm-start')}.",
            )
        if panel.season_length != self.season_length:
            raise DataError(
                f"The data have a season of {panel.season_length}, the model in {self.directory} knows one of "
                f"{self.season_length}.",
                f"Give {mention('season', self.season_length)}, or train without {mention('warm-start')}.",
            )


def obstacle(directory: Path, panel: Panel, model: ModelConfig) -> str:
    """Why the model in `directory` cannot be continued on `panel` with the options of `model`; nothing if it can."""
    try:
        EarlierModel.read(directory).check(panel, model)
    except ForecastError as error:
        return error.message
    return ""


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
