"""Let Keras Tuner propose the options of trials, and run them. Call `import_keras` before this module is imported.

Keras Tuner writes no files here. A proposal depends only on the seed, the number of the trial, and the trials before
it. So a tuning can continue from its finished trials alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner import oracles
from threadpoolctl import threadpool_limits

from forecast_cli.networks.search import Range
from forecast_cli.tuning.search import Search
from forecast_cli.tuning.space import Dimension, Space, rounded
from forecast_cli.tuning.trials import Given

OBJECTIVE = "error"

RANDOM_TRIALS = 8
"""Number of trials with random options before Bayesian optimization begins."""

SEEDS_PER_TRIAL = 10_000
"""The distance between the seeds of two trials. A proposal uses fewer random numbers, so no two trials use the same."""

EPOCHS, HYPERBAND_EPOCHS = "epochs", "tuner/epochs"

STOP = {"status": "STOPPED"}


class Proposals:
    """A mixin for an oracle of Keras Tuner, the object that proposes the options of trials. List it before the oracle.

    It starts with the defaults, takes finished trials from `search`, stops when too little time is left, and saves
    nothing.

    search:      runs the trials
    replays:     whether the state of the oracle depends on its own earlier proposals. If so, it computes the proposals
                 of finished trials a second time
    """

    search: Search
    replays = False

    def populate_space(self: Any, trial_id: str) -> dict[str, Any]:
        """The options of a trial as Keras Tuner expects them: {"status": ..., "values": {name: value}}; or STOP.

        trial_id: the number of the trial, as text
        """
        number = int(trial_id)
        known = self.search.known(number)
        if number == 0:
            return {"status": "RUNNING", "values": {hp.name: hp.default for hp in self.hyperparameters.space}}
        if known is None and not self.search.has_time:
            return STOP
        if known is not None and not self.replays:
            return {"status": "RUNNING", "values": dict(known.options)}
        self._seed_state = SEEDS_PER_TRIAL * (number + SEEDS_PER_TRIAL * self.seed)
        proposed: dict[str, Any] = self._propose(trial_id)
        return {**proposed, "values": proposed.get("values") and rounded(proposed["values"])}

    def _propose(self, trial_id: str) -> dict[str, Any]:
        proposed: dict[str, Any] = super().populate_space(trial_id)  # type: ignore[misc]
        return proposed

    def save(self) -> None:
        """Write nothing."""

    def _save_trial(self, trial: Any) -> None:
        """Write nothing."""


class RandomProposals(Proposals, oracles.RandomSearchOracle):  # type: ignore[misc]
    """Proposes random options."""


class BayesianProposals(Proposals, oracles.BayesianOptimizationOracle):  # type: ignore[misc]
    """Proposes options for which a Gaussian process, fitted to the trials, predicts a low error or much uncertainty."""

    def _propose(self, trial_id: str) -> dict[str, Any]:
        self._random_state = np.random.RandomState([self.seed, int(trial_id)])
        with threadpool_limits(1):  # for matrices as small as these, several threads take three times as long
            proposed = super()._propose(trial_id)
        if proposed["status"] == "RUNNING" and self._duplicate(rounded(proposed["values"])):
            return dict(self._random_populate_space())
        return proposed


class HyperbandProposals(Proposals, oracles.HyperbandOracle):  # type: ignore[misc]
    """Proposes many trials with few epochs, and then the better ones of them again with more epochs."""

    replays = True


class TrialRunner(keras_tuner.Tuner):  # type: ignore[misc]
    """Runs each proposed trial by calling `run` of the `Search` that its oracle has."""

    def run_trial(self, trial: Any) -> dict[str, float]:
        """Run a trial and return {"error": its mean error}; NaN if the model failed.

        Every exception becomes a FatalError, which ends the whole search. After any other exception, Keras Tuner would
        go on with the next trial.
        """
        try:
            return {OBJECTIVE: self.oracle.search.run(int(trial.trial_id), _options(trial))}
        except Exception as error:
            raise keras_tuner.errors.FatalError from error

    def save(self) -> None:
        """Write nothing."""


def run_trials(oracle: str, search: Search, space: Space, folder: Path, *, seed: int, trials: int, epochs: int) -> None:
    """Run trials until no time for another is left, or `trials` have run, or no new options are found.

    oracle:  a name in `options.ORACLES`
    search:  runs the trials; finished trials count
    space:   the options to search
    folder:  an existing folder; nothing is written there
    seed:    of the random numbers of the proposals
    trials:  the largest number of trials, without trial 0, the defaults
    epochs:  with Hyperband, the epochs of the longest trainings

    Raises OutOfTime if the time ends during a trial.
    """
    common: dict[str, Any] = {
        "objective": keras_tuner.Objective(OBJECTIVE, "min"),
        "hyperparameters": _hyperparameters(each for each in space if oracle != "hyperband" or each.name != EPOCHS),
        "seed": seed + 1,  # with 0, Keras Tuner takes a random seed
        "max_consecutive_failed_trials": None,
    }
    match oracle:
        case "random":
            proposals: Any = RandomProposals(**common)
        case "bayesian":
            proposals = BayesianProposals(num_initial_points=RANDOM_TRIALS, **common)
        case _:
            proposals = HyperbandProposals(max_epochs=epochs, hyperband_iterations=None, **common)
    proposals.search = search
    proposals.max_trials = trials + 1
    proposals.verbose = 0
    try:
        TrialRunner(proposals, directory=folder, project_name=".").search()
    except keras_tuner.errors.FatalError as error:
        raise error.__cause__ or error from None


def _hyperparameters(space: Iterable[Dimension]) -> Any:
    parameters = keras_tuner.HyperParameters()
    for dimension in space:
        name, default, candidates = dimension.name, dimension.default, dimension.candidates
        if isinstance(candidates, Range):
            parameters.Float(name, candidates.low, candidates.high, sampling="log", default=default)
        else:
            parameters.Choice(name, list(candidates), default=default)
    return parameters


def _options(trial: Any) -> Mapping[str, Given]:
    """The options of a trial; none for trial 0, whose defaults depend on the data of each fold."""
    values = trial.hyperparameters.values
    if int(trial.trial_id) == 0:
        return {}
    options = {name: value for name, value in values.items() if not name.startswith("tuner/")}
    return options | ({EPOCHS: values[HYPERBAND_EPOCHS]} if HYPERBAND_EPOCHS in values else {})
