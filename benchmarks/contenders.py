"""The contenders: variants of this program, statistical methods, models of neuralforecast."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
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
NEURAL = "neuralforecast."


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
        same_steps = ReadConfig(freq=panel.freq if panel.dated else None, season_length=panel.season_length)
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


def peer(name: str, python: str, max_steps: int) -> Contender:
    """A statistical method by its name, or a model of neuralforecast by its class, as neuralforecast.LSTM."""
    return _neural(name, python, max_steps) if name.startswith(NEURAL) else _statistical(name)


def missing(peers: list[str], python: str) -> str | None:
    """The package that `peers` need and `python` does not have; None if there is none."""
    if not any(name.startswith(NEURAL) for name in peers):
        return None
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('neuralforecast') is None)"
    return "neuralforecast" if subprocess.run([python, "-c", probe], check=False).returncode else None


def _statistical(name: str) -> Contender:
    def commands(task: Task, _seed: int, output: Path) -> list[list[str]]:
        script = str(HERE / "statistical_peer.py")
        return [[sys.executable, script, name, task.train, str(task.fold.horizon), str(output)]]

    return Contender(name, False, commands)


def _neural(name: str, python: str, max_steps: int) -> Contender:
    def commands(task: Task, seed: int, output: Path) -> list[list[str]]:
        numbers = (task.fold.horizon, task.fold.past.season_length, seed, max_steps)
        script = str(HERE / "neural_peer.py")
        return [[python, script, name.removeprefix(NEURAL), str(task.series), *map(str, numbers), str(output)]]

    return Contender(name, True, commands)
