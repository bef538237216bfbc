"""Options for training a model: how long, from which earlier model, and where it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forecast_cli.model_names import BASELINES, DEFAULT_MODEL_TEXT, NETWORKS, SMOOTHED, TREES
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.option_fields import Options, option
from forecast_cli.option_types import Choice, FolderPath, Integer, ModelName, Number, Steps, Switch
from forecast_cli.options.network import ModelConfig
from forecast_cli.options.reading import ReadConfig

LOSSES = ("mae", "mse", "huber")
PRESETS = ("fast", "standard", "best")

NETWORK_OPTIONS = (
    *("units", "dropout", "input-size", "output-size", "head", "calendar", "holidays", "joint"),
    *("epochs", "batch-size", "learning-rate", "clip-norm", "loss", "warm-start"),
)
"""Names of the options that only models with a network have."""


@dataclass(frozen=True)
class TrainConfig(Options):
    """Options for the training of a model: for which horizon, for how long, and how the network is optimised."""

    horizon: int | None = option(
        Steps(),
        "Steps ahead that the model is trained for. As many steps are held out to measure its accuracy. It can predict "
        "other horizons too.",
        short="n",
        default_text="by the frequency, such as 18 months",
    )
    preset: str = option(
        Choice(PRESETS),
        "How much time to spend on accuracy. With fast, train also compares with fewer methods.",
        default="standard",
    )
    epochs: int | None = option(Integer(1), "Maximum number of passes over the data.")
    batch_size: int | None = option(Integer(1), "Number of windows in one training step.")
    learning_rate: float | None = option(
        Number(0, above=True), "Initial learning rate of the Adam optimizer, such as 0.002.", metavar="RATE"
    )
    clip_norm: float | None = option(
        Number(0, above=True),
        "Maximum norm of the gradients; larger ones are scaled down.",
        metavar="NORM",
        default_text="1",
    )
    loss: str | None = option(
        Choice(LOSSES),
        "Loss that the training minimises: mean absolute error, mean squared error, or Huber loss.",
        default_text="mae",
    )
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
        "Start from the network of the model in DIR, in a fraction of the training time. DIR may be the model "
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
    read:      options for reading the data, or those with which the data were already read
    model:     options for the size of the network
    training:  options for the training
    name:      the name of the model. If it is None: with a warm start, the name of the model in
               `continuing.warm_start`; otherwise the `default_model`
    continuing:  options for continuing an earlier training
    asked:     a digest (hash) of the options of a job. It is saved with the model. None outside of job files
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
    continuing: ContinueConfig = ContinueConfig()
    asked: str | None = None
