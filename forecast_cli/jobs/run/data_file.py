"""The data file of a job: find it, and wait until it is no longer being written."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from glob import glob

from forecast_cli.errors import DataError
from forecast_cli.options import ReadConfig
from forecast_cli.panel.panel import Panel

SETTLE_SECONDS = 2.0
"""A file is taken as complete if it has not changed for this long."""

CUT_LINE_SETTLE_SECONDS = 15.0
"""Used in place of SETTLE_SECONDS for a text file whose last line has no line end: the line may be incomplete."""

MAX_SETTLE_SECONDS = 30.0
"""How long an attempt waits for a file that keeps changing."""

POLL_SECONDS = 1.0

HINT = "Check the process that delivers the file, and its schedule."


@dataclass(frozen=True)
class Data:
    """The data of a job.

    path:         the file that was read
    read:         the options for reading. If the path of a file of covariates is a pattern, they have the path that was
                  found in place of it
    panel:        the series in the file
    columns:      the column names of the file
    fingerprint:  the SHA-256 of the panel, without the values of covariates after the last points
    fingerprint_with_future:  the SHA-256 of the panel, with these values
    """

    path: str
    read: ReadConfig
    panel: Panel
    columns: tuple[str, ...]
    fingerprint: str
    fingerprint_with_future: str


class NotReadyError(DataError):
    """The data are missing or incomplete. They may be complete later, so another attempt can succeed."""


@dataclass(frozen=True)
class FileState:
    """Properties of a file that show whether it has changed. They are known without reading the content.

    size:      in bytes
    modified:  when it was last modified, in nanoseconds since 1970
    inode:     the number of the file in the file system
    """

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: str) -> FileState:
        """The state of the file at a path. Raises NotReadyError if it does not exist."""
        try:
            status = os.stat(path)
        except OSError as error:
            raise NotReadyError(f"{path}: {(error.strerror or 'no such file').lower()}.", HINT) from error
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def find(data: str, pattern: bool = False) -> str:
    """The path of a job's data file.

    data:    the path itself; if `pattern` is True, a pattern such as "data/*.csv" whose newest match is returned

    Raises NotReadyError if no file matches the pattern.
    """
    if not pattern:
        return data
    matches = [path for path in glob(data, recursive=True) if os.path.isfile(path)]
    if not matches:
        raise NotReadyError(f"{data}: no file matches.", HINT)
    return max(matches, key=lambda path: (os.stat(path).st_mtime_ns, path))


def settle(path: str) -> FileState:
    """Wait until a file is complete, and return its state.

    It is complete if it has not changed for SETTLE_SECONDS, or for CUT_LINE_SETTLE_SECONDS if its last line has no line
    end. If its last change is that long ago, there is no wait. Raises NotReadyError if the file is missing or empty, or
    still changes after MAX_SETTLE_SECONDS.
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
    """Raise NotReadyError if a file was changed while it was read.

    before: the state of the file before it was read
    """
    if FileState.of(path) != before:
        raise NotReadyError(f"{path}: changed while it was read.", HINT)


def _seconds_unchanged(state: FileState, unchanged_since: float) -> float:
    """How many seconds ago a file was modified.

    If its time of modification is in the future, because clocks differ, seconds are counted from `unchanged_since`: the
    time.monotonic() at which this state was first seen.
    """
    age = time.time() - state.modified / 1e9
    return age if age >= 0 else time.monotonic() - unchanged_since


def _required_seconds(path: str, state: FileState) -> float:
    if time.time() - state.modified / 1e9 > CUT_LINE_SETTLE_SECONDS or not _has_cut_line(path):
        return SETTLE_SECONDS
    return CUT_LINE_SETTLE_SECONDS


def _has_cut_line(path: str) -> bool:
    """Whether a file is a text whose last line has no line end, so that it may be cut off."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            file.seek(max(0, os.stat(path).st_size - 1))
            return head.isascii() and b"\0" not in head and file.read(1) not in (b"\n", b"\r", b"")
    except OSError:
        return False  # the reader will report why
