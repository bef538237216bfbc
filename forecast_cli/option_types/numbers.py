"""Types of options whose values are numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from forecast_cli.option_types.base import OptionType

MAX_STEPS = 10_000
"""The longest horizon and the longest window, in steps."""


class Integer(OptionType[int]):
    """A whole number from `low` to `high`, or without maximum if `high` is None."""

    metavar = "N"

    def __init__(self, low: int, high: int | None = None) -> None:
        self.low, self.high = low, high

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
        if self.high is None and value < self.low:
            raise ValueError(f"must be {self.low} or more.")
        if self.high is not None and not self.low <= value <= self.high:
            raise ValueError(f"must be {self.low} to {self.high}.")
        return value


class Steps(Integer):
    """A number of steps from 1 to MAX_STEPS: a horizon, the length of a window, or the distance between two cutoffs."""

    metavar = "STEPS"

    def __init__(self) -> None:
        super().__init__(1, MAX_STEPS)


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


class NumberList(OptionType[tuple[float, ...]]):
    """A list of numbers, each above `low` and below `high`. They are sorted, and repeated numbers are removed.

    example: an example of a list for messages, such as "80,95"
    """

    metavar = "LIST"

    def __init__(self, low: float, high: float, example: str) -> None:
        self.low, self.high, self.example = low, high, example

    def from_text(self, text: str) -> tuple[float, ...]:
        try:
            return self._sorted(float(number) for number in text.split(","))
        except ValueError:
            raise ValueError(f"must be numbers separated by commas, as in {self.example}.") from None

    def from_toml(self, value: object) -> tuple[float, ...]:
        if isinstance(value, str):
            return self.from_text(value)
        return self._sorted(_numbers(value, f"must be a number, or a list, as in [{self.example.replace(',', ', ')}]."))

    def check(self, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or not all(self.low < item < self.high for item in value):
            raise ValueError(f"each number must be above {self.low:g} and below {self.high:g}, as in {self.example}.")
        return value

    @staticmethod
    def _sorted(numbers: Iterable[float]) -> tuple[float, ...]:
        """The numbers in ascending order, each once; whole ones as int, so that they are written without decimals."""
        return tuple(int(number) if number % 1 == 0 else number for number in sorted(set(numbers)))


class Seasons(OptionType[tuple[float, ...]]):
    """The lengths of 1 to `max_items` seasons in steps, ascending, such as 7,365.25. A single 1 means no season.

    The first length must be a whole number. Each further one must be at least twice the one before it. No length may be
    above `longest`.
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
        return tuple(_numbers(value, "must be a number of steps, or a list, as in [7, 365.25]."))

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


def _numbers(value: object, otherwise: str) -> list[float]:
    """Return the numbers in a TOML value, which is a number or a list of numbers.

    otherwise: the message of the ValueError that is raised for any other value
    """
    items = value if isinstance(value, list) else [value]
    numbers = [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
    if len(numbers) < len(items):
        raise ValueError(otherwise)
    return numbers
