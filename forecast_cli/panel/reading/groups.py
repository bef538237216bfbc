"""Split dates into the named groups of a regular expression (a form), such as "year" and "month"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_cli.panel.durations import HOUR, MINUTE, SECOND
from forecast_cli.panel.reading.forms import CLOCK
from forecast_cli.panel.reading.patterns import full_match


class Groups:
    """The texts of a column, split into the named groups of a form. All groups are "" for texts of another form.

    unmatched: (texts,) bool, True for texts of another form
    """

    def __init__(self, form: re.Pattern[str], texts: NDArray[Any]) -> None:
        nothing = ("",) * form.groups
        matches = [full_match(form, text) for text in texts]
        self.unmatched = np.array([match is None for match in matches], dtype=bool)
        self._index = form.groupindex
        self._columns = list(zip(*(nothing if m is None else m.groups("") for m in matches), strict=True))

    def has(self, name: str) -> bool:
        """Whether the group `name` matched in any text."""
        return name in self._index and any(self.words(name))

    def match_most_common(self, name: str) -> None:
        """Keep only the texts with the most frequent word in the group `name`; mark all others as unmatched.

        If most dates are written as 31/12/2024, their separator is "/", and 31-12-2024 becomes unmatched.
        """
        words = np.array(self.words(name), dtype=object)
        distinct, counts = np.unique(words[~self.unmatched].astype(str), return_counts=True)
        self.unmatched = self.unmatched | (words != distinct[np.argmax(counts)])

    def all_dotted(self) -> bool:
        """Whether dots separate day, month and year in all texts, as in 31.12.2024. Such dates have the day first."""
        return set(self.words("separator")) <= {".", ""}

    def words(self, name: str) -> Sequence[str]:
        """For each text, what the group `name` matched; () if the form has no such group."""
        return self._columns[self._index[name] - 1] if name in self._index else ()

    def numbers(self, name: str, default: int = 0) -> NDArray[np.int64]:
        """(texts,) the number in the group `name` of each text; `default` where the group is empty."""
        if not self.has(name):
            return np.full(len(self.unmatched), default, dtype=np.int64)
        return np.array([int(word) if word else default for word in self.words(name)], dtype=np.int64)

    def clock(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The time of day of each text, in nanoseconds since midnight, and True where it does not exist, as 25:00.

        24:00 exists: it is midnight at the end of the day.
        """
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
    """Read times of day such as "17:24".

    Returns the nanoseconds since midnight (rows,), and True for cells that are not a time of day (rows,).
    """
    groups = Groups(CLOCK, cells)
    since_midnight, bad = groups.clock()
    return since_midnight, bad | groups.unmatched
