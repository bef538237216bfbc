"""Types of options whose values are single words or characters, or true and false."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_cli.errors import did_you_mean
from forecast_cli.option_types.base import OptionType


class Text(OptionType[str]):
    """Any text; in a job file it must not be empty."""

    metavar = "NAME"

    def from_text(self, text: str) -> str:
        return text


class Choice(OptionType[str]):
    """One of a few words. `wanted` is the text in messages that describes the allowed words."""

    def __init__(self, choices: Sequence[str], wanted: str | None = None) -> None:
        self.choices = tuple(choices)
        self.wanted = wanted or f"one of {', '.join(choices)}"

    def from_text(self, text: str) -> str:
        return text

    def check(self, value: str) -> str:
        if value not in self.choices:
            raise ValueError(f"must be {self.wanted}.{did_you_mean(value, self.choices)}")
        return value


class ModelName(OptionType[str]):
    """The name of a model: one of `choices`, or a class of statsforecast such as CrostonSBA.

    A name that begins with a capital letter is accepted here; whether statsforecast has it is checked later.
    """

    metavar = "NAME"

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)

    def from_text(self, text: str) -> str:
        return text

    def check(self, value: str) -> str:
        if value[:1].isupper() or value in self.choices:
            return value
        raise ValueError(
            f"there is no such model.{did_you_mean(value, self.choices)} 'forecast models' lists all models."
        )


class Character(OptionType[str]):
    """One ASCII character, but not a quote or a line end. The word "tab" means the tab character."""

    metavar = "CHAR"

    def from_text(self, text: str) -> str:
        return "\t" if text in ("tab", "\\t") else text

    def check(self, value: str) -> str:
        if len(value) != 1:
            raise ValueError("must be one character, or tab.")
        if not value.isascii() or value in '"\r\n\0':
            raise ValueError("must be an ASCII character, and neither a quote nor the end of a line.")
        return value


class Switch(OptionType[bool]):
    """True or false. On a command line, the option is a flag without a value, which means true.

    off: the name of a second flag that means false, such as "no-refit"; None if there is none
    """

    metavar = "true or false"

    def __init__(self, off: str | None = None) -> None:
        self.off = off

    def from_toml(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError("must be true or false, without quotes.")
        return value
