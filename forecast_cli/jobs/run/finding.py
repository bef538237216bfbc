"""The data file of a job: found, and waited for until nobody writes it any more."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from glob import glob

from forecast_cli.errors import DataError

SETTLED = 2.0
"""Seconds without a change after which a file is taken for whole."""

CUT_SHORT = 15.0
"""The same for a text that does not end with a line's end: it may be cut in the middle of a number."""

PATIENCE = 30.0
"""Seconds that a file may go on changing before it is given up, until the next attempt."""


class NotReadyError(DataError):
    """The data may be there, or whole, a little later."""


@dataclass(frozen=True)
class State:
    """What tells one content of a file from another without reading it."""

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: str) -> State:
        """Raises NotReadyError where there is no such file."""
        try:
            found = os.stat(path)
        except OSError as error:
            raise NotReadyError(f"{path}: {(error.strerror or 'not there').lower()}.", _REMEDY) from error
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


_REMEDY = "Check what delivers the file, and when."


def find(data: str, pattern: bool = False) -> str:
    """The path `data`, or the newest file that it matches as a `pattern`. Raises NotReadyError where there is none."""
    if not pattern:
        return data
    matches = [path for path in glob(data, recursive=True) if os.path.isfile(path)]
    if not matches:
        raise NotReadyError(f"{data}: no file matches.", _REMEDY)
    return max(matches, key=lambda path: (os.stat(path).st_mtime_ns, path))


def settle(path: str) -> State:
    """The state of the file at `path` once it has not changed for a while: see `SETTLED` and `CUT_SHORT`.

    A file that was last written longer ago than that is not waited for. Raises NotReadyError where it is empty, not
    there, or goes on changing for `PATIENCE` seconds.
    """
    begun = still_since = time.monotonic()
    state = State.of(path)
    while (rest := _needed(path, state) - _unchanged(state, still_since)) > 0:
        if time.monotonic() - begun > PATIENCE:
            raise NotReadyError(f"{path}: is still being written.", _REMEDY)
        time.sleep(min(rest, 1.0))
        if (latest := State.of(path)) != state:
            state, still_since = latest, time.monotonic()
    if state.size == 0:
        raise NotReadyError(f"{path}: is empty.", _REMEDY)
    return state


def _unchanged(state: State, still_since: float) -> float:
    """Seconds since the last change: by the file's own time unless that lies in the future."""
    age = time.time() - state.modified / 1e9
    return age if age >= 0 else time.monotonic() - still_since


def _needed(path: str, state: State) -> float:
    if time.time() - state.modified / 1e9 > CUT_SHORT or not _cut_short(path):
        return SETTLED
    return CUT_SHORT


def _cut_short(path: str) -> bool:
    """Whether the file is a text whose last line has no end."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            file.seek(max(0, os.stat(path).st_size - 1))
            return head.isascii() and b"\0" not in head and file.read(1) not in (b"\n", b"\r", b"")
    except OSError:
        return False  # reading it will say why


def check_unchanged(path: str, before: State) -> None:
    """Raise NotReadyError if the file at `path` changed while it was read."""
    if State.of(path) != before:
        raise NotReadyError(f"{path}: changed while it was read.", _REMEDY)
