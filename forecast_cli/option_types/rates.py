"""Types of options for how often something may happen."""

from __future__ import annotations

import math

from forecast_cli.errors import did_you_mean
from forecast_cli.option_types.base import OptionType

PERIODS = {"hour": 3600, "day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}
"""Name of a period -> its length in seconds. For months and years, this is the mean length."""


class AlarmRate(OptionType[tuple[str, float]]):
    """A number of alarms per period, such as week=1, as a tuple ("week", 1.0).

    The period is one of PERIODS. The number is above 0.
    """

    metavar = "PERIOD=N"

    def from_text(self, text: str) -> tuple[str, float]:
        period, _, number = text.partition("=")
        try:
            return period.strip(), float(number)
        except ValueError:
            raise ValueError("must be a period and a number, as in week=1.") from None

    def check(self, value: tuple[str, float]) -> tuple[str, float]:
        period, number = value
        if period not in PERIODS:
            raise ValueError(f"the period must be one of {', '.join(PERIODS)}.{did_you_mean(period, PERIODS)}")
        if not (math.isfinite(number) and number > 0):
            raise ValueError("the number must be above 0, as in week=1.")
        return value
