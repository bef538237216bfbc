"""The contenders: variants of this program, statistical methods, models of other libraries."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast_cli.evaluation.folds import Fold
from forecast_cli.evaluation.split import given_fold
from forecast_cli.options import ReadConfig
from forecast_cli.panel.arrays import fill_missing
from forecast_cli.panel.reading import read_panel

HERE = Path(__file__).parent
FORECAST = [sys.executable, "-m", "forecast_cli"]


@dataclass(frozen=True)
class Library:
    """A library whose models are peers, each by the name LIBRARY.MODEL.

    script:    fits a model and forecasts: MODEL SERIES HORIZON SEASON SEED OUTPUT
    packages:  those whose versions matter
    """

    script: str
    packages: tuple[str, ...]


VERSIONS_PROGRAM = """
import sys
from importlib.metadata import PackageNotFoundError, version
for package in sys.argv[1:]:
    try:
        print(package, version(package))
    except PackageNotFoundError:
        pass
"""
"""Prints those of the packages named on its command line."""

LIBRARIES = {
    "neuralforecast": Library("neural_peer.py", ("neuralforecast", "torch", "optuna")),
    "mlforecast": Library("boosted_peer.py", ("mlforecast", "lightgbm", "optuna")),
}


@dataclass(frozen=True)
class Task:
    """A split: the data to learn from, and the actual values after it.

    train:   path of the file to learn from
    fold:    the same as a panel, with the actual values
    series:  the same as a plain CSV: row numbers as ids, steps, and values without gaps
    folder:  directory in which contenders may write
    """

    name: str
    train: str
    fold: Fold
    series: Path
    folder: Path

    @classmethod
    def read(cls, train: str, test: str, folder: Path) -> Task:
        panel = read_panel(train)
        same_steps = ReadConfig(freq=panel.freq if panel.dated else None, seasons=(panel.season_length,))
        fold = given_fold(panel, read_panel(test, same_steps), test)
        name = Path(train).name.partition(".")[0].removesuffix("_train")
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
        rows = panel.rows
        steps = np.arange(len(rows)) - panel.indptr[:-1][rows]
        series = folder / "series.csv"
        pd.DataFrame({"unique_id": rows, "ds": steps, "y": fill_missing(panel)[0]}).to_csv(series, index=False)
        return cls(name, train, fold, series, folder)


@dataclass(frozen=True)
class Contender:
    """A forecaster that runs commands; the last one writes a CSV with a column `forecast`.

    seeded:    whether its forecast depends on a seed
    commands:  (task, seed, output) -> the commands, in order
    """

    label: str
    seeded: bool
    commands: Callable[[Task, int, Path], list[list[str]]]


def variant(label: str, train_options: list[str]) -> Contender:
    """This program, through its command line."""

    def commands(task: Task, seed: int, output: Path) -> list[list[str]]:
        model = ["--model-dir", str(output.with_suffix("")), "--quiet"]
        return [
            [*FORECAST, "train", task.train, *model, "--seed", str(seed), *train_options],
            [*FORECAST, "predict", "--horizon", str(task.fold.horizon), *model, "--output", str(output)],
        ]

    return Contender(label, True, commands)


def peer(name: str, python: str) -> Contender:
    """A statistical method by its name, or a library's model, as neuralforecast.LSTM, which `python` runs."""
    return _of_library(name, python) if library(name) else _statistical(name)


def library(name: str) -> str | None:
    """The library of a peer; None if it is a statistical method."""
    prefix, dot, _ = name.partition(".")
    return prefix if dot and prefix in LIBRARIES else None


def installed(packages: Iterable[str], python: str) -> dict[str, str]:
    """The versions of those packages that `python` has."""
    probe = subprocess.run([python, "-c", VERSIONS_PROGRAM, *packages], capture_output=True, text=True, check=False)
    return dict(line.split() for line in probe.stdout.splitlines())


def _statistical(name: str) -> Contender:
    def commands(task: Task, _seed: int, output: Path) -> list[list[str]]:
        script = str(HERE / "statistical_peer.py")
        return [[sys.executable, script, name, task.train, str(task.fold.horizon), str(output)]]

    return Contender(name, False, commands)


def _of_library(name: str, python: str) -> Contender:
    prefix, _, model = name.partition(".")
    script = str(HERE / LIBRARIES[prefix].script)

    def commands(task: Task, seed: int, output: Path) -> list[list[str]]:
        numbers = (task.fold.horizon, task.fold.past.season_length, seed)
        return [[python, script, model, str(task.series), *map(str, numbers), str(output)]]

    return Contender(name, True, commands)
