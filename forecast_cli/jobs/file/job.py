"""The content of a job file after it was checked, as immutable values."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from forecast_cli.jobs.file.key_types import REACTIONS, DataPath, OutputPaths, PathText, Retraining
from forecast_cli.option_fields import REQUIRED, Options, option, same_option
from forecast_cli.option_types import Choice, Duration, Integer, Switch
from forecast_cli.options import DetectConfig, ModelConfig, PredictConfig, ReadConfig, TrainConfig, TrainingRequest

STATE = "forecast-state"
DATE = "{date}"


REACTION = Choice(REACTIONS)


@dataclass(frozen=True)
class Policy(Options):
    """How a job reacts to unexpected changes in its data since the last run. Each field is a kind of change.

    The value of a field is one of REACTIONS, such as "warn" or "fail".
    """

    shrunk: str = option(
        REACTION,
        "Reaction if a series ends earlier than before, or has lost its first points.",
        name="on-shrunk",
        default="fail",
    )
    restated: str = option(REACTION, "Reaction if known values have changed.", name="on-restated", default="warn")
    series_gone: str = option(
        REACTION,
        "Reaction if a series is missing, or has ended while others continue. The others are forecast.",
        name="on-series-gone",
        default="warn",
    )
    series_new: str = option(
        REACTION, "Reaction if a series is new. It is forecast too.", name="on-series-new", default="warn"
    )
    jump: str = option(
        REACTION,
        "Reaction if most new steps of a series are missing, as after a wrong date far ahead.",
        name="on-jump",
        default="fail",
    )


@dataclass(frozen=True)
class JobOutput:
    """A file that a job writes.

    folder: the folder of the job file
    text:   the path of the file, relative to `folder`; "{date}" in it is replaced by the day of the run
    """

    folder: Path
    text: str

    @property
    def dated(self) -> bool:
        return DATE in self.text

    def path(self, today: str) -> Path:
        """The absolute path of the file. `today` is the day of the run, as ISO 8601 text."""
        return Path(os.path.abspath(self.folder / Path(self.text.replace(DATE, today)).expanduser()))

    def __str__(self) -> str:
        return str(self.path(DATE))


@dataclass(frozen=True)
class Job:
    """A job: a data file that is forecast at every run.

    Each option of this class is a key of the job file. So is each option of the objects in its fields, such as `read`.

    name:        the name of the job
    data:        the absolute path of the data file; if `pattern` is True, a pattern: the newest file that matches it is
                 read
    model_dir:   the directory of the model
    outputs:     the files that are written
    horizon:     the number of steps to forecast; None takes the horizon that the model was trained for
    level:       the levels of the intervals in tables, in percent; empty for none
    detect:      whether anomalies are found
    alarm_rate:  the accepted share of false alarms among points without anomaly; None for the default
    alarms_per:  in place of `alarm_rate`, the accepted number of false alarms in a period, over all series:
                 ("week", 1.0); None if it is not set
    model_name:  the name of the model; None keeps the name of the current model, or takes the default if there is none
    read, model, training:  the options for reading, for the network, and for its training
    policy:      how the job reacts to unexpected changes in its data
    """

    name: str
    data: str = option(DataPath(), "File to read, or a pattern whose newest match is read.", default=REQUIRED)
    model_dir: Path = option(
        PathText("{name}"), "Folder of the model.", default=REQUIRED, default_text="in the state folder"
    )
    outputs: tuple[JobOutput, ...] = option(
        OutputPaths(), "Files to write: tables (.csv, .json, .parquet, .xlsx) or pictures.", name="output", default=()
    )
    config: str | None = option(
        PathText("{name}"),
        "Settings file, such as tuned.toml: options of the training that the same table does not set.",
    )
    pattern: bool = False
    horizon: int | None = None
    model_name: str | None = same_option(TrainingRequest, "name")
    read: ReadConfig = field(default_factory=ReadConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainConfig = field(default_factory=TrainConfig)
    level: tuple[float, ...] = same_option(PredictConfig, "level")
    detect: bool = option(
        Switch(), "Also find anomalies, record them in the ledger, and warn of those that are new.", default=False
    )
    alarm_rate: float | None = same_option(DetectConfig, "alarm_rate")
    alarms_per: tuple[str, float] | None = same_option(DetectConfig, "alarms_per")
    retrain: str | timedelta = option(
        Retraining(),
        "When to train again: at this age of the model, or never, always or when-degraded.",
        default=timedelta(days=7),
        default_text='"7d"',
    )
    warm_start: bool = option(Switch(), "Start each training from the current model.", default=False)
    max_age: timedelta | None = option(Duration(), "Fail if the data have not changed for longer than this.")
    timeout: timedelta | None = option(
        Duration(), "Time limit of a job.", default=timedelta(hours=6), default_text='"6h"'
    )
    retries: int = option(
        Integer(0, 100), "Further attempts if the data are not ready or the job's process dies.", default=2
    )
    retry_delay: timedelta = option(
        Duration(),
        "Pause before the first further attempt. Each later pause is twice as long.",
        default=timedelta(seconds=30),
        default_text='"30s"',
    )
    policy: Policy = field(default_factory=Policy)

    def paths(self, today: date) -> list[Path]:
        """The absolute paths of the files that the job writes. `today` is the day of the run."""
        return [output.path(today.isoformat()) for output in self.outputs]


@dataclass(frozen=True)
class JobFile:
    """The content of a valid job file. Its options are keys at the top of the file.

    path:  the path of the job file
    jobs:  its jobs, in the order of the file
    """

    path: Path
    state: Path = option(
        PathText(),
        "Folder of the ledger, the lock, and the models of jobs without a model-dir.",
        default=REQUIRED,
        default_text=f'"{STATE}"',
    )
    jobs: tuple[Job, ...] = ()
    keep: timedelta | None = option(Duration(), "How long the ledger keeps its entries.", default_text="for ever")

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.sqlite"
