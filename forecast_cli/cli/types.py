"""The kinds of values that options take, beyond click's own."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from forecast_cli.errors import did_you_mean


class Choice(click.Choice[str]):
    """One of a few words; a mistyped one is told the nearest."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        return super().get_invalid_choice_message(value, ctx) + did_you_mean(str(value), self.choices)


class Choices(click.ParamType[tuple[str, ...]]):
    """Some of a few words, separated by commas."""

    name = "list"

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.one = Choice(choices)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        return tuple(self.one.convert(word.strip(), param, ctx) for word in value.split(","))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        done, comma, word = incomplete.rpartition(",")
        return [CompletionItem(done + comma + item.value) for item in self.one.shell_complete(ctx, param, word)]


class Names(click.ParamType[tuple[str, ...]]):
    """Names separated by commas, of which only some are known beforehand; those are what completion offers."""

    name = "list"

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = Choices(tuple(dict.fromkeys(known)))

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        names = tuple(word.strip() for word in value.split(","))
        if not all(names):
            self.fail(f"{value!r} is not a list of names, such as lstm,ets.", param, ctx)
        return names

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return self.known.shell_complete(ctx, param, incomplete)


class WholeNumbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers separated by commas, as in 128,128."""

    name = "list"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        try:
            return tuple(int(number) for number in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of whole numbers, such as 128,128.", param, ctx)


class Name(click.types.StringParamType):
    """A name from the data. An environment variable separates several by commas, since names hold spaces."""

    envvar_list_splitter = ","


NAME = Name()
