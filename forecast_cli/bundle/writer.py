"""Write a bundle: write the new files, replace metadata.json by one rename, then remove the old files."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from forecast_cli.bundle.metadata import FILE_NAME, FORMAT, JSON, MAX_BYTES, METADATA, Member, decode, encode
from forecast_cli.errors import LockedError, ModelError, OutputError, mention

LOCK = ".forecast.lock"
CHECKPOINT = ".forecast-checkpoint.npz"
TEMPORARY = re.compile(r"\.forecast-[0-9a-f]{16}\.tmp")

ELSEWHERE = f"choose another directory with {mention('model-dir')}."

logger = logging.getLogger(__name__)


@contextmanager
def lock(directory: Path) -> Iterator[None]:
    """Hold the lock of `directory`, which lets only one process save a model there. Create the directory if needed.

    Take the lock before training, so that a directory that cannot be written is refused at once. If a process dies,
    its lock is released. The same thread may take the lock again.

    Raises LockedError if another process (or thread) holds the lock, and OutputError if the directory cannot be
    written or contains the metadata.json of another program.
    """
    from filelock import FileLock, Timeout

    try:
        _prepare(directory)
        # One lock object per path, so that `save` can take the lock again when the caller holds it.
        held = FileLock(Path(os.path.realpath(directory), LOCK), timeout=0, is_singleton=True)
        held.acquire()
    except Timeout:
        raise LockedError(
            f"Another run is writing the model in {directory}.",
            f"Wait until it has ended, or {ELSEWHERE}",
        ) from None
    except OSError as error:
        raise _not_written(directory, error) from error
    try:
        yield
    finally:
        held.release()


def save(directory: Path, sections: Mapping[str, JSON], files: Mapping[str, bytes]) -> None:
    """Save `sections` and `files` (logical name -> content) as the model in `directory`, complete or not at all.

    If the process is killed, the directory contains the old model or the new one, and the next save removes the
    remaining temporary files. Files of other programs in the directory are not changed.

    Raises OutputError if the model cannot be written (the old model stays), LockedError if another run is writing the
    model, and ValueError for sections with values that JSON does not have.
    """
    members = {name: Member.of(name, content) for name, content in files.items()}
    contents = {members[name].path: content for name, content in files.items()}
    metadata = encode(sections, members)
    with lock(directory):
        replaced = _named_files(directory) or set()
        try:
            _write(directory, contents, metadata)
            remove_checkpoint(directory)
        except OSError as error:
            raise _not_written(directory, error) from error
        finally:
            _sweep(directory, replaced)
    logger.info("model saved in %s", directory)


def write_checkpoint(directory: Path, content: bytes) -> None:
    """Replace the checkpoint by `content`, complete or not at all. `save` removes it. The caller holds the lock.

    Raises OutputError if it cannot be written; the earlier checkpoint then stays.
    """
    try:
        os.replace(_stage(directory, content), directory / CHECKPOINT)
        _flush_names(directory)
    except OSError as error:
        raise _not_written(directory, error) from error


def read_checkpoint(directory: Path) -> bytes | None:
    """The content of the last checkpoint; None if it does not exist or cannot be read."""
    with suppress(OSError):
        return (directory / CHECKPOINT).read_bytes()
    return None


def remove_checkpoint(directory: Path) -> None:
    """Delete the checkpoint, if there is one."""
    with suppress(OSError):
        (directory / CHECKPOINT).unlink()


def _prepare(directory: Path) -> None:
    """Create the directory, or check that a model can be written to it."""
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
            f"{metadata} belongs to another program and would be overwritten.",
            f"Move it away, or {ELSEWHERE}",
        )


def _is_ours(metadata: Path) -> bool:
    """Whether this program wrote the file, even if it is damaged now."""
    if not metadata.is_file():
        return False
    with metadata.open("rb") as file:
        return f'"{FORMAT}"'.encode() in file.read(MAX_BYTES)


def _write(directory: Path, contents: Mapping[str, bytes], metadata: bytes) -> None:
    """Write all contents to temporary files, then rename them. The last rename replaces the model."""
    staged = [(_stage(directory, content), directory / name) for name, content in contents.items()]
    commit = _stage(directory, metadata)
    for temporary, path in staged:
        os.replace(temporary, path)
    _flush_names(directory)
    os.replace(commit, directory / METADATA)
    _flush_names(directory)


def _stage(directory: Path, content: bytes) -> Path:
    """Write `content` to a new temporary file and flush it to disk; return its path."""
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
    # Some network file systems (and Windows) cannot flush a directory; they order the renames themselves.
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _named_files(directory: Path) -> set[str] | None:
    """The names of the files of the model in `directory`; None if its metadata cannot be read."""
    path = directory / METADATA
    try:
        members = decode(path.read_bytes(), path)[1]
    except FileNotFoundError:
        return set()
    except (OSError, ModelError):
        return None
    return {member.path for member in members.values()}


def _sweep(directory: Path, replaced: set[str]) -> None:
    """Remove temporary files, and the files of earlier models that the current metadata.json does not list.

    If metadata.json cannot be read, only temporary files are removed. A file belongs to an earlier model if that
    model listed it (`replaced`), or if its name contains its own SHA-256.
    """
    named = _named_files(directory)
    with suppress(OSError):
        for path in list(directory.iterdir()):
            name = path.name
            earlier = named is not None and name not in named and (name in replaced or _bears_own_digest(path))
            if earlier or TEMPORARY.fullmatch(name):
                path.unlink(missing_ok=True)


def _bears_own_digest(path: Path) -> bool:
    if not FILE_NAME.fullmatch(path.name) or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"-{digest[:12]}." in path.name


def _not_written(directory: Path, error: OSError) -> OutputError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return OutputError(
        f"The model cannot be written to {directory}: {error.strerror}.",
        f"Make room there, or {ELSEWHERE}" if full else f"Make it writable, or {ELSEWHERE}",
    )
