"""Parameter types of click for the types of options in `option_types`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from forecast_cli.option_types import Choice, FolderPath, NameList, OptionType, Texts


class BadValue(click.BadParameter):
    """The error for a value that an option does not allow. `message` begins with the value."""

    def format_message(self) -> str:
        name = max(self.param.opts, key=len) if isinstance(self.param, click.Option) else self.param_hint or ""
        return f"{name} {self.message}".lstrip()


class OptionParamType(click.ParamType[Any]):
    """A parameter type of click that reads, shows and completes the values of an `OptionType`."""

    def __init__(self, type: OptionType[Any]) -> None:
        self.type = type
        self.name = type.metavar.lower()

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The items in `rv`, the value of an environment variable.

        They are separated by commas if an item may contain spaces, otherwise by white space.
        """
        return rv.split(",") if isinstance(self.type, Texts) else super().split_envvar_value(rv)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.type.parse(value)
        except ValueError as error:
            raise BadValue(f"{value}: {error}", ctx, param) from error

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The allowed words of a Choice, for --help; None for other types, whose options set a word such as N."""
        return click.Choice(self.type.choices).get_metavar(param, ctx) if isinstance(self.type, Choice) else None

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        done, comma, word = incomplete.rpartition(",") if isinstance(self.type, NameList) else ("", "", incomplete)
        return [CompletionItem(done + comma + name) for name in self.type.choices if name.startswith(word)]


def click_type(type: OptionType[Any]) -> click.ParamType[Any]:
    """The parameter type of click for an `OptionType`."""
    return click.Path(path_type=Path) if isinstance(type, FolderPath) else OptionParamType(type)


def choice(*words: str) -> OptionParamType:
    """The parameter type of click for an option whose value is one of these words."""
    return OptionParamType(Choice(words))
