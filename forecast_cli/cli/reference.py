"""The command reference in Markdown, from the program's own --help: python -m forecast_cli.cli.reference."""

from __future__ import annotations

import sys

import click

from forecast_cli.cli import forecast
from forecast_cli.cli.command import COMMANDS
from forecast_cli.errors import ExitCode

EXIT_CODES = {
    ExitCode.OK: "done",
    ExitCode.INTERNAL: "internal error",
    ExitCode.USAGE: "wrong usage: an unknown option, a bad value, an output that cannot be written",
    ExitCode.JOBS_FAILED: "some jobs failed",
    ExitCode.MODEL: "there is no such model, or it is not a valid one",
    ExitCode.DATA: "the data cannot be used",
    ExitCode.LOCKED: "another run holds the lock",
    ExitCode.GATE_FAILED: "a quality gate failed",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitCode.TERMINATED: "terminated",
}

INTRODUCTION = """\
# Command reference

Written by the program itself: `python -m forecast_cli.cli.reference > docs/command-reference.md`.

Results go to standard output, everything else to standard error. The general options may stand before or
after the command's name.
"""

DEFAULTS = """\
## Defaults from the environment and from a file

Every option can also be set by an environment variable, `FORECAST_` and the option's name in capitals
(`--model-dir` is `FORECAST_MODEL_DIR`), and in `forecast.toml` in the working directory, or the file that
`--config` or `FORECAST_CONFIG` names. The command line comes first, then the environment, then the file. A
switch takes 1 or 0; of several values, column names and series ids are separated by commas.

In the file, keys at the top hold for every command that has such an option, a table for one command:

```toml
model-dir = "models/sales"
horizon = 12

[train]
units = [64, 64]

[predict]
against = ["arima", "ets"]
format = "csv"
```

`NO_COLOR` turns colours off.
"""


def markdown() -> str:
    """The whole page."""
    root = click.Context(forecast, info_name="forecast", terminal_width=80, **forecast.context_settings)
    pages = [_page(root)]
    for name in COMMANDS:
        command = forecast.get_command(root, name)
        assert command is not None
        context = click.Context(command, parent=root, info_name=name, terminal_width=80, **command.context_settings)
        pages.append(_page(context))
    return "\n".join([INTRODUCTION, *pages, DEFAULTS, _exit_codes()])


def _page(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def _exit_codes() -> str:
    rows = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    sys.stdout.write(markdown())
