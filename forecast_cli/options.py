"""What a run is asked to do, as frozen values that are checked once, where they are made.

None means "chosen from the data"; `models.recipe` makes that choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.networks import TOPOLOGIES

ON_GAP = ("interpolate", "previous", "zero", "error")
ON_DUPLICATE = ("mean", "sum", "first", "last", "error")
ON_IRREGULAR = ("resample", "error")
LAYOUTS = ("long", "wide")
LOSSES = ("mae", "mse", "huber")
PRESETS = ("fast", "standard", "best")
BASELINES = ("naive", "seasonal-naive", "drift", "window-average", "theta", "ces", "ets", "arima", "median")
HOLDOUT_BASELINES = ("seasonal-naive", "theta", "ets", "arima")
FAST_HOLDOUT_BASELINES = ("seasonal-naive", "theta")
TRAINABLE = (*TOPOLOGIES, "blend")
DEFAULT_MODELS = ("lstm", "theta", "ets", "arima")
ALWAYS_COMPARED = ("seasonal-naive", "naive", "drift")
METRICS = ("mase", "rmsse", "smape", "mae", "rmse", "wape", "bias", "skill", "won")

NO_TELEMETRY = ("ORT_DISABLE_TELEMETRY", "1")
"""An environment variable and its value, without which ONNX Runtime starts a thread when it is imported, and keeps a
database in the home folder."""

MAX_UNITS = 2048
MAX_LAYERS = 8


MAX_STEPS = 10_000
"""How far ahead can be forecast, and how much history a window can show."""


def check(condition: bool, option: str, value: object, wanted: str) -> None:
    """Raise a UsageError that names the option, its value and what it should have been."""
    if not condition:
        raise UsageError(f"{option} {value}: must be {wanted}.")


def check_steps(option: str, value: int | None) -> None:
    """Raise a UsageError for a number of steps that is given and not 1 to `MAX_STEPS`."""
    check(value is None or 1 <= value <= MAX_STEPS, option, value, f"1 to {MAX_STEPS}")


@dataclass(frozen=True)
class ReadConfig:
    """How a file is to be understood where its content should not decide.

    on_gap, on_duplicate, on_irregular:  the first of what there is, unless another is said
    """

    date_column: str | None = None
    value_columns: tuple[str, ...] = ()
    id_column: str | None = None
    layout: str | None = None
    freq: str | None = None
    season_length: int | None = None
    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    day_first: bool | None = None
    on_gap: str | None = None
    on_duplicate: str | None = None
    on_irregular: str | None = None

    def __post_init__(self) -> None:
        for value, option, known in (
            (self.layout, "--layout", LAYOUTS),
            (self.on_gap, "--on-gap", ON_GAP),
            (self.on_duplicate, "--on-duplicate", ON_DUPLICATE),
            (self.on_irregular, "--on-irregular", ON_IRREGULAR),
        ):
            check(value is None or value in known, option, value, "one of " + ", ".join(known))
        season = self.season_length
        check(season is None or season >= 1, "--season", season, "1 (no season) or more")
        check(self.decimal in (None, ".", ","), "--decimal", self.decimal, "'.' or ','")
        check(self.delimiter is None or len(self.delimiter) == 1, "--delimiter", self.delimiter, "one character")

    @property
    def gaps(self) -> str:
        """One of ON_GAP."""
        return self.on_gap or ON_GAP[0]

    @property
    def duplicates(self) -> str:
        """One of ON_DUPLICATE."""
        return self.on_duplicate or ON_DUPLICATE[0]

    @property
    def irregular(self) -> str:
        """One of ON_IRREGULAR."""
        return self.on_irregular or ON_IRREGULAR[0]


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the network.

    units:        LSTM units of each stacked layer, first to last
    dropout:      share of each layer's output dropped while training
    input_size:   steps of history in one window
    output_size:  steps that one pass of the network predicts; longer horizons feed them back
    """

    units: tuple[int, ...] | None = None
    dropout: float | None = None
    input_size: int | None = None
    output_size: int | None = None

    def __post_init__(self) -> None:
        if self.units is not None:
            shown = ",".join(map(str, self.units))
            check(
                0 < len(self.units) <= MAX_LAYERS,
                "--units",
                shown,
                f"1 to {MAX_LAYERS} layers, as in 128,128",
            )
            check(
                all(0 < u <= MAX_UNITS for u in self.units),
                "--units",
                shown,
                f"1 to {MAX_UNITS} units a layer",
            )
        check(
            self.dropout is None or 0 <= self.dropout < 1,
            "--dropout",
            self.dropout,
            "from 0 up to, not including, 1",
        )
        check_steps("--input-size", self.input_size)
        check_steps("--output-size", self.output_size)


@dataclass(frozen=True)
class TrainConfig:
    """How the network is trained.

    horizon:  the steps held out for the honest table, and the horizon that the defaults have in mind
    preset:   how much time may go into accuracy, one of PRESETS
    """

    horizon: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    clip_norm: float | None = None
    loss: str | None = None
    seed: int = 0
    preset: str = "standard"

    def __post_init__(self) -> None:
        check(self.preset in PRESETS, "--preset", self.preset, "one of " + ", ".join(PRESETS))
        check_steps("--horizon", self.horizon)
        check(self.epochs is None or self.epochs >= 1, "--epochs", self.epochs, "1 or more")
        check(self.batch_size is None or self.batch_size >= 1, "--batch-size", self.batch_size, "1 or more")
        check(
            self.learning_rate is None or self.learning_rate > 0,
            "--learning-rate",
            self.learning_rate,
            "above 0",
        )
        check(self.clip_norm is None or self.clip_norm > 0, "--clip-norm", self.clip_norm, "above 0")
        check(self.loss is None or self.loss in LOSSES, "--loss", self.loss, "one of " + ", ".join(LOSSES))
        check(0 <= self.seed < 2**31, "--seed", self.seed, "0 to 2147483647")


@dataclass(frozen=True)
class ContinueConfig:
    """What a training makes of earlier ones.

    resume:      continue from the checkpoint in the model directory, if it is of this very training
    warm_start:  directory of an earlier model, whose network goes on learning
    if_better:   save the model only if it forecasts the recent past at least as well as the one in the directory
    """

    resume: bool = False
    warm_start: Path | None = None
    if_better: bool = False


@dataclass(frozen=True)
class TrainingRequest:
    """A model that is asked for, and where it is to be kept.

    read:   how the file was or is to be read
    name:   one of TRAINABLE
    asked:  a digest of the options, kept with the model, where somebody will want to know
    """

    directory: Path
    read: ReadConfig
    model: ModelConfig
    training: TrainConfig
    name: str = TRAINABLE[0]
    going_on: ContinueConfig = ContinueConfig()
    asked: str | None = None


@dataclass(frozen=True)
class BacktestConfig:
    """Which models are held against each other, at which cutoffs.

    horizon:    steps forecast from each cutoff
    n_windows:  number of cutoffs
    step_size:  steps from one cutoff to the next; None is the horizon
    refit:      whether a network is trained anew at each cutoff
    """

    models: tuple[str, ...] | None = None
    horizon: int | None = None
    n_windows: int | None = None
    step_size: int | None = None
    refit: bool = True

    def __post_init__(self) -> None:
        for value, option in (
            (self.horizon, "--horizon"),
            (self.n_windows, "--windows"),
            (self.step_size, "--step"),
        ):
            check_steps(option, value)
