"""Warm start: the network of an earlier model is trained further on new data. This takes a fraction of the time.

The training starts from the weights that the earlier network had before it was trained on its own holdout. If the new
holdout does not begin before the earlier holdout, these weights do not depend on the new one, and the scores of the new
model are valid. This is also true after several warm starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from forecast_cli.errors import DataError, UsageError, mention
from forecast_cli.evaluation.choice import Choice
from forecast_cli.features.calendar_channels import HOLIDAYS
from forecast_cli.features.windows import WindowShape
from forecast_cli.models.description import Smoothing, TreePart
from forecast_cli.models.network.defaults import Recipe, choose
from forecast_cli.models.network.trained import State
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.option_fields import as_typed
from forecast_cli.options import AUTO_CALENDAR, NO_CALENDAR, ModelConfig, TrainConfig
from forecast_cli.panel.calendar import resampling_hint, same_steps
from forecast_cli.panel.covariates import Covariate
from forecast_cli.panel.panel import Panel

STEPS_FRACTION, RATE_FRACTION = 0.1, 0.5
"""The number of steps and the learning rate of a warm start, as fractions of those of a new training."""


@dataclass(frozen=True)
class EarlierNetwork:
    """The network of an earlier model, and how it was combined with other methods.

    directory:    the directory of the earlier model
    name:         the name of the earlier model
    spec:         the settings of the network
    shape:        the size of its windows
    context_size: the number of last points of each series that a forecast depends on
    smoothing:    how the network was combined with smoothing; None if it was not
    choice:       the result of the selection by `auto`; None if the earlier model is not `auto`
    trees:        how trees corrected the network; None if the model has no trees
    tree_file:    the trees, as the bytes of an ONNX file; None if the bundle has none
    horizon:      the number of steps that the earlier model was trained for
    freq, season_length, covariates:  of the data that the earlier model was trained on
    state:        the weights from which the new training starts
    """

    directory: Path
    name: str
    spec: NetworkSpec
    shape: WindowShape
    context_size: int
    smoothing: Smoothing | None
    choice: Choice | None
    trees: TreePart | None
    tree_file: bytes | None
    horizon: int
    freq: str
    season_length: int
    covariates: tuple[Covariate, ...]
    state: State

    def recipe(self, topology: str, panel: Panel, model: ModelConfig, training: TrainConfig) -> Recipe:
        """The recipe for a warm start: the same network and windows, but a shorter training.

        topology:        the name of the topology, such as "lstm"
        panel:           the new data
        model, training: the options of the user; an option that is None was not set

        Raises UsageError if an option does not fit the network, and DataError if the panel has another frequency,
        season length or other covariates than the earlier data, or a series that a joint network does not know.
        """
        self._check_options(topology, model)
        self._check_calendar(model)
        self._check_data(panel)
        self._check_covariates(panel)
        self._check_joint(panel, model)
        chosen = choose(topology, panel, ModelConfig(), training)
        plan = replace(
            chosen.plan,
            steps_per_epoch=max(1, round(STEPS_FRACTION * chosen.plan.steps_per_epoch)),
            learning_rate=training.learning_rate or RATE_FRACTION * chosen.plan.learning_rate,
        )
        return Recipe(
            spec=self.spec,
            shape=self.shape,
            plan=plan,
            validation_size=max(self.shape.output_size, self.season_length),
            context_size=self.context_size,
            min_history=chosen.min_history if self.shape.deseasonalise else self.shape.input_size,
        )

    def _check_options(self, topology: str, model: ModelConfig) -> None:
        spec = self.spec
        compared = {
            "model": (topology, spec.topology),
            "units": (model.units, spec.units),
            "dropout": (model.dropout, spec.dropout),
            "input-size": (model.input_size, spec.input_size),
            "output-size": (model.output_size, spec.output_size),
            "head": (model.head, spec.head),
        }
        for option, (given, existing) in compared.items():
            if given not in (None, existing):
                raise self._conflict(
                    option, f"{as_typed(given)}: the network in {self.directory} has {as_typed(existing)}"
                )

    def _conflict(self, option: str, problem: str) -> UsageError:
        """The error for an option whose value differs from the settings of the earlier network.

        problem: the beginning of the message; it says what differs
        """
        message = f"{problem}, and {mention('warm-start')} continues that network."
        return UsageError(message, "Leave out one of the two options.", option=option)

    def _check_calendar(self, model: ModelConfig) -> None:
        holidays = tuple(part.removeprefix(HOLIDAYS) for part in self.shape.calendar if part.startswith(HOLIDAYS))
        parts = tuple(part for part in self.shape.calendar if not part.startswith(HOLIDAYS))
        named = None if model.calendar in (None, (AUTO_CALENDAR,)) else set(model.calendar or ()) - {NO_CALENDAR}
        for option, asked, matches, seen in (
            ("calendar", model.calendar, named in (None, set(parts)), parts),
            ("holidays", model.holidays, set(model.holidays) <= set(holidays), holidays),
        ):
            if not matches:
                known = as_typed(seen) or "none"
                raise self._conflict(option, f"{as_typed(asked)}: the network in {self.directory} sees {known}")

    def _check_covariates(self, panel: Panel) -> None:
        """Raise DataError if the covariates of the panel differ from those of the earlier data.

        They differ if one is missing or new, has another kind, or has numbers in one data set and texts in the other.
        """
        given, known = ({c.name: c for c in columns} for columns in (_columns(panel), self.covariates))
        for name in [*known, *given]:
            one, other = given.get(name), known.get(name)
            if one is None:
                problem = f"The data have no covariate '{name}', and the model in {self.directory} was trained with it."
            elif other is None:
                problem = f"The model in {self.directory} was trained without the covariate '{name}'."
            elif one.kind != other.kind:
                problem = f"The covariate '{name}' has another kind in the model in {self.directory}: {other.kind}."
            elif (one.categories is None) != (other.categories is None):
                words = "numbers" if other.categories is None else "words"
                problem = f"The covariate '{name}' had {words} when the model in {self.directory} was trained."
            else:
                continue
            raise DataError(problem, f"Give the same covariates, or train without {mention('warm-start')}.")

    def _check_joint(self, panel: Panel, model: ModelConfig) -> None:
        """Check whether the earlier network is joint (forecasts several series together), and for which series.

        Raises UsageError if the option `joint` is set and the network is not joint. Raises DataError if it is joint and
        the panel has a series that it does not know.
        """
        known = set(self.shape.joint)
        if model.joint and not known:
            problem = f"cannot be used: the network in {self.directory} forecasts each series by itself"
            raise self._conflict("joint", problem)
        unknown = next((name for name in panel.ids.tolist() if known and name not in known), None)
        if unknown is not None:
            raise DataError(
                f"Series '{unknown}' is not one of those that the network in {self.directory} forecasts jointly.",
                f"Leave the series out, or train without {mention('warm-start')}.",
            )

    def _check_data(self, panel: Panel) -> None:
        if not same_steps(panel.freq, self.freq):
            raise DataError(
                f"The data have the frequency {panel.freq}, the model in {self.directory} was trained on {self.freq}.",
                f"Give data of that frequency{resampling_hint(panel.freq, self.freq)}, or train without "
                f"{mention('warm-start')}.",
            )
        if panel.season_length != self.season_length and not panel.season_found:
            raise DataError(
                f"The data have a season of {panel.season_length}, the model in {self.directory} was trained with "
                f"{self.season_length}.",
                f"Give {mention('season', self.season_length)}, or train without {mention('warm-start')}.",
            )


def _columns(panel: Panel) -> tuple[Covariate, ...]:
    return panel.covariates.columns if panel.covariates else ()
