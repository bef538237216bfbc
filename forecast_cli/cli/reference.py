"""Generate the command reference in Markdown from --help: python -m forecast_cli.cli.reference."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from forecast_cli.cli import forecast
from forecast_cli.cli.command import COMMANDS
from forecast_cli.errors import ExitCode
from forecast_cli.jobs.file.job import JobFile
from forecast_cli.jobs.file.keys import KEYS
from forecast_cli.option_fields import REQUIRED, Option, options_in
from forecast_cli.option_types import ModelName

EXIT_CODES = {
    ExitCode.OK: "done",
    ExitCode.INTERNAL: "internal error",
    ExitCode.USAGE: "wrong usage: an unknown option, an invalid value, an output that cannot be written",
    ExitCode.JOBS_FAILED: "some jobs failed",
    ExitCode.MODEL: "the model does not exist or is not valid",
    ExitCode.DATA: "the data cannot be used",
    ExitCode.LOCKED: "another run holds the lock",
    ExitCode.GATE_FAILED: "a quality gate failed",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitCode.TERMINATED: "terminated",
}

INTRODUCTION = """\
# Command reference

Generated from the program: `python -m forecast_cli.cli.reference > docs/command-reference.md`.

Results go to standard output, everything else to standard error. The general options can be given before or
after the command's name.
"""

DEFAULTS = """\
## Defaults from the environment and from a file

Every option can also be set by an environment variable, `FORECAST_` and the option's name in capitals
(`--model-dir` is `FORECAST_MODEL_DIR`), and in `forecast.toml` in the working directory, or the file that
`--config` or `FORECAST_CONFIG` names. The command line comes first, then the environment, then the file. In
the environment, a switch is 1 or 0, and commas separate several column names or series ids.

In the file, keys at the top apply to every command that has the option, keys in a table to one command:

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

JOB_KEYS = """\
## Keys of a job file

At the top of the file:

{top}
In `[defaults]` and in each job, `[jobs.NAME]`:

{own}
These options of `forecast train` are keys too: {shared}.
"""


def markdown() -> str:
    """The whole text of docs/command-reference.md."""
    root = click.Context(forecast, info_name="forecast", terminal_width=80, **forecast.context_settings)
    pages = [_page(root)]
    for name in COMMANDS:
        command = forecast.get_command(root, name)
        assert command is not None
        context = click.Context(command, parent=root, info_name=name, terminal_width=80, **command.context_settings)
        pages.append(_page(context))
    return "\n".join([INTRODUCTION, *pages, DEFAULTS, _job_keys(), _exit_codes()])


def _page(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def _job_keys() -> str:
    own = [key.option for key in KEYS.values() if key.part in ("", "policy")]
    shared = ", ".join(f"`{name}`" for name, key in KEYS.items() if key.option not in own)
    return JOB_KEYS.format(top=_table(options_in(JobFile)), own=_table(own), shared=shared)


def _table(options: Iterable[Option]) -> str:
    rows = "".join(
        f"| `{option.name}` | {_value(option)} | {_default(option)} | {option.help} |\n" for option in options
    )
    return f"| key | value | default | meaning |\n|---|---|---|---|\n{rows}"


def _value(option: Option) -> str:
    """The values that a key of a job file can have, as text: the words of a choice, or a word such as N."""
    words = () if isinstance(option.type, ModelName) else option.type.choices
    return ", ".join(f'"{word}"' for word in words) or option.metavar or option.type.metavar


def _default(option: Option) -> str:
    if option.default_text or option.default in (None, (), REQUIRED):
        return option.default_text or ""
    return json.dumps(option.default)


def _exit_codes() -> str:
    rows = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    sys.stdout.write(markdown())
