"""Search for better options of a network than the defaults, and write them to a file of settings."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_cli import __version__
from forecast_cli.activity import doing
from forecast_cli.errors import DataError, Terminated, UsageError, mention
from forecast_cli.files import atomic_write
from forecast_cli.model_names import DEFAULT_NETWORK
from forecast_cli.option_types import Duration
from forecast_cli.options import ModelConfig, ReadConfig, TrainConfig, TuneConfig
from forecast_cli.panel.describe import fingerprint
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel
from forecast_cli.words import counted

if TYPE_CHECKING:
    from forecast_cli.tuning.scoring import Split
    from forecast_cli.tuning.search import OnProgress, Search
    from forecast_cli.tuning.space import Space
    from forecast_cli.tuning.trials import Trial

log = logging.getLogger(__name__)

LIBRARIES = ("keras", "keras-tuner", "numpy")
"""Libraries whose versions change the results of trials. The backend of Keras, such as TensorFlow, is added to them."""

HYPERBAND_EPOCHS_FACTOR = 2
"""The epochs of the longest trainings of Hyperband, as a multiple of the default number of epochs."""


@dataclass(frozen=True)
class TuneRequest:
    """What to tune.

    read:             options for reading the data
    model, training:  the options that the user gave; all others are searched or have their defaults
    config:           the model to tune, the time budget, and how the options of trials are proposed
    output:           the file of settings to write
    """

    read: ReadConfig
    model: ModelConfig
    training: TrainConfig
    config: TuneConfig
    output: Path

    @property
    def name(self) -> str:
        """The name of the model to tune."""
        return self.config.name or DEFAULT_NETWORK


@dataclass(frozen=True)
class Tuning:
    """The result of a tuning.

    output:    the file of settings that was written
    horizon:   number of steps that each fold forecasts
    metric:    the name of the metric of all errors, such as "mase"
    folds:     number of folds that a complete trial was scored on
    space:     the options that were searched, with the defaults for these data
    trials:    in the order of their numbers; trial 0 has the defaults
    verdict:   a sentence on the errors of the best trial and of the defaults on the last steps
    """

    output: Path
    model: str
    horizon: int
    metric: str
    folds: int
    space: Space
    trials: list[Trial]
    verdict: str

    @property
    def defaults(self) -> Trial:
        return self.trials[0]

    @property
    def best(self) -> Trial:
        from forecast_cli.tuning.trials import best_of

        return best_of(self.trials)


def tune(source: str, request: TuneRequest, report: OnProgress) -> Tuning:
    """Read a file, score trials until the budget is spent, and write the options of the best trial.

    Trials are not compared on the last steps of each series. Only the best trial and the defaults are scored on these.
    Finished trials are saved in a folder next to the output file. A later call with the same request continues from
    them. The tuning ends earlier after `config.trials` trials, or if no new options are found.

    source:  the file with the data
    report:  is called as the tuning proceeds

    Raises UsageError for a model without a network, for a budget that is too small for the defaults and one more trial,
    and if there are trials of another tuning; DataError if the series are too short for two folds.
    """
    from forecast_cli.tuning.clock import Clock
    from forecast_cli.tuning.folder import TrialFolder
    from forecast_cli.tuning.scoring import Scorer
    from forecast_cli.tuning.search import Search
    from forecast_cli.tuning.verdict import verdict

    clock = Clock(request.config.budget.total_seconds())
    _check_network(request.name)
    panel = read_panel(source, request.read)
    split = _split(panel, request)
    training = replace(request.training, horizon=split.horizon)
    space, epochs = _space(split, request, training)
    with TrialFolder.locked(request.output) as folder:
        trials = folder.open(_key(panel, split, space, request), request.config.overwrite)
        clock.spent = sum(trial.total_seconds for trial in trials)
        search = Search(split, Scorer(request.name, request.model, training, clock), clock, trials, folder.keep, report)
        with _resumable(trials, folder.path):
            _run(search, space, folder.path, request, epochs)
            search.score_best()
        tuning = Tuning(
            output=request.output,
            model=request.name,
            horizon=split.horizon,
            metric=split.metric,
            folds=len(split.folds),
            space=space,
            trials=trials,
            verdict=verdict(trials, split.metric, split.horizon, request.output),
        )
        _write(tuning, source, request)
    return tuning


@contextmanager
def _resumable(trials: list[Trial], folder: Path) -> Iterator[None]:
    """Log how many finished trials a tuning continues from; if it is interrupted, log how to continue it."""
    try:
        if trials:
            log.info("Going on after %s in %s.", counted(len(trials), "finished trial"), folder)
        yield
    except (KeyboardInterrupt, Terminated):
        if trials:
            kept = counted(len(trials), "finished trial is", "finished trials are")
            log.warning("%s kept in %s: the same command goes on with them.", kept, folder)
        raise


def _check_network(name: str) -> None:
    from forecast_cli.models.table import row_of

    if not row_of(name).has_network:
        raise UsageError(
            f"{name}: the model has no network, and its method chooses its own parameters.",
            "Give a model with a network, such as lstm.",
            option="model",
        )


def _split(panel: Panel, request: TuneRequest) -> Split:
    """Split the data into the folds of a tuning. Raises DataError if the series are too short."""
    from forecast_cli.evaluation.folds import log_different_ends
    from forecast_cli.models.network.defaults import default_horizon
    from forecast_cli.tuning.scoring import Split, longest_horizon

    usual, longest = default_horizon(panel), longest_horizon(panel)
    horizon = request.training.horizon or max(1, min(usual, longest))
    if horizon > longest:
        raise _too_short(panel, horizon, longest)
    split = Split.of(panel, horizon)
    if not request.training.horizon and horizon < usual:
        log.info("Tuning for %s ahead: the series are too short to score %d.", counted(horizon, "step"), usual)
    log_different_ends(panel)
    return split


def _too_short(panel: Panel, horizon: int, longest: int) -> DataError:
    from forecast_cli.tuning.scoring import MIN_FOLDS, length_needed

    return DataError(
        f"The longest series has {counted(int(panel.lengths.max()), 'point')}; tuning with horizon {horizon} needs "
        f"{length_needed(panel, horizon)}: for {MIN_FOLDS} cutoffs, and for the last steps, which no trial may see.",
        f"Give {mention('horizon', longest)} or less, or more data." if longest else "Give more data.",
    )


def _space(split: Split, request: TuneRequest, training: TrainConfig) -> tuple[Space, int]:
    """Return the options to search, and the most epochs that Hyperband may train a trial for.

    Hyperband chooses the epochs of each trial itself, up to this number. Other searches do not use it.

    Raises UsageError if there is nothing to search; with Hyperband, the option `epochs` alone does not count.
    """
    from forecast_cli.models.network.defaults import choose
    from forecast_cli.tuning.space import space_of, topology_of

    recipe = choose(topology_of(request.name), split.outer.past, request.model, training)
    space = space_of(recipe, split.folds[0].past, request.model, training)
    if not any(each.name != "epochs" or request.config.oracle != "hyperband" for each in space):
        raise UsageError(
            "There is nothing to search: every option of the network is given.",
            f"Leave out some of them, such as {mention('units')}.",
        )
    return space, training.epochs or HYPERBAND_EPOCHS_FACTOR * recipe.plan.epochs


def _key(panel: Panel, split: Split, space: Space, request: TuneRequest) -> dict[str, dict[str, object]]:
    """What the trials depend on: data, options, search space, versions. A tuning reuses trials with the same key."""
    from forecast_cli.tuning.settings import given_options

    options = {
        **given_options(request.model, request.training),
        "model": request.name,
        "horizon": split.horizon,
        "oracle": request.config.oracle,
        "seed": request.training.seed,
    }
    libraries = (*LIBRARIES, os.environ.get("KERAS_BACKEND", "tensorflow"))
    return {
        "data": {"values": fingerprint(panel), "season": panel.season_length},
        "options": options,
        "search space": {each.name: repr(each) for each in space},
        "versions": {"forecast": __version__, **{name: version(name) for name in libraries}},
    }


def _run(search: Search, space: Space, folder: Path, request: TuneRequest, epochs: int) -> None:
    """Run trial 0, which has the defaults, and then further trials.

    Raises UsageError if the budget is too small for the defaults and one more trial, DataError if the model cannot be
    trained with the defaults.
    """
    from forecast_cli.models.network.keras_runtime import import_keras
    from forecast_cli.tuning.clock import OutOfTime

    doing("Loading Keras Tuner")
    import_keras()
    from forecast_cli.tuning.tuner import run_trials

    try:
        search.run(0, {})
        if search.trials[0].error is None:
            raise DataError("The model cannot be trained with the defaults; the warning above says why.")
        if len(search.trials) == 1 and not search.has_time:
            raise _too_little_time(search.clock.elapsed + search.seconds_needed, request.config.budget)
        seed, config = request.training.seed, request.config
        run_trials(config.oracle, search, space, folder, seed=seed, trials=config.trials, epochs=epochs)
    except OutOfTime:
        if len(search.trials) == 0:
            raise _too_little_time(search.seconds_expected, request.config.budget) from None
        log.debug("The budget ended during a trial, which is not kept.")


def _too_little_time(needed: float | None, budget: timedelta) -> UsageError:
    """The error for a budget that is too small.

    needed: the seconds for the defaults and one more trial; None if unknown
    """
    hint = "Not even one training with the defaults ended. Give several times as much."
    if needed is not None:
        enough = timedelta(seconds=10 * ceil(needed / 10) if needed < 120 else 60 * ceil(needed / 60))
        hint = f"Give about {mention('budget', Duration.text(enough))} or more."
    return UsageError(
        f"{Duration.text(budget)}: too little time for the defaults and one trial.", hint, option="budget"
    )


def _write(tuning: Tuning, source: str, request: TuneRequest) -> None:
    """Write the file of settings: the options that the user gave, and those of the best trial."""
    from forecast_cli.evaluation.metrics import METRICS
    from forecast_cli.tuning.settings import given_options, settings_text
    from forecast_cli.tuning.space import applied

    heading, best = METRICS[tuning.metric].heading, tuning.best
    trials = len(tuning.trials) - 1
    errors = f"{best.error:.3f}, with the defaults {tuning.defaults.error:.3f}"
    notes = [
        f"Options for {' '.join(source.split())}: trial {best.number} of {trials} of forecast tune.",
        f"{heading} of {tuning.model} at {counted(tuning.folds, 'cutoff')}: {errors}.",
        tuning.verdict,
    ]
    options = given_options(request.read, *applied(best.options, request.model, request.training))
    with atomic_write(request.output) as temporary:
        text = settings_text(request.config.name, options, notes)
        temporary.write_text(text, encoding="utf-8", newline="\n")
    log.info("Wrote %s. Use it: forecast train %s %s", request.output, source, mention("config", request.output))
