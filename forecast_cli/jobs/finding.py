"""The data file of a job: found, and waited for until nobody writes it any more."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from forecast_cli.errors import DataError

SETTLED = 1.0
"""Seconds without a change after which a file is taken for whole."""

PATIENCE = 20.0
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


def find(data: str) -> str:
    """The path that `data` names; of several that a glob matches, the newest. Raises NotReadyError for none."""
    if not has_magic(data) or Path(data).exists():
        return data
    matches = [path for path in glob(data, recursive=True) if os.path.isfile(path)]
    if not matches:
        raise NotReadyError(f"{data}: no file matches.", _REMEDY)
    return max(matches, key=lambda path: (os.stat(path).st_mtime_ns, path))


def settle(path: str) -> State:
    """The state of the file at `path` once it has not changed for `SETTLED` seconds.

    A file that was last written longer ago than that is not waited for. Raises NotReadyError where it is empty, not
    there, or goes on changing for `PATIENCE` seconds.
    """
    given_up = time.monotonic() + PATIENCE
    state = State.of(path)
    while 0 <= (age := time.time() - state.modified / 1e9) < SETTLED:
        if time.monotonic() > given_up:
            raise NotReadyError(f"{path}: is still being written.", _REMEDY)
        time.sleep(SETTLED - age)
        state = State.of(path)
    if state.size == 0:
        raise NotReadyError(f"{path}: is empty.", _REMEDY)
    return state


def check_unchanged(path: str, before: State) -> None:
    """Raise NotReadyError if the file at `path` changed while it was read."""
    if State.of(path) != before:
        raise NotReadyError(f"{path}: changed while it was read.", _REMEDY)
