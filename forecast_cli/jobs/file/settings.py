"""Read the settings file that a job names with its key `config`. `forecast tune` writes such files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.jobs.file.keys import KEYS, value_of

COMMAND = "train"
"""The name of the table in a settings file that applies to a job. Tables of other commands have no effect."""

SETTINGS = {"model", *(name for name, key in KEYS.items() if key.part in ("read", "model", "training"))}


def settings_of(path: Path) -> dict[str, Any]:
    """Read the options in the settings file `path`, as {name: value}: those at its top and those in its table [train].

    If an option is in both, the table has precedence. Raises UsageError if the file cannot be read or is not TOML, or
    if it has there an option that is not in SETTINGS, or an invalid value.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f'"{path}": {error.strerror}.', "Name a file that 'forecast tune' wrote.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, or numbers or nesting too large
        raise UsageError(f'"{path}" is not a valid TOML file: {error}.', "Write a key as: epochs = 12") from error
    own = content.get(COMMAND, {})
    common = {key: value for key, value in content.items() if not isinstance(value, dict)}
    return {key.replace("_", "-"): _value(path, key, given) for key, given in {**common, **own}.items()}


def _value(path: Path, key: str, given: object) -> Any:
    name = key.replace("_", "-")
    if name not in SETTINGS:
        advice = did_you_mean(name, SETTINGS).strip() or "Remove it, or put it into the table of its command."
        raise UsageError(f'"{path}": {key} cannot be set for a training.', advice)
    try:
        return value_of(KEYS[name].option, given)
    except UsageError as error:
        raise UsageError(f'"{path}": {name} {error.reason}', error.hint) from error
