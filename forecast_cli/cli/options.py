"""Options that several commands share, turned into one config object at the boundary."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from forecast_cli import options as config
from forecast_cli.cli.command import GeneralOption, ReadingOption
from forecast_cli.cli.output import Output, check_picture
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.settings import load_settings
from forecast_cli.cli.types import NAME, Choice, Names
from forecast_cli.files import check_writable
from forecast_cli.report.tables.result import FORMATS

DELIMITERS = {"\\t": "\t", "tab": "\t"}

Function = Callable[..., None]
Decorator = Callable[[Function], Function]


def stack(*options: Decorator) -> Decorator:
    """One decorator for several options, which --help shows in this order."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


def data_argument(help: str, required: bool = False) -> Decorator:
    return click.argument("data", required=required, type=click.Path(allow_dash=True), help=help)


# --- general


def _tell_screen(ctx: click.Context, param: click.Parameter, value: object) -> None:
    screen = ctx.find_object(Screen)
    if screen is not None:
        setattr(screen, str(param.name), value)


general = functools.partial(click.option, cls=GeneralOption, is_eager=True, expose_value=False)

general_options = stack(
    general(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        callback=load_settings,
        help="Read defaults for options from FILE.  [default: forecast.toml, if there is one]",
    ),
    general("-q", "--quiet", is_flag=True, callback=_tell_screen, help="Say nothing but errors."),
    general("-v", "--verbose", is_flag=True, callback=_tell_screen, help="Say more. Wins over --quiet."),
    general("--debug", is_flag=True, callback=_tell_screen, help="Show where an error happened."),
    general(
        "--log-format",
        type=Choice(("text", "json")),
        default="text",
        show_default=True,
        callback=_tell_screen,
        help="Form of the messages on standard error; json is one object a line.",
    ),
)


# --- reading the data


reading = functools.partial(click.option, cls=ReadingOption)


def _one_character(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else DELIMITERS.get(value, value)


def reading_options(command: Function) -> Function:
    """Give the command a `read: ReadConfig`. What is not given is recognised from the data."""

    @functools.wraps(command)
    def with_config(
        *,
        date_column: str | None,
        value_column: tuple[str, ...],
        id_column: str | None,
        layout: str | None,
        freq: str | None,
        season: int | None,
        delimiter: str | None,
        decimal: str | None,
        encoding: str | None,
        day_first: bool | None,
        on_gap: str | None,
        on_duplicate: str | None,
        on_irregular: str | None,
        **others: object,
    ) -> None:
        read = config.ReadConfig(
            date_column=date_column,
            value_columns=value_column,
            id_column=id_column,
            layout=layout,
            freq=freq,
            season_length=season,
            delimiter=delimiter,
            decimal=decimal,
            encoding=encoding,
            day_first=day_first,
            on_gap=on_gap,
            on_duplicate=on_duplicate,
            on_irregular=on_irregular,
        )
        command(read=read, **others)

    return _READING(with_config)


_READING = stack(
    reading("--date-column", metavar="NAME", help="Column of dates."),
    reading("--value-column", metavar="NAME", type=NAME, multiple=True, help="Column of values; repeatable."),
    reading("--id-column", metavar="NAME", help="Column that tells the series apart."),
    reading(
        "--layout",
        type=Choice(config.LAYOUTS),
        help="long: a row for each series and date; wide: a column for each series.",
    ),
    reading("--freq", metavar="CODE", help="Frequency: D, B, W, MS, QS, YS, h, 15min, ..."),
    reading("--season", metavar="STEPS", type=int, help="Steps in one season; 1 for none."),
    reading("--delimiter", metavar="CHAR", callback=_one_character, help="What separates columns; tab."),
    reading("--decimal", metavar="CHAR", help="Decimal mark: '.' or ','."),
    reading("--encoding", metavar="NAME", help="Encoding of the text, such as utf-8 or latin-1."),
    reading(
        "--day-first/--month-first",
        default=None,
        help="Whether 03/04 is the third of April or the fourth of March.",
    ),
    reading(
        "--on-gap",
        type=Choice(config.ON_GAP),
        help="How missing values are filled, or error to refuse them.  [default: interpolate]",
    ),
    reading(
        "--on-duplicate",
        type=Choice(config.ON_DUPLICATE),
        help="What becomes of rows that share a date.  [default: mean]",
    ),
    reading(
        "--on-irregular",
        type=Choice(config.ON_IRREGULAR),
        help="What becomes of dates that keep no regular step.  [default: resample]",
    ),
)


# --- the backtest


def _flat(_ctx: click.Context, _param: click.Parameter, lists: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


def backtest_options(command: Function) -> Function:
    """Give the command a `config: BacktestConfig`."""

    @functools.wraps(command)
    def with_config(
        *,
        models: tuple[str, ...],
        horizon: int | None,
        windows: int | None,
        step: int | None,
        refit: bool,
        **others: object,
    ) -> None:
        command(config=config.BacktestConfig(models or None, horizon, windows, step, refit), **others)

    return _BACKTEST(with_config)


_BACKTEST = stack(
    click.option(
        "--models",
        metavar="LIST",
        type=Names((*config.TRAINABLE, *config.BASELINES)),
        multiple=True,
        callback=_flat,
        help=f"Models to compare, separated by commas.  [default: {','.join(config.DEFAULT_MODELS)}; "
        f"{', '.join(config.ALWAYS_COMPARED)} always join them]",
    ),
    click.option(
        "-n",
        "--horizon",
        metavar="STEPS",
        type=int,
        help="Steps forecast from each cutoff.  [default: by the frequency, at most a quarter of the longest series]",
    ),
    click.option(
        "--windows",
        metavar="N",
        type=int,
        help="Number of cutoffs.  [default: 3, or 5 of fewer than 10 series, or what the data allow]",
    ),
    click.option("--step", metavar="STEPS", type=int, help="Steps between cutoffs.  [default: the horizon]"),
    click.option(
        "--refit/--no-refit",
        default=True,
        show_default=True,
        help="Train networks anew at each cutoff, or once, at the first. Statistical methods are always fitted anew.",
    ),
)


# --- the model, the forecast and where it goes


model_option = click.option(
    "-m",
    "--model-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default="forecast-model",
    show_default=True,
    help="Directory that holds the trained model.",
)


def _positive(_ctx: click.Context, _param: click.Parameter, steps: int | None) -> int | None:
    config.check_steps("--horizon", steps)
    return steps


forecast_options = stack(
    click.option(
        "-n",
        "--horizon",
        metavar="STEPS",
        type=int,
        callback=_positive,
        help="Steps to predict.  [default: what the model was trained for]",
    ),
    click.option(
        "--against",
        metavar="LIST",
        type=Names(config.BASELINES),
        multiple=True,
        callback=_flat,
        help=f"Baselines beside the network, separated by commas: {', '.join(config.BASELINES)}, or a model of "
        "statsforecast by its name, such as CrostonSBA.",
    ),
    click.option(
        "--series",
        metavar="ID",
        type=NAME,
        multiple=True,
        help="Show this series only. Repeatable.",
    ),
)


def picture_target(ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not ctx.resilient_parsing:
        check_picture(path)
    return path


def _data_target(ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    if path is None or str(path) == "-":
        return None
    if not ctx.resilient_parsing:
        check_writable(path)
    return path


def output_options(command: Function) -> Function:
    """Give the command an `output: Output`, of another file than those that it reads or draws."""

    @functools.wraps(command)
    def with_output(*, format: str | None, output: Path | None, **others: Any) -> None:
        chosen = Output.chosen(format, output)
        chosen.check_apart(*(others.get(name) for name in ("data", "test", "plot")))
        command(output=chosen, **others)

    return _OUTPUT(with_output)


_OUTPUT = stack(
    click.option(
        "--format",
        type=Choice(FORMATS),
        help="Form of the result.  [default: by the suffix of -o, otherwise table]",
    ),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(path_type=Path, allow_dash=True),
        callback=_data_target,
        help="Write the result to FILE, whole or not at all; - is standard output.",
    ),
)
