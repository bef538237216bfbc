"""What Keras Tuner proposes: the same options in the same order for the same seed, also after an interruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from forecast_cli.models.network.keras_runtime import import_keras
from forecast_cli.networks.search import Range
from forecast_cli.options import ORACLES
from forecast_cli.tuning.space import Dimension
from forecast_cli.tuning.trials import Given, Trial

pytestmark = pytest.mark.slow

SPACE = (
    Dimension("units", "16", ("8", "16", "32", "32,32")),
    Dimension("dropout", 0.0, (0.0, 0.1, 0.2)),
    Dimension("learning-rate", 0.002, Range(0.0005, 0.02)),
)
EPOCHS = Dimension("epochs", 6, (3, 6, 12))


class Errors:
    """In place of a `Search`: the error of a trial follows from its options; every third one fails if that is asked."""

    def __init__(self, trials: Sequence[Trial] = (), most: int = 1000, failing: bool = False) -> None:
        self.trials, self.most, self.failing = list(trials), most, failing
        self.new: list[int] = []

    def known(self, number: int) -> Trial | None:
        return self.trials[number] if number < len(self.trials) else None

    @property
    def has_time(self) -> bool:
        return len(self.trials) < self.most

    def run(self, number: int, options: Mapping[str, Given]) -> float:
        if self.known(number) is None:
            self.new.append(number)
            error = float(options.get("learning-rate", 0.002)) + len(str(options.get("units", "")))
            self.trials.append(Trial(number, options, (error,), (1.0,), "complete"))
        return float("nan") if self.failing and number % 3 == 1 else self.trials[number].errors[0]


ENOUGH = {"bayesian": 9, "random": 10, "hyperband": 14}
"""Number of trials from which on each oracle learns from earlier ones."""


def run(
    oracle: str,
    search: Any,
    folder: Path,
    *,
    seed: int = 0,
    trials: int | None = None,
    space: Sequence[Dimension] = SPACE,
) -> list[Mapping[str, Given]]:
    import_keras()
    from forecast_cli.tuning.tuner import run_trials

    trials = trials or ENOUGH[oracle]
    run_trials(oracle, search, space, folder, seed=seed, trials=trials, epochs=12)
    return [trial.options for trial in search.trials]


@cache
def finished(oracle: str) -> Sequence[Trial]:
    """The trials of a whole search with seed 0, which is run once for all tests."""
    search = Errors()
    with TemporaryDirectory() as folder:
        run(oracle, search, Path(folder))
    return tuple(search.trials)


def options_of(trials: Sequence[Trial]) -> list[Mapping[str, Given]]:
    return [trial.options for trial in trials]


@pytest.mark.parametrize("oracle", ORACLES)
def test_the_same_seed_gives_the_same_trials_and_nothing_is_printed_or_written(
    oracle: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first = options_of(finished(oracle))
    capfd.readouterr()

    assert run(oracle, Errors(), tmp_path) == first
    assert run(oracle, Errors(), tmp_path, seed=1, trials=2) != first[:3]
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("oracle", ORACLES)
def test_after_an_interruption_the_same_trials_follow(oracle: str, tmp_path: Path) -> None:
    whole = finished(oracle)
    for number in (1, ENOUGH[oracle] - 1):
        rest = Errors(whole[:number])
        assert run(oracle, rest, tmp_path) == options_of(whole)
        assert rest.new == list(range(number, ENOUGH[oracle] + 1))


@pytest.mark.parametrize("oracle", ORACLES)
def test_trial_0_has_the_defaults_and_all_others_are_candidates(oracle: str) -> None:
    defaults, *others = options_of(finished(oracle))
    assert defaults == {}
    assert len(others) == ENOUGH[oracle]
    for options in others:
        assert options["units"] in ("8", "16", "32", "32,32")
        assert options["dropout"] in (0.0, 0.1, 0.2)
        assert 0.0005 <= float(options["learning-rate"]) <= 0.02
        assert options.keys() - {"units", "dropout", "learning-rate"} == (
            {"epochs"} if oracle == "hyperband" else set()
        )


@pytest.mark.parametrize("oracle", ["random", "bayesian"])
def test_no_options_are_tried_twice(oracle: str, tmp_path: Path) -> None:
    few = SPACE[:2]
    options = run(oracle, Errors(), tmp_path, trials=11, space=few)
    defaults = {dimension.name: dimension.default for dimension in few}
    assert len({tuple((defaults | dict(each)).items()) for each in options}) == len(options) >= 11


def test_hyperband_chooses_the_epochs_itself(tmp_path: Path) -> None:
    with_epochs: Any = Errors()
    import_keras()
    from forecast_cli.tuning.tuner import run_trials

    run_trials("hyperband", with_epochs, (*SPACE, EPOCHS), tmp_path, seed=0, trials=ENOUGH["hyperband"], epochs=12)
    assert options_of(with_epochs.trials) == options_of(finished("hyperband"))


def test_hyperband_gives_more_epochs_to_the_better_trials(tmp_path: Path) -> None:
    first, *_ = groups = {epochs: [] for epochs in (2, 4, 12)}
    for options in run("hyperband", Errors(), tmp_path, trials=25)[1:]:
        groups[int(options["epochs"])].append(options)
    assert all(groups.values())
    assert len(groups[first]) > len(groups[4])


@pytest.mark.parametrize("oracle", ORACLES)
def test_a_search_without_time_ends(oracle: str, tmp_path: Path) -> None:
    assert len(run(oracle, Errors(most=6), tmp_path)) == 6


@pytest.mark.parametrize("oracle", ORACLES)
def test_a_failed_trial_does_not_end_the_search(oracle: str, tmp_path: Path) -> None:
    assert len(run(oracle, Errors(failing=True), tmp_path)) == ENOUGH[oracle] + 1


def test_a_search_ends_when_everything_was_tried(tmp_path: Path) -> None:
    from forecast_cli.tuning.tuner import run_trials

    search: Any = Errors()
    run_trials("random", search, SPACE[1:2], tmp_path, seed=0, trials=99, epochs=12)
    assert sorted(options.get("dropout", 0.0) for options in (trial.options for trial in search.trials)) == [
        0.0,
        0.1,
        0.2,
    ]


def test_an_error_of_the_program_is_not_a_failed_trial(tmp_path: Path) -> None:
    class Broken(Errors):
        def run(self, *_: object) -> float:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("random", Broken(), tmp_path)
