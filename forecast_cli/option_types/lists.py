"""Types of options whose values are lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from forecast_cli.errors import did_you_mean
from forecast_cli.option_types.base import OptionType, quoted


class Repeatable(OptionType[tuple[str, ...]]):
    """Base class of types whose option can be given several times. `join` makes one value from all these values."""

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
    """A list of column names, written like `Texts`. A repeated name is an error."""

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = next((name for i, name in enumerate(value) if name in value[:i]), None)
        if repeated is not None:
            raise ValueError(f"must name each column once, and '{repeated}' is repeated.")
        return value


class ColumnList(ColumnNames):
    """A list of column names, separated by commas, or given as several texts. A repeated name is an error."""

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
    """A list of names, separated by commas. `join` removes repeated names. Names outside `choices` are allowed too."""

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
    """Either a list of names in `parts`, separated by commas, or a single word in `alone`. Repeated names are removed.

    A job file can have a list of texts too.
    """

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
    """Codes of countries or regions, such as US or DE-BY, written like `Texts`. Repeated codes are removed.

    Only the form of a code is checked here. Whether there is such a country or region is checked later.
    """

    metavar = "CODE"

    def check(self, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Z]{2,6}(-[A-Za-z0-9 ]{1,30})?", code) for code in value):
            raise ValueError("must be the code of a country, such as US, or of a region, such as DE-BY.")
        return tuple(dict.fromkeys(value))
