"""Options about the network and how it learns, turned into config objects at the boundary."""

from __future__ import annotations

import functools
from pathlib import Path

import click

from forecast_cli import options as config
from forecast_cli.cli.options import Function, stack
from forecast_cli.cli.types import Choice, WholeNumbers


def network_options(command: Function) -> Function:
    """Give the command a `model: ModelConfig`."""

    @functools.wraps(command)
    def with_config(
        *,
        units: tuple[int, ...] | None,
        dropout: float | None,
        input_size: int | None,
        output_size: int | None,
        **others: object,
    ) -> None:
        command(model=config.ModelConfig(units, dropout, input_size, output_size), **others)

    return _NETWORK(with_config)


_NETWORK = stack(
    click.option("--units", metavar="N,N,...", type=WholeNumbers(), help="LSTM units of each stacked layer."),
    click.option("--dropout", metavar="SHARE", type=float, help="Share of each layer's output dropped."),
    click.option("--input-size", metavar="STEPS", type=int, help="Steps of history the network looks at."),
    click.option(
        "--output-size",
        metavar="STEPS",
        type=int,
        help="Steps predicted in one pass; longer horizons feed them back.",
    ),
)


def learning_options(command: Function) -> Function:
    """Give the command a `training: TrainConfig`, without a horizon if the command has no such option."""

    @functools.wraps(command)
    def with_config(
        *,
        epochs: int | None,
        batch_size: int | None,
        learning_rate: float | None,
        clip_norm: float | None,
        loss: str | None,
        seed: int,
        preset: str,
        horizon: int | None = None,
        **others: object,
    ) -> None:
        training = config.TrainConfig(horizon, epochs, batch_size, learning_rate, clip_norm, loss, seed, preset)
        command(training=training, **others)

    return _LEARNING(with_config)


_LEARNING = stack(
    click.option(
        "--preset",
        type=Choice(config.PRESETS),
        default="standard",
        show_default=True,
        help="How much time goes into accuracy; with fast, train also compares with fewer methods.",
    ),
    click.option("--epochs", metavar="N", type=int, help="Most passes over the data."),
    click.option("--batch-size", metavar="N", type=int, help="Windows in one step of training."),
    click.option("--learning-rate", metavar="RATE", type=float, help="Adam's step size at the start."),
    click.option("--clip-norm", metavar="NORM", type=float, help="Gradients are cut to this norm."),
    click.option("--loss", type=Choice(config.LOSSES), help="What training makes small."),
    click.option("--seed", metavar="N", type=int, default=0, show_default=True, help="Same seed: same model."),
)

training_options = stack(
    click.option(
        "-n",
        "--horizon",
        metavar="STEPS",
        type=int,
        help="Steps held out to measure the model, and those it is made for. Any other can be predicted too.",
    ),
    learning_options,
)

kind_option = click.option(
    "--model",
    "kind",
    type=Choice(config.TRAINABLE),
    default=config.TRAINABLE[0],
    show_default=True,
    help="What to train: the network alone, or with statistical methods beside it, each weighted for every series by "
    "its error at an earlier cutoff.",
)


def continuing_options(command: Function) -> Function:
    """Give the command a `going_on: ContinueConfig`."""

    @functools.wraps(command)
    def with_config(*, resume: bool, warm_start: Path | None, if_better: bool, **others: object) -> None:
        command(going_on=config.ContinueConfig(resume, warm_start, if_better), **others)

    return _CONTINUING(with_config)


_CONTINUING = stack(
    click.option(
        "--resume",
        is_flag=True,
        help="Continue a training that was cut short in the model directory, if data and options are the same.",
    ),
    click.option(
        "--warm-start",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Continue the network of an earlier model on new data, in a fraction of the time. May be --model-dir.",
    ),
    click.option(
        "--if-better",
        is_flag=True,
        help="Replace the model in the directory only by one that forecasts the recent past at least as well.",
    ),
)
