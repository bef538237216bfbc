"""The base class of the types of options."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class OptionType(Generic[Value]):
    """Base class of the types of options: which values are allowed, and how they are written.

    For a wrong value, methods raise ValueError with a text such as "must be 1 or more." Messages show it after the
    value.

    metavar:  the word for the value in --help, such as N
    choices:  the words that completion in the shell offers
    """

    metavar = "TEXT"
    choices: tuple[str, ...] = ()

    def parse(self, text: str) -> Value:
        """Convert a text from a command line, an environment variable or forecast.toml to a value of the option.

        Raises ValueError if the text is not a value that the option allows.
        """
        return self.check(self.from_text(text))

    def read(self, value: object) -> Value:
        """Convert a TOML value from a job file to a value of the option.

        Raises ValueError if the option does not allow the value.
        """
        return self.check(self.from_toml(value))

    def check(self, value: Value) -> Value:
        """Return the value if the option allows it; some types remove repeated items. Otherwise raises ValueError."""
        return value

    def from_text(self, text: str) -> Value:
        """Convert a text to a value, without checking its range. Raises ValueError if the text cannot be converted.

        Types whose values are never written as text, such as `Switch`, do not define this method.
        """
        raise NotImplementedError

    def from_toml(self, value: object) -> Value:
        """Convert a TOML value to a value of the option, without checking its range.

        Raises ValueError for a TOML value of a wrong type. In this base class, it must be a text in quotes.
        """
        return self.from_text(quoted(value))


def quoted(value: object) -> str:
    """Return a TOML value if it is a text, not empty and without null characters. Otherwise raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes.")
    if not value or "\0" in value:
        raise ValueError("must be a text that is not empty.")
    return value
