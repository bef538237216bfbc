"""The types of options: which values an option allows, and how they are written on a command line and in a job file."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

from forecast_cli.errors import did_you_mean

Value = TypeVar("Value")


UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
"""Units of durations, such as "d" in "7d"."""


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
        """The value in a text from a command line, an environment variable or forecast.toml.

        Raises ValueError if the text is not a value that the option allows.
        """
        return self.check(self.from_text(text))

    def read(self, value: object) -> Value:
        """The value in a TOML value from a job file. Raises ValueError if the option does not allow it."""
        return self.check(self.from_toml(value))

    def check(self, value: Value) -> Value:
        """The value itself, if the option allows it. Raises ValueError if it does not."""
        return value

    def from_text(self, text: str) -> Value:
        """Convert a text to a value, without checking its range. A type that is never text does not define this."""
        raise NotImplementedError

    def from_toml(self, value: object) -> Value:
        """Convert a TOML value, without checking its range. By default it must be a text in quotes."""
        return self.from_text(quoted(value))


class Integer(OptionType[int]):
    """A whole number from `low` to `high`, or without maximum if `high` is None. `note` explains `low` in messages."""

    metavar = "N"

    def __init__(self, low: int, high: int | None = None, note: str = "") -> None:
        self.low, self.high, self.note = low, high, note

    def from_text(self, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise ValueError("must be a whole number.") from None

    def from_toml(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number, without quotes.")
        return value

    def check(self, value: int) -> int:
        low = f"{self.low} ({self.note})" if self.note else str(self.low)
        if value < self.low and (self.high is None or self.note):
            raise ValueError(f"must be {low} or more.")
        if value < self.low or (self.high is not None and value > self.high):
            raise ValueError(f"must be {low} to {self.high}.")
        return value


class Number(OptionType[float]):
    """A finite number that is at least `low` and less than `below`. With `above`, it must be greater than `low`."""

    metavar = "X"

    def __init__(self, low: float, below: float = math.inf, above: bool = False) -> None:
        self.low, self.below, self.above = low, below, above

    def from_text(self, text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise ValueError("must be a number.") from None

    def from_toml(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("must be a number, without quotes.")
        return value

    def check(self, value: float) -> float:
        if not math.isfinite(value):
            raise ValueError("must be a finite number.")
        if value < self.low or (self.above and value == self.low) or value >= self.below:
            low = f"above {self.low}" if self.above else f"at least {self.low}"
            raise ValueError(f"must be {low}." if self.below == math.inf else f"must be {low} and below {self.below}.")
        return value


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


class IntegerList(OptionType[tuple[int, ...]]):
    """A list of 1 to `max_items` whole numbers, each from `low` to `high`."""

    metavar = "N,N,..."

    def __init__(self, low: int, high: int, max_items: int) -> None:
        self.low, self.high, self.max_items = low, high, max_items

    def from_text(self, text: str) -> tuple[int, ...]:
        try:
            return tuple(int(number) for number in text.split(","))
        except ValueError:
            raise ValueError("must be whole numbers separated by commas, as in 128,128.") from None

    def from_toml(self, value: object) -> tuple[int, ...]:
        if isinstance(value, str):
            return self.from_text(value)
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, int) and not isinstance(item, bool) for item in items):
            raise ValueError("must be whole numbers, as in [128, 128].")
        return tuple(items)

    def check(self, value: tuple[int, ...]) -> tuple[int, ...]:
        if not 1 <= len(value) <= self.max_items:
            raise ValueError(f"must be 1 to {self.max_items} numbers, as in 128,128.")
        if not all(self.low <= item <= self.high for item in value):
            raise ValueError(f"each number must be {self.low} to {self.high}.")
        return value


class Seasons(OptionType[tuple[float, ...]]):
    """The lengths of up to `max_items` seasons in steps, ascending, such as 7,365.25. Only the first must be whole.

    A single 1 means no season.
    """

    metavar = "STEPS"

    def __init__(self, longest: int, max_items: int) -> None:
        self.longest, self.max_items = longest, max_items

    def from_text(self, text: str) -> tuple[float, ...]:
        try:
            return tuple(float(number) for number in text.split(","))
        except ValueError:
            raise ValueError("must be a number of steps, or several separated by commas, as in 7,365.25.") from None

    def from_toml(self, value: object) -> tuple[float, ...]:
        if isinstance(value, str):
            return self.from_text(value)
        items = value if isinstance(value, list) else [value]
        numbers = [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
        if len(numbers) < len(items):
            raise ValueError("must be a number of steps, or a list, as in [7, 365.25].")
        return tuple(numbers)

    def check(self, value: tuple[float, ...]) -> tuple[float, ...]:
        if not 1 <= len(value) <= self.max_items:
            raise ValueError(f"must be 1 to {self.max_items} numbers, as in 7,365.25.")
        if not all(item >= 1 for item in value):
            raise ValueError("must be 1 (no season) or more.")
        if not all(item <= self.longest for item in value):
            raise ValueError(f"must be 1 (no season) to {self.longest}.")
        if value[0] % 1:
            raise ValueError("must be a whole number; only further seasons may have decimals, as in 7,365.25.")
        if any(later < 2 * earlier for earlier, later in pairwise(value)):
            raise ValueError("each season must be at least twice as long as the one before it, as in 7,365.25.")
        return value


class Repeatable(OptionType[tuple[str, ...]]):
    """Base class of types whose option can be given several times. `join` makes one value from all of them."""

    metavar = "NAME"

    def join(self, values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(item for value in values for item in value)


class Texts(Repeatable):
    """A list of texts. On a command line, the option is given once for each text; a job file has one text or a list."""

    def from_text(self, text: str) -> tuple[str, ...]:
        return (text,)

    def from_toml(self, value: object) -> tuple[str, ...]:
        return tuple(quoted(item) for item in value) if isinstance(value, list) else (quoted(value),)


class ColumnNames(Texts):
    """A list of column names without repetition, written as `Texts`."""

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = next((name for i, name in enumerate(value) if name in value[:i]), None)
        if repeated is not None:
            raise ValueError(f"must name each column once, and '{repeated}' is repeated.")
        return value


class ColumnList(ColumnNames):
    """A list of column names without repetition. They are separated by commas, or given as several texts."""

    metavar = "COLS"

    def from_text(self, text: str) -> tuple[str, ...]:
        return tuple(name.strip() for name in text.split(","))

    def from_toml(self, value: object) -> tuple[str, ...]:
        return self.join(map(self.from_text, super().from_toml(value)))

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(value):
            raise ValueError("must be column names separated by commas, such as price,promo.")
        return super().check(value)


class NameList(Repeatable):
    """A list of names, separated by commas. Repeated names are removed. Names outside `choices` are allowed too."""

    metavar = "LIST"

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)

    def from_text(self, text: str) -> tuple[str, ...]:
        return tuple(name.strip() for name in text.split(","))

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(value):
            raise ValueError("must be names separated by commas, such as lstm,ets.")
        return value

    def join(self, values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(super().join(values)))


class CalendarParts(OptionType[tuple[str, ...]]):
    """One of the words in `alone`, or a list of names in `parts` separated by commas."""

    metavar = "LIST"

    def __init__(self, alone: Sequence[str], parts: Sequence[str]) -> None:
        self.alone, self.parts = tuple(alone), tuple(parts)
        self.choices = (*self.alone, *self.parts)

    def from_text(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.strip() for name in text.split(",")))

    def from_toml(self, value: object) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        return self.from_text(",".join(quoted(item) for item in items))

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = next((name for name in value if name not in self.choices), None)
        if wrong is not None or (len(value) > 1 and set(value) & set(self.alone)):
            hint = did_you_mean(wrong, self.choices) if wrong else ""
            raise ValueError(f"must be {', '.join(self.alone)}, or some of {', '.join(self.parts)}.{hint}")
        return value


class Places(Texts):
    """Codes of countries or regions, such as US or DE-BY. Whether they are known is checked later."""

    metavar = "CODE"

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Z]{2,6}(-[A-Za-z0-9 ]{1,30})?", code) for code in value):
            raise ValueError("must be the code of a country, such as US, or of a region, such as DE-BY.")
        return tuple(dict.fromkeys(value))


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


class FolderPath(OptionType[Path]):
    """The path of a directory."""

    metavar = "DIR"

    def from_text(self, text: str) -> Path:
        return Path(text)


class InputFile(OptionType[str]):
    """The path of a file that is read, but not standard input.

    On a command line it becomes absolute; in a job file it is relative to the folder of the job file.
    """

    metavar = "FILE"

    def from_text(self, text: str) -> str:
        return text if text in ("", "-") else os.path.abspath(os.path.expanduser(text))

    def from_toml(self, value: object) -> str:
        return quoted(value)

    def check(self, value: str) -> str:
        if value in ("", "-"):
            raise ValueError("must be a file; standard input is for the data.")
        return value


class Duration(OptionType[timedelta]):
    """A duration: a whole number and one of UNITS, such as "7d" or "30min". It is at most 100 years.

    >>> Duration().parse("7d")
    datetime.timedelta(days=7)
    """

    metavar = "SPAN"
    maximum = timedelta(days=36_500)
    examples = '"90s", "30min", "12h", "7d" or "2w"'

    def from_text(self, text: str) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,12}) ?([a-z]+)", text.strip())
        if found is None or found[2] not in UNITS:
            raise ValueError(f"must be a duration such as {self.examples}.")
        count, unit = int(found[1]), UNITS[found[2]]
        if not 1 <= count <= self.maximum // unit:
            raise ValueError("must be a duration above 0, of at most 100 years.")
        return count * unit

    def from_toml(self, value: object) -> timedelta:
        if not isinstance(value, str):
            raise ValueError(f"must be a duration in quotes, such as {self.examples}.")
        return self.from_text(value)

    @staticmethod
    def text(span: timedelta) -> str:
        """A duration of whole seconds as a user would type it.

        >>> Duration.text(timedelta(seconds=90)), Duration.text(timedelta(hours=2))
        ('90s', '2h')
        """
        return next(f"{span // UNITS[unit]}{unit}" for unit in ("d", "h", "m", "s") if not span % UNITS[unit])


def quoted(value: object) -> str:
    """The TOML value itself, if it is a text that is not empty. Otherwise raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes.")
    if not value or "\0" in value:
        raise ValueError("must be a text that is not empty.")
    return value
