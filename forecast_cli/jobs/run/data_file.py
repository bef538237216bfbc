"""The data file of a job: find it, and wait until it is no longer being written."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from glob import glob

from forecast_cli.errors import DataError
from forecast_cli.panel.panel import Panel

SETTLE_SECONDS = 2.0
"""A file that has not changed for this long is complete."""

CUT_LINE_SETTLE_SECONDS = 15.0
"""As SETTLE_SECONDS, for a text whose last line has no line end: it may end in the middle of a number."""

MAX_SETTLE_SECONDS = 30.0
"""How long to wait for a file that keeps changing, per attempt."""

POLL_SECONDS = 1.0

HINT = "Check the process that delivers the file, and its schedule."


@dataclass(frozen=True)
class Data:
    """The data of a job.

    path:         the file that was read
    columns:      column names of the file
    fingerprint:  see `panel.describe`
    """

    path: str
    panel: Panel
    columns: tuple[str, ...]
    fingerprint: str


class NotReadyError(DataError):
    """The data are missing or incomplete, and may be complete later."""


@dataclass(frozen=True)
class FileState:
    """Properties of a file that differ after the file has changed; the file need not be read for them.

    size:      bytes
    modified:  ns since 1970
    """

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: str) -> FileState:
        """Raises NotReadyError if the file does not exist."""
        try:
            status = os.stat(path)
        except OSError as error:
            raise NotReadyError(f"{path}: {(error.strerror or 'no such file').lower()}.", HINT) from error
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def find(data: str, pattern: bool = False) -> str:
    """The path `data`; if it is a pattern, its newest match. Raises NotReadyError if no file matches the pattern."""
    if not pattern:
        return data
    matches = [path for path in glob(data, recursive=True) if os.path.isfile(path)]
    if not matches:
        raise NotReadyError(f"{data}: no file matches.", HINT)
    return max(matches, key=lambda path: (os.stat(path).st_mtime_ns, path))


def settle(path: str) -> FileState:
    """Wait until the file at `path` has not changed for SETTLE_SECONDS, or CUT_LINE_SETTLE_SECONDS; return its state.

    Returns at once if the last change is that long ago. Raises NotReadyError if the file is missing or empty, or still
    changes after MAX_SETTLE_SECONDS.
    """
    began = unchanged_since = time.monotonic()
    state = FileState.of(path)
    while (rest := _required_seconds(path, state) - _seconds_unchanged(state, unchanged_since)) > 0:
        if time.monotonic() - began > MAX_SETTLE_SECONDS:
            raise NotReadyError(f"{path}: is still being written.", HINT)
        time.sleep(min(rest, POLL_SECONDS))
        if (latest := FileState.of(path)) != state:
            state, unchanged_since = latest, time.monotonic()
    if state.size == 0:
        raise NotReadyError(f"{path}: is empty.", HINT)
    return state


def check_unchanged(path: str, before: FileState) -> None:
    """Raise NotReadyError if the file at `path` has changed while it was read."""
    if FileState.of(path) != before:
        raise NotReadyError(f"{path}: changed while it was read.", HINT)


def _seconds_unchanged(state: FileState, unchanged_since: float) -> float:
    """Seconds since the modification time of the file; if that is in the future, seconds since `unchanged_since`."""
    age = time.time() - state.modified / 1e9
    return age if age >= 0 else time.monotonic() - unchanged_since


def _required_seconds(path: str, state: FileState) -> float:
    if time.time() - state.modified / 1e9 > CUT_LINE_SETTLE_SECONDS or not _has_cut_line(path):
        return SETTLE_SECONDS
    return CUT_LINE_SETTLE_SECONDS


def _has_cut_line(path: str) -> bool:
    """Whether the file is a text whose last line has no line end."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            file.seek(max(0, os.stat(path).st_size - 1))
            return head.isascii() and b"\0" not in head and file.read(1) not in (b"\n", b"\r", b"")
    except OSError:
        return False  # the reader will report why
