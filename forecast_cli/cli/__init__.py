"""The command line. Each command has a module in `commands/`. This module runs a command and returns its exit code.

Modules that are slow to import, such as TensorFlow, are imported only when a command needs them.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

import click

from forecast_cli import signals
from forecast_cli.cli.command import GeneralOption, Root
from forecast_cli.cli.failures import explain, stdout_error
from forecast_cli.cli.options import general_options
from forecast_cli.cli.screen import Screen
from forecast_cli.errors import ExitCode

COMPLETION = "_FORECAST_COMPLETE"


def show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from forecast_cli import __version__

        click.echo(f"forecast {__version__}")
        ctx.exit()


@click.command(
    "forecast",
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  forecast train sales.csv            train a model on a file
  forecast predict --horizon 12       predict the next 12 steps
  forecast predict --plot sales.png   and draw a picture
""",
)
@click.option(
    "--version",
    cls=GeneralOption,
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_version,
    help="Show the version and exit.",
)
@general_options
@click.pass_context
def forecast(ctx: click.Context) -> None:
    """Time-series forecasts worth trusting, from a CSV and a terminal."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> NoReturn:
    """Run the `forecast` program."""
    signals.listen()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    signals.end_at_signals()
    gc.freeze()  # saves a second at exit: otherwise Python searches TensorFlow's objects for cycles
    sys.exit(code)


def run(args: list[str]) -> int:
    """Run a command line and return its exit code. Exceptions are shown as messages, and never leave this function.

    If SIGINT or SIGTERM was received, an error that was raised as well is not shown: message and exit code are those of
    the signal.

    args: the words of the command line, without the name of the program
    """
    screen = Screen()
    with screen.attached():
        try:
            if instruction := os.environ.get(COMPLETION):
                return _complete(screen, instruction)
            with forecast.make_context("forecast", list(args), obj=screen) as context:
                forecast.invoke(context)
            if stop := signals.received_signal():
                raise stop
        except click.exceptions.Exit as end:
            return end.exit_code
        except BrokenPipeError:
            return ExitCode.OK
        except BaseException as error:
            failure = explain(signals.received_signal() or _as_output_error(error))
            screen.fail(failure.message, failure.hint, error)
            return failure.code
        finally:
            _settle_stdout()
    return ExitCode.OK


def _complete(screen: Screen, instruction: str) -> int:
    """Print shell completions. Returns the exit code.

    instruction: the value of the environment variable with which the shell asks for completions, see COMPLETION
    """
    from click.shell_completion import shell_complete

    return shell_complete(forecast, {"obj": screen}, "forecast", COMPLETION, instruction)


def _as_output_error(error: BaseException) -> BaseException:
    """Return an OutputError if click raised `error` when it wrote to standard output; otherwise return `error`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(error, OSError) and trace is not None and trace.tb_frame.f_globals.get("__name__") == "click.utils":
        return stdout_error(error)
    return error


def _settle_stdout() -> None:
    """Write what is left of standard output. If this fails, the rest is discarded without an error.

    It fails if the program that reads the output has ended (as with `| head`), or if the disk is full.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
