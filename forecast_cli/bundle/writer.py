"""Write a bundle, as a whole or not at all.

The new files are written next to the old ones. Then one rename replaces metadata.json, which changes the model. Then
the old files are removed.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from forecast_cli.bundle.metadata import (
    FILE_NAME,
    FORMAT,
    JSON,
    MAX_METADATA_BYTES,
    METADATA,
    FileEntry,
    decode,
    encode,
)
from forecast_cli.errors import LockedError, ModelError, OutputError, mention

LOCK = ".forecast.lock"
CHECKPOINT = ".forecast-checkpoint.npz"
TEMPORARY = re.compile(r"\.forecast-[0-9a-f]{16}\.tmp")

ELSEWHERE = f"choose another directory with {mention('model-dir')}."

log = logging.getLogger(__name__)


@contextmanager
def lock(directory: Path) -> Iterator[None]:
    """Hold the lock of a model directory during a `with` block. Others cannot save a model there meanwhile.

    The directory is created if it does not exist. The lock is taken before training, so that an unusable directory is
    noticed at once. When a process dies, its lock becomes free. The same thread may take the lock again.

    Raises LockedError if another process or thread holds the lock. Raises OutputError if the directory cannot be
    written to, or if it holds a metadata.json of another program.
    """
    from filelock import FileLock, Timeout

    try:
        _prepare(directory)
        # A singleton per path, so that `save` can take a lock that its caller already holds.
        held = FileLock(Path(os.path.realpath(directory), LOCK), timeout=0, is_singleton=True)
        held.acquire()
    except Timeout:
        raise LockedError(
            f"Another run is writing the model in {directory}.",
            f"Wait until it ends, or {ELSEWHERE}",
        ) from None
    except OSError as error:
        raise _write_error(directory, error) from error
    try:
        yield
    finally:
        held.release()


def save(directory: Path, sections: Mapping[str, JSON], files: Mapping[str, bytes]) -> None:
    """Save a model in a directory, in place of the one there, as a whole or not at all.

    If the process is killed, the directory holds the old model or the new one. The next save removes the files that
    were left. Files that belong to no model stay.

    sections: name -> section of metadata.json
    files:    logical name -> content

    Raises OutputError if the model cannot be written (the old one stays), LockedError if another process holds the
    lock, and ValueError for NaN or infinity in a section.
    """
    entries = {name: FileEntry.of(name, content) for name, content in files.items()}
    contents = {entries[name].path: content for name, content in files.items()}
    metadata = encode(sections, entries)
    with lock(directory):
        replaced = _model_files(directory) or set()
        try:
            _write(directory, contents, metadata)
            remove_checkpoint(directory)
        except OSError as error:
            raise _write_error(directory, error) from error
        finally:
            _remove_old_files(directory, replaced)
    log.info("model saved in %s", directory)


def write_checkpoint(directory: Path, content: bytes) -> None:
    """Write the checkpoint of a training, in place of the previous one. An interrupted training continues from it.

    The caller must hold the lock. `save` removes the checkpoint. Raises OutputError if it cannot be written; the
    previous checkpoint then stays.
    """
    try:
        os.replace(_stage(directory, content), directory / CHECKPOINT)
        _flush_names(directory)
    except OSError as error:
        raise _write_error(directory, error) from error


def read_checkpoint(directory: Path) -> bytes | None:
    """The content of the checkpoint in a directory; None if there is none, or if it cannot be read."""
    path = directory / CHECKPOINT
    with suppress(OSError):
        return path.read_bytes() if path.is_file() else None
    return None


def remove_checkpoint(directory: Path) -> None:
    """Remove the checkpoint from a directory, if there is one. If this fails, the file stays; there is no error."""
    with suppress(OSError):
        (directory / CHECKPOINT).unlink()


def _prepare(directory: Path) -> None:
    """Create the directory if it does not exist. Raises OutputError or OSError if no model can be saved in it."""
    if directory.exists() and not directory.is_dir():
        raise OutputError(
            f"The model cannot be written to {directory}: it is not a directory.",
            f"Move it away, or {ELSEWHERE}",
        )
    directory.mkdir(parents=True, exist_ok=True)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    metadata = directory / METADATA
    if os.path.lexists(metadata) and not _is_ours(metadata):
        raise OutputError(
            f"{metadata} does not belong to a forecast model and would be overwritten.",
            f"Move it away, or {ELSEWHERE}",
        )


def _is_ours(metadata: Path) -> bool:
    """Whether a metadata.json was written by this program, even if the file was damaged later."""
    if not metadata.is_file():
        return False
    with metadata.open("rb") as file:
        return f'"{FORMAT}"'.encode() in file.read(MAX_METADATA_BYTES)


def _write(directory: Path, contents: Mapping[str, bytes], metadata: bytes) -> None:
    """Write all files under temporary names, then rename them. The last rename, of metadata.json, changes the model.

    contents: file name -> content
    metadata: the content of metadata.json
    """
    staged = [(_stage(directory, content), directory / name) for name, content in contents.items()]
    commit = _stage(directory, metadata)
    for temporary, path in staged:
        os.replace(temporary, path)
    _flush_names(directory)
    os.replace(commit, directory / METADATA)
    _flush_names(directory)


def _stage(directory: Path, content: bytes) -> Path:
    """Write a new temporary file with this content, and flush it to disk. Returns its path."""
    path = directory / f".forecast-{os.urandom(8).hex()}.tmp"
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _flush_names(directory: Path) -> None:
    """Flush a directory to disk, so that the renames in it are not lost in a crash."""
    # Some network file systems cannot flush a directory; they keep the order of the renames themselves.
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _model_files(directory: Path) -> set[str] | None:
    """The names of the files of the model in `directory`.

    Returns an empty set if there is no metadata.json, None if it is not valid or cannot be read.
    """
    path = directory / METADATA
    try:
        entries = decode(path.read_bytes(), path)[1]
    except FileNotFoundError:
        return set()
    except (OSError, ModelError):
        return None
    return {entry.path for entry in entries.values()}


def _remove_old_files(directory: Path, replaced: set[str]) -> None:
    """Remove temporary files, and files of earlier models. Files of the current model and all other files stay.

    A file belongs to an earlier model if it is in `replaced`, or if its name contains the start of its own SHA-256. If
    the current metadata.json is not valid, only temporary files are removed.

    replaced: the names of the files of the model that was replaced
    """
    current = _model_files(directory)
    with suppress(OSError):
        for path in list(directory.iterdir()):
            name = path.name
            unnamed = current is not None and name not in current
            if (unnamed and (name in replaced or _is_named_by_digest(path))) or TEMPORARY.fullmatch(name):
                path.unlink(missing_ok=True)


def _is_named_by_digest(path: Path) -> bool:
    if not FILE_NAME.fullmatch(path.name) or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"-{digest[:12]}." in path.name


def _write_error(directory: Path, error: OSError) -> OutputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return OutputError(
        f"The model cannot be written to {directory}: {error.strerror}.",
        f"Make room there, or {ELSEWHERE}" if full else f"Make it writable, or {ELSEWHERE}",
    )
