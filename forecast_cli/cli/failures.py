"""The message and the exit code that the program shows for each exception."""

from __future__ import annotations

from dataclasses import dataclass

import click
from click.core import ParameterSource

from forecast_cli.cli.types import BadValue
from forecast_cli.errors import ExitCode, ForecastError, OutputError, Terminated, UsageError

USE_DEBUG = "Run the command again with --debug to see where it happened."


@dataclass(frozen=True)
class Failure:
    """How the program ends after an exception.

    code:    the exit code
    message: what is wrong
    hint:    what the user can do; None if there is nothing to say
    """

    code: ExitCode
    message: str
    hint: str | None = None


def explain(error: BaseException) -> Failure:
    """The exit code, message and hint for an exception."""
    match error:
        case UsageError(option=str(name)):
            return Failure(error.exit_code, f"--{name} {error.reason}", error.hint)
        case ForecastError():
            return Failure(error.exit_code, error.message, error.hint)
        case click.ClickException():
            return Failure(ExitCode.USAGE, error.format_message(), _usage_hint(error))
        case KeyboardInterrupt() | click.Abort():
            return Failure(ExitCode.INTERRUPTED, "Interrupted.")
        case Terminated():
            return Failure(ExitCode.TERMINATED, "Terminated.")
        case MemoryError():
            return Failure(
                ExitCode.INTERNAL,
                "There is not enough memory.",
                "Use fewer series, or a smaller --batch-size, --units or --input-size.",
            )
        case RecursionError():
            return Failure(ExitCode.INTERNAL, "The input is nested too deeply.", USE_DEBUG)
        case OSError(strerror=str(reason)):
            where = f"{error.filename}: " if error.filename else ""
            return Failure(ExitCode.INTERNAL, f"{where}{reason}.", USE_DEBUG)
        case _:
            return Failure(ExitCode.INTERNAL, f"Internal error: {_one_line(error)}", USE_DEBUG)


def stdout_error(error: OSError) -> OutputError:
    """The error to show if standard output cannot be written, as on a full disk."""
    return OutputError(
        f"Cannot write to standard output: {error.strerror}.", "Make room on the disk, or write another file with -o."
    )


def _usage_hint(error: click.ClickException) -> str | None:
    """The hint for a wrong command line; None if there is none.

    It says which environment variable or file a wrong value comes from, or which --help to read.
    """
    context = getattr(error, "ctx", None)
    if context is None:
        return None
    if isinstance(error, click.BadParameter) and error.param is not None and error.param.name:
        name = error.param.name
        source = context.get_parameter_source(name)
        if source is ParameterSource.ENVIRONMENT:
            return f"The value comes from the environment variable FORECAST_{name.upper()}."
        if source is ParameterSource.DEFAULT_MAP:
            return f"The value comes from the key {name.replace('_', '-')} in {context.meta['settings']}."
    return None if isinstance(error, BadValue) else f"See '{context.command_path} --help'."


def _one_line(error: BaseException, limit: int = 300) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= limit else text[:limit] + "..."
