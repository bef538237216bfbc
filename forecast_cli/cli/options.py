"""Decorators that give commands their options.

The options are defined in the classes of `forecast_cli.options`. A command gets the values of all options of a class as
one object of this class.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from forecast_cli.cli.command import GeneralOption, ReadingOption
from forecast_cli.cli.output import Output, check_picture
from forecast_cli.cli.screen import Screen
from forecast_cli.cli.settings import load_settings
from forecast_cli.cli.types import choice, click_type
from forecast_cli.files import check_writable
from forecast_cli.option_fields import Option, Options, option_in, options_in
from forecast_cli.option_types import Choice, OptionType, Repeatable, Switch
from forecast_cli.options import (
    BacktestConfig,
    ContinueConfig,
    DetectConfig,
    ModelConfig,
    PredictConfig,
    ReadConfig,
    TrainConfig,
    TrainingRequest,
    TuneConfig,
)
from forecast_cli.report.tables.result import FORMATS

Function = Callable[..., None]
Decorator = Callable[[Function], Function]


def stack(*options: Decorator) -> Decorator:
    """One decorator that applies several decorators for options. --help lists the options in this order."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


# --- options made from fields


def options_of(config: type[Options], into: str, without: tuple[str, ...] = (), **settings: Any) -> Decorator:
    """A decorator that gives a command all options of a class.

    config:    the class, such as ReadConfig
    into:      the name of the argument with which the command gets an object of the class
    without:   the fields of the class for which the command has no option
    settings:  further arguments of click.option for all these options
    """
    options = [option for option in options_in(config) if option.field not in without]

    def decorate(command: Function) -> Function:
        @functools.wraps(command)
        def with_config(**values: Any) -> None:
            given = {option.field: values.pop(option.name.replace("-", "_")) for option in options}
            chosen = config(**{field: value for field, value in given.items() if value not in (None, ())})
            command(**{into: chosen}, **values)

        return stack(*(_decorator(option, **settings) for option in options))(with_config)

    return decorate


def option_of(config: type[Options], field: str) -> Decorator:
    """A decorator that gives a command the option of one field of a class.

    The command gets the value as an argument with the name of the option.
    """
    return _decorator(option_in(config, field))


def _decorator(option: Option, **settings: Any) -> Decorator:
    """A decorator that gives a command this option. `settings` are further arguments of click.option."""
    names = [f"-{option.short}"] if option.short else []
    help = f"{option.help}  [default: {option.default_text}]" if option.default_text else option.help
    if isinstance(option.type, Switch):
        flags = f"--{option.name}/--{option.type.off}" if option.type.off else f"--{option.name}"
        shown = option.default is True
        return click.option(flags, is_flag=True, default=option.default, show_default=shown, help=help, **settings)
    if option.default not in (None, ()):
        settings |= {"default": option.default, "show_default": not option.default_text}
    return typed_option(*names, f"--{option.name}", type=option.type, help=help, metavar=option.metavar, **settings)


def typed_option(*names: str, type: OptionType[Any], **settings: Any) -> Decorator:
    """Like click.option, but `type` is an OptionType. `names` are written as in --help: "-n", "--horizon"."""
    if isinstance(type, Repeatable):

        def joined(_ctx: click.Context, _param: click.Parameter, values: Any) -> Any:
            return type.join(values)

        settings |= {"multiple": True, "callback": joined}
    if not isinstance(type, Choice):
        settings["metavar"] = settings.get("metavar") or type.metavar
    return click.option(*names, type=click_type(type), **settings)


reading_options = options_of(ReadConfig, into="read", cls=ReadingOption)
network_options = options_of(ModelConfig, into="network")
training_options = options_of(TrainConfig, into="training")
learning_options = options_of(TrainConfig, into="training", without=("horizon",))
continuing_options = options_of(ContinueConfig, into="continuing")
predict_options = options_of(PredictConfig, into="config")
plot_options = options_of(PredictConfig, into="config", without=("quantiles", "aggregate"))
detect_options = options_of(DetectConfig, into="config")
backtest_options = options_of(BacktestConfig, into="config")
tune_options = options_of(TuneConfig, into="config")
model_dir_option = option_of(TrainingRequest, "directory")
model_option = option_of(TrainingRequest, "name")
model_to_judge_option = _decorator(
    option_in(TrainingRequest, "name")._replace(default_text="none: exponential smoothing, without training")
)


def data_argument(help: str, required: bool = False) -> Decorator:
    """A decorator that gives a command the argument DATA. The command gets it as `data`: str, or None if not given."""
    return click.argument("data", required=required, type=click.Path(allow_dash=True), help=help)


# --- general options


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
        help="Read defaults for options from FILE.  [default: forecast.toml, if it exists]",
    ),
    general(
        "-q",
        "--quiet",
        is_flag=True,
        callback=_tell_screen,
        help="Show only errors, and a result only if --format or -o is given.",
    ),
    general("-v", "--verbose", is_flag=True, callback=_tell_screen, help="Show more messages. Overrides --quiet."),
    general("--debug", is_flag=True, callback=_tell_screen, help="Show the traceback of an error."),
    general(
        "--log-format",
        type=choice("text", "json"),
        default="text",
        show_default=True,
        callback=_tell_screen,
        help="Format of the messages on standard error; json is one object per line.",
    ),
)


# --- where results go


def _picture_target(ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not ctx.resilient_parsing:
        check_picture(path)
    return path


def picture_option(*names: str, help: str, default: str | None = None) -> Decorator:
    """A decorator that gives a command an option for a picture file. Its path is checked before the work begins."""
    shown: dict[str, Any] = {"default": default, "show_default": True} if default else {}
    return click.option(
        *names, metavar="FILE", type=click.Path(path_type=Path), callback=_picture_target, help=help, **shown
    )


def data_target(ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    """Check the path of an output before any work begins. Returns the path, or None for standard output.

    Raises OutputError if the file cannot be written.
    """
    if path is None or str(path) == "-":
        return None
    if not ctx.resilient_parsing:
        check_writable(path)
    return path


def output_options(command: Function) -> Function:
    """A decorator that gives a command the options --format and --output. The command gets `output: Output`.

    The command raises UsageError if the output file is also one of its input files or the file of its picture.
    """

    @functools.wraps(command)
    def with_output(*, format: str | None, output: Path | None, **others: Any) -> None:
        screen = click.get_current_context().ensure_object(Screen)
        chosen = Output.chosen(format, output, quiet=screen.quiet and not screen.verbose)
        chosen.check_apart(*(others.get(name) for name in ("data", "test", "plot", "future_file", "static_file")))
        command(output=chosen, **others)

    return _OUTPUT(with_output)


def _format(default: str) -> Decorator:
    return click.option("--format", type=choice(*FORMATS), help=f"Format of the result.  [default: {default}]")


format_option = _format("table")
"""A decorator that gives a command the option --format. The command gets `format: str | None`.

It is for commands that print their result and cannot write it to a file.
"""

_OUTPUT = stack(
    _format("by the suffix of -o, otherwise table"),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(path_type=Path, allow_dash=True),
        callback=data_target,
        help="Write the result to FILE, whole or not at all: .csv, .json, .parquet, .xlsx, or a table as text; - is "
        "standard output.",
    ),
)
