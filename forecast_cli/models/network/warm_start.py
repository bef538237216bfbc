"""Warm start: the network of an earlier model trained further on new data, in a fraction of the time.

The earlier network is taken in its state before it learned its holdout. So the present holdout is unknown to it too,
and the scores stay honest, however often a model is continued.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from forecast_cli.bundle import load
from forecast_cli.errors import DataError, UsageError, mention
from forecast_cli.models.card import Description, ModelCard
from forecast_cli.models.network.defaults import Recipe, choose
from forecast_cli.models.network.training import FITTED_FILE, WEIGHTS_FILE, State
from forecast_cli.option_fields import as_typed
from forecast_cli.options import ModelConfig, TrainConfig
from forecast_cli.panel.calendar import resampling_hint, same_steps
from forecast_cli.panel.panel import Panel

STEPS_FRACTION, RATE_FRACTION = 0.1, 0.5
"""Number of steps and learning rate of a warm start, as fractions of those of a new training."""


@dataclass(frozen=True)
class EarlierNetwork:
    """What is taken over from a bundle; freq and season_length are those of its data."""

    directory: Path
    description: Description
    horizon: int
    freq: str
    season_length: int
    state: State

    @classmethod
    def read(cls, directory: Path) -> EarlierNetwork:
        """Raises ModelError where there is no valid model.

        The final weights are taken where the bundle does not have those from before the holdout was learned.
        """
        bundle = load(directory, (FITTED_FILE, WEIGHTS_FILE))
        card = ModelCard.of(bundle)
        if FITTED_FILE in bundle.contents:
            state = State(bundle.read(FITTED_FILE), card.description.fitted_to or card.data.last)
        else:
            state = State(bundle.read(WEIGHTS_FILE), card.data.last)
        return cls(directory, card.description, card.horizon, card.data.freq, card.data.season_length, state)

    def recipe(self, topology: str, panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
        """The recipe to continue with: network and windows as they are, a shorter plan chosen for the new data.

        Raises UsageError for options that ask for another network, DataError where the panel has other steps or
        another season than the network knows.
        """
        self._check_options(topology, model)
        self._check_data(panel)
        chosen = choose(topology, panel, ModelConfig(), training)
        plan = replace(
            chosen.plan,
            steps_per_epoch=max(1, round(STEPS_FRACTION * chosen.plan.steps_per_epoch)),
            learning_rate=training.learning_rate or RATE_FRACTION * chosen.plan.learning_rate,
        )
        shape = self.description.windows
        return Recipe(
            spec=self.description.network,
            shape=shape,
            plan=plan,
            validation_size=max(shape.output_size, self.season_length),
            context_size=self.description.context_size,
            min_history=chosen.min_history if shape.deseasonalise else shape.input_size,
        )

    def _check_options(self, topology: str, model: ModelConfig) -> None:
        spec = self.description.network
        compared = {
            "model": (topology, spec.topology),
            "units": (model.units, spec.units),
            "dropout": (model.dropout, spec.dropout),
            "input-size": (model.input_size, spec.input_size),
            "output-size": (model.output_size, spec.output_size),
        }
        for option, (given, existing) in compared.items():
            if given not in (None, existing):
                raise UsageError(
                    f"{as_typed(given)}: the network in {self.directory} has {as_typed(existing)}, and "
                    f"{mention('warm-start')} continues that network.",
                    "Leave out one of the two options.",
                    option=option,
                )

    def _check_data(self, panel: Panel) -> None:
        if not same_steps(panel.freq, self.freq):
            raise DataError(
                f"The data have the frequency {panel.freq}, the model in {self.directory} was trained on {self.freq}.",
                f"Give data of that frequency{resampling_hint(panel.freq, self.freq)}, or train without "
                f"{mention('warm-start')}.",
            )
        if panel.season_length != self.season_length:
            raise DataError(
                f"The data have a season of {panel.season_length}, the model in {self.directory} was trained with "
                f"{self.season_length}.",
                f"Give {mention('season', self.season_length)}, or train without {mention('warm-start')}.",
            )
