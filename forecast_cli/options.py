"""All options of training, prediction and backtests, each defined once: its name, type, default and help.

The command line's options, the keys of a job file, their checks and the command reference are made from these fields,
see `option_fields`. A default of None means "chosen from the data"; `models.network.defaults` makes that choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path

from forecast_cli.errors import UsageError, mention
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import (
    CalendarParts,
    Character,
    Choice,
    ColumnList,
    ColumnNames,
    Duration,
    FolderPath,
    InputFile,
    Integer,
    IntegerList,
    ModelName,
    NameList,
    Number,
    Places,
    Seasons,
    Switch,
    Text,
    Texts,
)

# --- models, by name

SMOOTHED = "+smoothing"
"""The end of the name of a network that is combined with exponential smoothing, as in "lstm+smoothing"."""

TREES = {"forest": "a random forest", "boosting": "gradient boosting", "xgboost": "XGBoost"}
"""The end of the name of a hybrid, after the topology and "+" -> the trees that correct the network, in words."""

HYBRIDS = tuple(f"{name}+{trees}" for name in TOPOLOGIES for trees in TREES)
"""The names of networks that are combined with trees."""

NETWORKS = (*TOPOLOGIES, *(name + SMOOTHED for name in TOPOLOGIES), *HYBRIDS, "blend", "auto")
"""The names of models that have a network."""

DEFAULT_NETWORK = "lstm+smoothing"
"""The network in the default models."""

BLEND = "blend"

MAX_BLENDED_SERIES = 50
"""The largest number of series for which the default model is the blend."""


def default_model(series: int, *, has_drivers: bool = False) -> str:
    """The name of the model that is trained if the user names none, for a panel with this number of series.

    The blend is the most accurate on small panels (docs/benchmarks.md). On large ones, its statistical methods would
    need minutes for each prediction. Most of them ignore drivers.

    has_drivers: whether a network gets covariates, the calendar, holidays or joint series
    """
    return BLEND if series <= MAX_BLENDED_SERIES and not has_drivers else DEFAULT_NETWORK


DEFAULT_MODEL_TEXT = (
    f"{BLEND} for at most {MAX_BLENDED_SERIES} series; {DEFAULT_NETWORK} for more, or with covariates, calendar, "
    "holidays or joint series"
)

NETWORK_OPTIONS = (
    *("units", "dropout", "input-size", "output-size", "calendar", "holidays", "joint"),
    *("epochs", "batch-size", "learning-rate", "clip-norm", "loss", "warm-start"),
)
"""Options that only models with a network have."""

BASELINES = ("naive", "seasonal-naive", "drift", "window-average", "theta", "ces", "ets", "arima", "median")
"""The names of the statistical methods. `predict` and `backtest` can compare a model with them."""

HOLDOUT_BASELINES = ("seasonal-naive", "theta", "ets", "arima")
"""Methods that `train` compares a new model with, on the holdout."""

FAST_HOLDOUT_BASELINES = ("seasonal-naive", "theta")
"""Methods that `train` compares a new model with if the preset is fast."""

COMPARED_METHODS = ("theta", "ets", "arima")
"""Methods that `backtest` compares with the default models, or with a tuned model."""


def default_models(series: int, *, has_drivers: bool = False) -> tuple[str, ...]:
    """The names of the models that `backtest` compares if the user names none. Parameters are as in `default_model`."""
    first = default_model(series, has_drivers=has_drivers)
    return tuple(dict.fromkeys([first, DEFAULT_NETWORK, *COMPARED_METHODS]))


ALWAYS_COMPARED = ("seasonal-naive", "naive", "drift")
"""Methods that every backtest includes: they take almost no time, and a useful model must be more accurate."""

# --- other values of options; the first one is the default

ON_GAP = ("interpolate", "previous", "zero", "error")
ON_DUPLICATE = ("mean", "sum", "first", "last", "error")
ON_IRREGULAR = ("resample", "error")
ON_OUTLIER = ("missing", "keep", "error")
LAYOUTS = ("long", "wide", "rows")
COVARIATES = ("none", "auto")
LOSSES = ("mae", "mse", "huber")
PRESETS = ("fast", "standard", "best")
CALENDAR_PARTS = ("hour", "weekday", "year")
"""Parts of the calendar that a network can see: the hour, the day of the week, and the time of the year."""

AUTO_CALENDAR, NO_CALENDAR = "auto", "none"

HOLIDAYS = "holidays "
"""The beginning of the part of the calendar that has the holidays of a country, as in "holidays DE-BY"."""

ORACLES = ("bayesian", "random", "hyperband")
METRICS = ("mase", "rmsse", "smape", "mae", "rmse", "wape", "bias", "skill", "won")

GROUPINGS = ("step", "age", "job", "series", "month")
"""How `score` can group forecast points: by step of the horizon, age of the model, job, series, or month."""

# --- limits

MAX_UNITS = 2048
"""The largest number of units in one recurrent layer."""

MAX_LAYERS = 8

MAX_STEPS = 10_000
"""The longest horizon and the longest window, in steps."""

STEPS = Integer(1, MAX_STEPS)

NO_TELEMETRY = ("ORT_DISABLE_TELEMETRY", "1")
"""An environment variable and its value. Without it, importing ONNX Runtime starts a thread and writes a database into
the home folder."""


@dataclass(frozen=True)
class ReadConfig(Options):
    """Options for reading a file. For an option that is None, the content of the file decides.

    Raises UsageError if a value is not allowed, or if one column is named for two roles.
    """

    date_column: str | None = option(Text(), "Column of dates.")
    value_columns: tuple[str, ...] = option(
        ColumnNames(), "Column of values. Repeatable.", name="value-column", default=()
    )
    id_columns: tuple[str, ...] = option(
        ColumnNames(), "Column of series ids. Repeat it if several identify a series.", name="id-column", default=()
    )
    layout: str | None = option(
        Choice(LAYOUTS), "long: one row per series and date; wide: one column per series; rows: one row per series."
    )
    freq: str | None = option(Text(), "Frequency: D, B, W, SMS, MS, QS, YS, h, 15min, D@MON-SAT, ...", metavar="CODE")
    seasons: tuple[float, ...] | None = option(
        Seasons(1_000_000, 4),
        "Steps in one season, 1 for no season; or several seasons, such as 7,365.25 for week and year.",
        name="season",
    )
    delimiter: str | None = option(Character(), "Character between columns, or the word tab.")
    decimal: str | None = option(Choice((".", ","), "'.' or ','"), "Decimal mark: '.' or ','.", metavar="CHAR")
    encoding: str | None = option(Text(), "Text encoding, such as utf-8 or latin-1.")
    sheet: str | None = option(Text(), "Sheet of a workbook.", default_text="the first")
    day_first: bool | None = option(Switch(off="month-first"), "Read 03/04 as 3 April, or as 4 March.")
    on_gap: str | None = option(
        Choice(ON_GAP), "How to fill missing values; error refuses them.", default_text=ON_GAP[0]
    )
    on_duplicate: str | None = option(
        Choice(ON_DUPLICATE),
        "How to combine rows of one series with the same date; error refuses them.",
        default_text=f"{ON_DUPLICATE[0]} of a few such rows, error for many",
    )
    on_irregular: str | None = option(
        Choice(ON_IRREGULAR),
        "What to do with dates that are not regularly spaced; error refuses them.",
        default_text=ON_IRREGULAR[0],
    )
    on_outlier: str | None = option(
        Choice(ON_OUTLIER),
        "What to do with one or two values at an end of a series that are far out of line with all others.",
        default_text=ON_OUTLIER[0],
    )
    future: tuple[str, ...] = option(
        ColumnList(), "Columns known ahead, such as prices: they go on in rows after the last value.", default=()
    )
    past: tuple[str, ...] = option(
        ColumnList(), "Columns that help to forecast and are known up to the last value.", default=()
    )
    static: tuple[str, ...] = option(
        ColumnList(), "Columns with one value for each series, such as its region.", default=()
    )
    covariates: str | None = option(
        Choice(COVARIATES),
        "auto: take the columns that are neither times, ids nor the values as known ahead, past or static, by their "
        "cells.",
        default_text=COVARIATES[0],
    )
    future_file: str | None = option(
        InputFile(), "Second file with the coming values of columns known ahead: dates, ids, these columns."
    )
    static_file: str | None = option(
        InputFile(), "Second file with a row for each series: its id, and columns with one value for each series."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        roles = {
            "date-column": (self.date_column,),
            "id-column": self.id_columns,
            "value-column": self.value_columns,
            "future": self.future,
            "past": self.past,
            "static": self.static,
        }
        for (one, names), (other, other_names) in combinations(roles.items(), 2):
            if shared := next((name for name in names if name and name in other_names), None):
                raise UsageError(f"column '{shared}' has two roles: {mention(one)} and {mention(other)}.")

    @property
    def named_covariates(self) -> tuple[str, ...]:
        """The names of all columns that the user named as covariates."""
        return (*self.future, *self.past, *self.static)

    @property
    def second_files(self) -> dict[str, str]:
        """The files that are read besides the data: name of a field -> path."""
        files = {"future_file": self.future_file, "static_file": self.static_file}
        return {field: path for field, path in files.items() if path is not None}

    @property
    def takes_covariates(self) -> bool:
        """Whether the user named covariates, or left the choice to the program."""
        return bool(self.named_covariates) or self.covariates == "auto"

    @property
    def season_length(self) -> int | None:
        """The length of the shortest season, in steps, or None."""
        return None if self.seasons is None else int(self.seasons[0])

    @property
    def gaps(self) -> str:
        """What to do with missing values, with the default applied: one of ON_GAP."""
        return self.on_gap or ON_GAP[0]

    @property
    def duplicates(self) -> str:
        """What to do with several values of one series at one time, with the default applied: one of ON_DUPLICATE."""
        return self.on_duplicate or ON_DUPLICATE[0]

    @property
    def irregular(self) -> str:
        """What to do with times off the time grid, with the default applied: one of ON_IRREGULAR."""
        return self.on_irregular or ON_IRREGULAR[0]

    @property
    def outliers(self) -> str:
        """What to do with outliers at the ends of series, with the default applied: one of ON_OUTLIER."""
        return self.on_outlier or ON_OUTLIER[0]


@dataclass(frozen=True)
class ModelConfig(Options):
    """Options for the size of the network and of its windows. None: chosen from the data."""

    units: tuple[int, ...] | None = option(
        IntegerList(1, MAX_UNITS, MAX_LAYERS), "Recurrent units of each stacked layer, first to last."
    )
    dropout: float | None = option(
        Number(0, below=1), "Share of each layer's outputs set to zero in training.", metavar="SHARE"
    )
    input_size: int | None = option(STEPS, "Steps of history in one input window.", metavar="STEPS")
    output_size: int | None = option(
        STEPS,
        "Steps that the network predicts in one pass. Longer horizons feed predictions back as input.",
        metavar="STEPS",
    )

    calendar: tuple[str, ...] | None = option(
        CalendarParts((AUTO_CALENDAR, NO_CALENDAR), CALENDAR_PARTS),
        "Parts of the calendar that the network sees: hour, weekday, year; auto: those that suit the frequency; none.",
        default_text="auto with covariates or holidays, otherwise none",
    )
    holidays: tuple[str, ...] = option(
        Places(), "Country whose holidays the network sees, such as US, or DE-BY for a region. Repeatable.", default=()
    )
    joint: bool = option(
        Switch(off="no-joint"),
        "Forecast the series jointly: for each series, the network sees the past of all of them.",
        default=False,
    )

    @property
    def has_drivers(self) -> bool:
        """Whether the network is given parts of the calendar, holidays or joint series by these options."""
        return self.joint or bool(self.holidays) or self.calendar not in (None, (NO_CALENDAR,))


@dataclass(frozen=True)
class TrainConfig(Options):
    """How the network is trained."""

    horizon: int | None = option(
        STEPS,
        "Steps ahead that the model is trained for. As many steps are held out to measure its accuracy. It can predict "
        "other horizons too.",
        short="n",
        metavar="STEPS",
    )
    preset: str = option(
        Choice(PRESETS),
        "How much time to spend on accuracy. With fast, train also compares with fewer methods.",
        default="standard",
    )
    epochs: int | None = option(Integer(1), "Maximum number of passes over the data.")
    batch_size: int | None = option(Integer(1), "Windows in one training step.")
    learning_rate: float | None = option(
        Number(0, above=True), "Initial learning rate of the Adam optimizer.", metavar="RATE"
    )
    clip_norm: float | None = option(
        Number(0, above=True), "Maximum norm of the gradients; larger ones are scaled down.", metavar="NORM"
    )
    loss: str | None = option(Choice(LOSSES), "Training loss.")
    seed: int = option(Integer(0, 2**31 - 1), "Random seed. The same seed gives the same model.", default=0)


@dataclass(frozen=True)
class ContinueConfig(Options):
    """Options for a training that continues an earlier one or replaces its model."""

    resume: bool = option(
        Switch(),
        "Continue an interrupted training in the model directory, if its data and options are the same.",
        default=False,
    )
    warm_start: Path | None = option(
        FolderPath(),
        "Start from the network of the model in PATH, in a fraction of the training time. PATH may be the model "
        "directory.",
    )
    if_better: bool = option(
        Switch(),
        "Replace the model in the model directory only if the new one forecasts the recent past at least as well.",
        default=False,
    )


@dataclass(frozen=True)
class TrainingRequest(Options):
    """A model to train: its name, all options of the training, and the directory to save it in.

    directory: the directory of the bundle
    read:      options for reading the data; if the data are read already, those that were used
    model:     options for the size of the network
    training:  options for the training
    name:      the name of the model; None takes that of the network to start from (`going_on.warm_start`), otherwise
               the `default_model`
    going_on:  options for continuing an earlier training
    asked:     a digest of the options of a job, which is saved with the model; None outside of job files
    """

    directory: Path = option(
        FolderPath(),
        "Directory of the trained model.",
        name="model-dir",
        short="m",
        default=Path("forecast-model"),
    )
    read: ReadConfig = ReadConfig()
    model: ModelConfig = ModelConfig()
    training: TrainConfig = TrainConfig()
    name: str | None = option(
        ModelName((*NETWORKS, *BASELINES)),
        f"Model to train; 'forecast models' lists them. One network for all series: {', '.join(TOPOLOGIES)}; with "
        f"{SMOOTHED} after the name, combined with exponential smoothing; with +{', +'.join(TREES)}, corrected by "
        "trees if that improves it. blend: lstm+smoothing and statistical methods, weighted by their errors at an "
        "earlier cutoff. auto: lstm+smoothing, or those that were much better at earlier cutoffs. A statistical "
        f"method: {', '.join(BASELINES)}, or a model of statsforecast, such as CrostonSBA.",
        name="model",
        default_text=DEFAULT_MODEL_TEXT,
    )
    going_on: ContinueConfig = ContinueConfig()
    asked: str | None = None


@dataclass(frozen=True)
class PredictConfig(Options):
    """Options of `predict`: how many steps, for which series, and which further models to compare with."""

    horizon: int | None = option(
        STEPS, "Steps to predict.", short="n", metavar="STEPS", default_text="the horizon the model was trained for"
    )
    against: tuple[str, ...] = option(
        NameList(BASELINES),
        f"Also predict with these, separated by commas: {', '.join(BASELINES)}, a model of statsforecast by its class "
        "name, such as CrostonSBA, or a part of the trained model, such as lstm.",
        default=(),
    )
    series: tuple[str, ...] = option(Texts(), "Show only this series. Repeatable.", metavar="ID", default=())
    draw: tuple[str, ...] = option(
        ColumnList(), "Covariates to draw under each series of the picture, such as price,promo.", default=()
    )


@dataclass(frozen=True)
class BacktestConfig(Options):
    """Options of `backtest`: which models to compare, at which cutoffs."""

    models: tuple[str, ...] | None = option(
        NameList((*NETWORKS, *BASELINES)),
        "Models to compare, separated by commas.",
        default_text=f"{','.join(default_models(1))}; without {BLEND} for more than {MAX_BLENDED_SERIES} series; "
        f"{', '.join(ALWAYS_COMPARED)} are always added",
    )
    horizon: int | None = option(
        STEPS,
        "Steps to forecast from each cutoff.",
        short="n",
        metavar="STEPS",
        default_text="by the frequency, at most a quarter of the longest series",
    )
    n_windows: int | None = option(
        STEPS,
        "Number of cutoffs.",
        name="windows",
        default_text="3, or 5 if there are fewer than 10 series, or as many as the data allow",
    )
    step_size: int | None = option(
        STEPS, "Steps from one cutoff to the next.", name="step", metavar="STEPS", default_text="the horizon"
    )
    refit: bool = option(
        Switch(off="no-refit"),
        "Train networks at every cutoff, or only at the first. Statistical methods are always fitted at every cutoff.",
        default=True,
    )


@dataclass(frozen=True)
class TuneConfig(Options):
    """How to search for better options of a network, and for how long."""

    name: str | None = option(
        ModelName((*NETWORKS, *BASELINES)),
        f"Model to tune: {', '.join(TOPOLOGIES)}, with or without {SMOOTHED} after the name, or another model with a "
        "network.",
        name="model",
        default_text=f"{DEFAULT_NETWORK}, the network in the default model of train",
    )
    budget: timedelta = option(
        Duration(),
        "Time for everything, such as 90s, 10m or 2h. The time of trials that an earlier run of the same tuning "
        "finished counts.",
        default=timedelta(minutes=10),
        default_text="10m",
    )
    trials: int = option(Integer(1, 10_000), "Maximum number of trials, besides the defaults.", default=200)
    oracle: str = option(
        Choice(ORACLES),
        "What proposes the options of the next trial: Bayesian optimization, chance, or Hyperband, which gives more "
        "epochs to the better ones.",
        default=ORACLES[0],
    )
    overwrite: bool = option(
        Switch(), "Delete the trials of an earlier tuning of the same output, and start again.", default=False
    )
