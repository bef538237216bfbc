"""The type of options whose value is a duration, such as "7d"."""

from __future__ import annotations

import re
from datetime import timedelta

from forecast_cli.option_types.base import OptionType

UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
"""Unit of a duration, such as "d" in "7d" -> its length."""


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
        """The text of a duration of whole seconds, as a user would type it, in the largest unit that divides it.

        >>> Duration.text(timedelta(seconds=90)), Duration.text(timedelta(hours=2))
        ('90s', '2h')
        """
        return next(f"{span // UNITS[unit]}{unit}" for unit in ("d", "h", "m", "s") if not span % UNITS[unit])
