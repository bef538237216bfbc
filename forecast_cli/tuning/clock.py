"""The time budget of a tuning."""

from __future__ import annotations

import time
from collections.abc import Callable


class OutOfTime(BaseException):
    """Too little of the time budget is left to go on. `except Exception` does not catch this exception."""


class Clock:
    """Measures how much of the time budget of a tuning is spent (`elapsed`), and how much is left (`left`), in seconds.

    budget: the whole budget, in seconds
    spent:  the seconds that earlier runs of the same tuning spent; they count as elapsed
    now:    a function that returns the current time, in seconds
    """

    def __init__(self, budget: float, now: Callable[[], float] = time.monotonic) -> None:
        self.budget, self.now = budget, now
        self.spent = 0.0
        self._start = now()

    @property
    def elapsed(self) -> float:
        return self.now() - self._start + self.spent

    @property
    def left(self) -> float:
        return self.budget - self.elapsed

    def check(self, needed: float) -> None:
        """Raise OutOfTime if fewer than `needed` seconds are left."""
        if self.left < needed:
            raise OutOfTime
