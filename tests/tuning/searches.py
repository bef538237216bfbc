"""A search with simulated trainings: each has a given error, and takes a given time on a simulated clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from forecast_cli.evaluation.backtest import Fit
from forecast_cli.forecasting import Forecaster, Progress
from forecast_cli.panel.panel import Panel
from forecast_cli.tuning.clock import Clock
from forecast_cli.tuning.scoring import Split, Watch
from forecast_cli.tuning.search import Search
from forecast_cli.tuning.trials import Given, Trial
from tests.evaluation.simple_models import Repeat
from tests.sample_panels import undated

SPLIT = Split.of(undated(np.tile([0.0, 1.0], 20)), 4)
"""Of a series of 0 and 1: the last value, repeated, has a MASE of 0.5; each number added to it adds to the error."""

FOLDS = len(SPLIT.folds)


@dataclass
class Time:
    """A clock that stands still unless it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Trainings:
    """Replaces a `Scorer`: the options "error" and "seconds" set the error and the time of a training.

    done:  the options of each training that was finished
    """

    time: Time
    name: str = "network"
    done: list[Mapping[str, Given]] = field(default_factory=list)

    def fit(self, options: Mapping[str, Given], watch: Watch) -> Fit:
        def fit(_past: Panel, _progress: Progress) -> Forecaster:
            for step in range(1, 11):
                self.time.seconds += float(options.get("seconds", 1.0)) / 10
                watch(step / 10, 0.0)
            if options.get("fails"):
                raise ValueError("it diverged")
            self.done.append(options)
            return Repeat(plus=float(options.get("error", 2.0)))

        return fit


@dataclass
class Tried:
    """A search, its clock, the trials that it kept, and what it reported."""

    budget: float = 1000.0
    trials: list[Trial] = field(default_factory=list)
    time: Time = field(default_factory=Time)
    kept: list[Trial] = field(default_factory=list)
    reports: list[tuple[float, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trainings = Trainings(self.time)
        self.clock = Clock(self.budget, self.time)
        self.clock.spent = sum(trial.total_seconds for trial in self.trials)
        scorer: Any = self.trainings
        self.search = Search(
            SPLIT, scorer, self.clock, [*self.trials], self.kept.append, lambda *said: self.reports.append(said)
        )
