"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast_cli.errors import OutputError

DATE = r"\d{4}-\d{2}-\d{2}"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary file in the folder of `path`, which replaces `path` at the end unless an exception leaves.

    A device or a pipe, such as /dev/null, is written to directly.

    Raises OutputError if it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        target = path.resolve()
        temporary = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
        try:
            yield temporary
            if target.exists():
                shutil.copymode(target, temporary)
            _flush(temporary)
            os.replace(temporary, target)
            with contextlib.suppress(OSError):  # some file systems cannot flush a folder; they order renames themselves
                _flush(target.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise _refused(path, error) from error


def check_writable(path: Path) -> None:
    """Check before any work begins that `path` can be written.

    Raises OutputError if not.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a directory.", "Name a file.")
    if path.exists() and not path.is_file():
        return
    target = path.resolve()
    try:
        probe = target.with_name(f".{target.stem}.{os.getpid()}.probe")
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _refused(path, error) from error


def clear_stale(path: Path) -> list[Path]:
    """Remove the temporary files that killed processes left in the folder of `path`; return their paths.

    A date in the name of `path` matches any date, so the files of an earlier day are found too.
    """
    target = path.resolve()
    stem = DATE.join(re.escape(part) for part in re.split(DATE, target.stem))
    pattern = re.compile(rf"\.{stem}\.(\d+)({re.escape(target.suffix)}|\.probe)")
    stale = []
    with contextlib.suppress(OSError):
        for candidate in target.parent.iterdir():
            found = pattern.fullmatch(candidate.name)
            if found and not _alive(int(found[1])):
                candidate.unlink(missing_ok=True)
                stale.append(candidate)
    return stale


def _alive(process: int) -> bool:
    """Whether another process with this id is running. A file with our own id is from a dead process."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: Path, error: OSError) -> OutputError:
    return OutputError(f"Cannot write {path}: {error.strerror}.", "Choose another place, or make it writable.")
