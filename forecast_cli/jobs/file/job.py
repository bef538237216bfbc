"""Job files and jobs as checked, frozen values."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from forecast_cli.options import TRAINABLE, ModelConfig, ReadConfig, TrainConfig

RETRAIN = ("never", "always", "when-degraded")
REACTIONS = ("ignore", "warn", "fail")
STATE = "forecast-state"
DATE = "{date}"

ON_SHRUNK, ON_RESTATED, ON_SERIES_GONE, ON_SERIES_NEW, ON_JUMP = "fail", "warn", "warn", "warn", "fail"


@dataclass(frozen=True)
class Policy:
    """What becomes of data that changed since the last run in a way that they should not; each one of REACTIONS.

    shrunk:       a series ends earlier than it did, or has lost its beginning
    restated:     values that were known have changed
    series_gone:  a series is no longer there, or no longer goes on; the others are forecast
    series_new:   a series was not there before; it is forecast too
    jump:         what came in is mostly missing: a date far off, as by a slip of the pen
    """

    shrunk: str = ON_SHRUNK
    restated: str = ON_RESTATED
    series_gone: str = ON_SERIES_GONE
    series_new: str = ON_SERIES_NEW
    jump: str = ON_JUMP


@dataclass(frozen=True)
class JobOutput:
    """A file that a job writes.

    text:  its path relative to `folder`; "{date}" is replaced by the day of the run
    """

    folder: Path
    text: str

    @property
    def dated(self) -> bool:
        return DATE in self.text

    def path(self, today: str) -> Path:
        """The absolute path of the file written on the day `today`."""
        return Path(os.path.abspath(self.folder / Path(self.text.replace(DATE, today)).expanduser()))

    def __str__(self) -> str:
        return str(self.path(DATE))


@dataclass(frozen=True)
class Job:
    """One series file, kept forecast.

    data:        absolute path, or a glob (`pattern`) whose newest match is read
    model_dir:   where its model is kept
    horizon:     None is what the model was trained for
    kind:        the model, as `forecast train --model` knows it
    retrain:     one of RETRAIN, or the age at which a model is too old
    warm_start:  whether retraining starts from the model that is there
    max_age:     how long the data may stay as they are before that is a failure
    timeout:     how long the job may take before its process is ended
    retries:     how often a job is tried again whose data were not there or whose process died
    retry_delay: how long after the first failure; twice as long after each further one
    """

    name: str
    data: str
    model_dir: Path
    outputs: tuple[JobOutput, ...] = ()
    pattern: bool = False
    horizon: int | None = None
    kind: str = TRAINABLE[0]
    read: ReadConfig = field(default_factory=ReadConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainConfig = field(default_factory=TrainConfig)
    retrain: str | timedelta = timedelta(days=7)
    warm_start: bool = False
    max_age: timedelta | None = None
    timeout: timedelta | None = timedelta(hours=6)
    retries: int = 2
    retry_delay: timedelta = timedelta(seconds=30)
    policy: Policy = field(default_factory=Policy)

    def paths(self, today: date) -> list[Path]:
        """The absolute paths of the files written on the day `today`."""
        return [output.path(today.isoformat()) for output in self.outputs]


@dataclass(frozen=True)
class JobFile:
    """A job file that is valid as a whole.

    state:  the folder of the ledger, the lock, and the models that have no place of their own
    keep:   how long the ledger remembers; None is for ever
    """

    path: Path
    state: Path
    jobs: tuple[Job, ...]
    keep: timedelta | None = None

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.sqlite"
