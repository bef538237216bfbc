"""Writing a bundle: the new files beside the old, one rename that changes the model, then the sweeping."""

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
    """Make `directory` this process's alone to save a model in; it is created where there is none.

    Take it before training, so that a directory that cannot take the model is refused at once. The lock of a
    process that died is free. The same thread may take it again.

    Raises LockedError where another process (or thread) holds it, and OutputError where the directory cannot
    be written or holds another program's metadata.json.
    """
    from filelock import FileLock, Timeout

    try:
        _prepare(directory)
        # One lock object a path, so that `save` inside a caller's own lock takes it a second time.
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
    """Make `sections` and `files` (logical name -> content) the model in `directory`, whole or not at all.

    Killed at any moment, it leaves the old model or the new one; what a killed run left behind is cleared by
    the next. Files of others in that directory are left alone.

    Raises OutputError where it cannot be written (the old model stays), LockedError where another run is at
    it, and ValueError for sections that JSON cannot hold.
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
    """Make `content` what a training that is cut short can be continued from, whole or not at all, until the next
    save. Call it while holding the lock.

    Raises OutputError where it cannot be written; the earlier one then stays.
    """
    try:
        os.replace(_stage(directory, content), directory / CHECKPOINT)
        _flush_names(directory)
    except OSError as error:
        raise _not_written(directory, error) from error


def read_checkpoint(directory: Path) -> bytes | None:
    """What `write_checkpoint` wrote last; None where there is none, or where it cannot be read."""
    with suppress(OSError):
        return (directory / CHECKPOINT).read_bytes()
    return None


def remove_checkpoint(directory: Path) -> None:
    """Leave nothing to continue from."""
    with suppress(OSError):
        (directory / CHECKPOINT).unlink()


def _prepare(directory: Path) -> None:
    """Create the directory, or make sure that it can take a model."""
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
            f"{metadata} is not a forecast model's and would be overwritten.",
            f"Move it away, or {ELSEWHERE}",
        )


def _is_ours(metadata: Path) -> bool:
    """Whether a forecast program wrote it, even if it has been damaged since."""
    if not metadata.is_file():
        return False
    with metadata.open("rb") as file:
        return f'"{FORMAT}"'.encode() in file.read(MAX_BYTES)


def _write(directory: Path, contents: Mapping[str, bytes], metadata: bytes) -> None:
    """Everything to disk first, then the renames; the last of them changes the model."""
    staged = [(_stage(directory, content), directory / name) for name, content in contents.items()]
    commit = _stage(directory, metadata)
    for temporary, path in staged:
        os.replace(temporary, path)
    _flush_names(directory)
    os.replace(commit, directory / METADATA)
    _flush_names(directory)


def _stage(directory: Path, content: bytes) -> Path:
    """`content` in a new temporary file, on disk, with the permissions of any new file."""
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
    """The files that the model in `directory` consists of; None where its metadata cannot be understood."""
    path = directory / METADATA
    try:
        members = decode(path.read_bytes(), path)[1]
    except FileNotFoundError:
        return set()
    except (OSError, ModelError):
        return None
    return {member.path for member in members.values()}


def _sweep(directory: Path, replaced: set[str]) -> None:
    """Remove temporaries, and the files of earlier models that metadata.json, as it is now, does not name.

    Where metadata.json cannot be understood, nothing but temporaries goes. A file is an earlier model's if
    that model named it (`replaced`) or if it bears its own SHA-256; any other is a stranger's.
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
