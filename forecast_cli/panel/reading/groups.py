"""Dates split into the named groups of a regular expression (a form); and their time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.durations import HOUR, MINUTE, SECOND
from forecast_cli.panel.reading.forms import CLOCK


class Groups:
    """The text of each named group of a form, for each text of a column; "" for texts of another form."""

    def __init__(self, form: re.Pattern[str], texts: NDArray[Any]) -> None:
        nothing = ("",) * form.groups
        matches = [form.fullmatch(text) for text in texts]
        self.unmatched = np.array([match is None for match in matches], dtype=bool)
        self._index = form.groupindex
        self._columns = list(zip(*(nothing if m is None else m.groups("") for m in matches), strict=True))

    def has(self, name: str) -> bool:
        """Whether the group `name` matched in any text."""
        return name in self._index and any(self.words(name))

    def match_most_common(self, name: str) -> None:
        """Mark as unmatched each text whose group `name` is not the most common one."""
        words = np.array(self.words(name), dtype=object)
        distinct, counts = np.unique(words[~self.unmatched].astype(str), return_counts=True)
        self.unmatched = self.unmatched | (words != distinct[np.argmax(counts)])

    def all_dotted(self) -> bool:
        """Whether dots separate day, month and year, as in 31.12.2024. Such dates have the day first."""
        return set(self.words("separator")) <= {".", ""}

    def words(self, name: str) -> Sequence[str]:
        """The text of the group `name` for each text; () if the form has no such group."""
        return self._columns[self._index[name] - 1] if name in self._index else ()

    def numbers(self, name: str, default: int = 0) -> NDArray[np.int64]:
        """(texts,) the number in the group `name`; `default` where it is empty."""
        if not self.has(name):
            return np.full(len(self.unmatched), default, dtype=np.int64)
        return np.array([int(word) if word else default for word in self.words(name)], dtype=np.int64)

    def clock(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Nanoseconds since midnight, and which times of day do not exist. 24:00 is the next midnight."""
        hours, minutes, seconds = (self.numbers(name) for name in ("hour", "minute", "second"))
        wrong = (minutes > 59) | (seconds > 59) | (hours > 24) | ((hours == 24) & (minutes + seconds > 0))
        if self.has("half"):
            halves = np.array([word.lower() for word in self.words("half")], dtype="U1")
            twelve_hour = halves != ""
            wrong |= twelve_hour & ((hours < 1) | (hours > 12))
            hours = np.where(twelve_hour, hours % 12 + 12 * (halves == "p"), hours)
        since_midnight = hours * HOUR + minutes * MINUTE + seconds * SECOND
        if self.has("fraction"):
            since_midnight += np.array([int(word.ljust(9, "0")) for word in self.words("fraction")], dtype=np.int64)
        return since_midnight, wrong


def read_clock(cells: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nanoseconds since midnight (rows,) of times of day such as 17:24, and which cells (rows,) are not one."""
    groups = Groups(CLOCK, cells)
    since_midnight, bad = groups.clock()
    return since_midnight, bad | groups.unmatched
