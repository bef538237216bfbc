"""Write files as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast_cli.errors import OutputError

MODEL_FILE, MODEL_FORMAT = "metadata.json", b'"forecast-bundle"'
"""The name of the file that marks a directory as a trained model, and bytes that every such file contains."""
DATE = r"\d{4}-\d{2}-\d{2}"
"""A regular expression for an ISO date in a file name."""


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to. After the `with` block, the temporary file becomes the file `path`.

    If the block raises an exception, `path` stays as it was. A device or a pipe, such as /dev/null, is written to
    directly.

    Raises OutputError if the file cannot be written, or if it is the metadata file of a trained model.
    """
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        target = path.resolve()
        _refuse_model_file(target)
        temporary = target.with_name(f".{target.stem}.{os.getpid()}-{os.urandom(8).hex()}{target.suffix}")
        # A stranger cannot guess the name, and a symbolic link with this name is not followed.
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666))
        try:
            yield temporary
            if target.exists():
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            _flush(temporary)
            os.replace(temporary, target)
            with contextlib.suppress(OSError):  # some file systems cannot flush a directory
                _flush(target.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise _write_error(path, error) from error


def check_writable(path: Path) -> None:
    """Check that `atomic_write` can write the file `path`, before the work starts. Raises OutputError if it cannot."""
    if path.is_dir():
        raise OutputError(f"{path} is a directory.", "Name a file in it.")
    if path.exists() and not path.is_file():
        return
    target = path.resolve()
    _refuse_model_file(target)
    try:
        probe = target.with_name(f".{target.stem}.{os.getpid()}-{os.urandom(8).hex()}.probe")
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise _write_error(path, error) from error


def remove_stale_files(path: Path) -> list[Path]:
    """Remove temporary files of `atomic_write` that killed processes left next to `path`. Returns their paths.

    Only temporary files for `path` are removed. If its name contains a date, temporary files for the same name with
    another date are removed too.
    """
    target = path.resolve()
    stem = DATE.join(re.escape(part) for part in re.split(DATE, target.stem))
    pattern = re.compile(rf"\.{stem}\.(\d+)(?:-[0-9a-f]{{16}})?({re.escape(target.suffix)}|\.probe)")
    stale = []
    with contextlib.suppress(OSError):
        for candidate in target.parent.iterdir():
            match = pattern.fullmatch(candidate.name)
            if match and not is_running(int(match[1])):
                candidate.unlink(missing_ok=True)
                stale.append(candidate)
    return stale


def _refuse_model_file(target: Path) -> None:
    """Raise OutputError if `target` is the metadata file of a trained model: to replace it would destroy the model."""
    try:
        is_model = target.name == MODEL_FILE and MODEL_FORMAT in target.read_bytes()
    except OSError:
        return
    if is_model:
        raise OutputError(f"{target} is part of a trained model.", "Name a file outside its directory.")


def remove_stale_folders(prefix: str) -> None:
    """Remove temporary folders of this user that killed processes left behind.

    prefix: the beginning of the folders' names; the id of the process and a hyphen follow
    """
    import tempfile

    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        process = folder.name.removeprefix(prefix).partition("-")[0]
        with contextlib.suppress(OSError):
            ours = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            if ours and process.isdigit() and int(process) != os.getpid() and not is_running(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


def is_running(process: int) -> bool:
    """Whether another process with this id is running; False for the id of the calling process.

    A process that has ended keeps its id until its parent reads the exit code. Such a process (a zombie) is not
    running.
    """
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # another user's process, or a system without /proc
        return True
    return state not in (b"Z", b"X")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_error(path: Path, error: OSError) -> OutputError:
    return OutputError(f"Cannot write {path}: {error.strerror}.", "Choose another path, or make it writable.")
