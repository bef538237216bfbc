"""Read defaults for options from the file `forecast.toml`.

They replace the built-in defaults. Options on the command line and in environment variables have precedence over them.
A key at the top of the file is for all commands with this option; a key in a table such as [train] is for one command,
and has precedence over the same key at the top.
"""

from __future__ import annotations

from pathlib import Path

import click

from forecast_cli.errors import UsageError, did_you_mean

FILE = Path("forecast.toml")
NOT_SETTINGS = {"config", "help", "version"}


def load_settings(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    """Use the values in a settings file as defaults of the command. This is the callback of the option --config.

    path: the file; None takes forecast.toml in the working directory, if it exists

    Raises UsageError if the file cannot be read, is not valid TOML, or has an unknown key or table.
    """
    if ctx.parent is None or ctx.resilient_parsing:
        return
    if path is None and not FILE.is_file():
        return
    path = path or FILE
    ctx.meta["settings"] = str(path)
    ctx.default_map = _defaults(path, _read(path), _options(ctx.parent), str(ctx.info_name))


def _read(path: Path) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.", option="config") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, or numbers or nesting too large
        raise UsageError(f"{path} is not a valid TOML file: {error}.", "Write a setting as: horizon = 12") from error


def _options(group_context: click.Context) -> dict[str, dict[str, click.Option]]:
    """The options that a settings file can set, as {"train": {"model_dir": option, ...}, ...}."""
    group = group_context.command
    assert isinstance(group, click.Group)
    found = {}
    for name in group.list_commands(group_context):
        command = group.get_command(group_context, name)
        options = [param for param in command.params if isinstance(param, click.Option)] if command else []
        found[name] = {option.name: option for option in options if option.name not in NOT_SETTINGS}
    return found


def _defaults(
    path: Path, content: dict[str, object], options: dict[str, dict[str, click.Option]], command: str
) -> dict[str, object]:
    every = {name: option for own in options.values() for name, option in own.items()}
    chosen: dict[str, object] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            if key not in options:
                raise UsageError(f"{path}: there is no table [{key}].{did_you_mean(key, options)}")
            own = {_known(path, inner, options[key], key): setting for inner, setting in value.items()}
            chosen |= own if key == command else {}
        else:
            name = _known(path, key, every)
            if name in options[command]:
                chosen.setdefault(name, value)
    return {name: _as_typed(path, options[command][name], value) for name, value in chosen.items()}


def _known(path: Path, key: str, options: dict[str, click.Option], table: str | None = None) -> str:
    name = key.replace("-", "_")
    if name not in options:
        where = f"{path}, table [{table}]" if table else str(path)
        known = [option.replace("_", "-") for option in options]
        raise UsageError(f"{where}: there is no setting '{key}'.{did_you_mean(key.replace('_', '-'), known)}")
    return name


def _as_typed(path: Path, option: click.Option, value: object) -> object:
    """Convert a TOML value to text as on the command line, so that click checks it in the same way.

    A list becomes a list of texts if the option can be repeated, otherwise one text with commas. The value of a flag
    stays a bool. Raises UsageError for a table.

    path: the settings file, for messages
    """
    if isinstance(value, dict):
        name = str(option.name).replace("_", "-")
        raise UsageError(f"{path}: {name} must be a value, not a table.")
    if option.is_flag and isinstance(value, bool):
        return value
    several = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
    return several if option.multiple else ",".join(several)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
