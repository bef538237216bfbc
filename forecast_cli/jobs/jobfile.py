"""The job file: TOML in, a `JobFile` that is valid as a whole out, or every problem it has with its line."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

from forecast_cli.errors import UsageError
from forecast_cli.jobs.job import STATE, JobFile


def ledger_of(path: Path) -> Path:
    """Where the ledger of the job file `path` lies; the jobs in it may be invalid.

    Raises UsageError if the file cannot be read, is not TOML, or has no usable `state`.
    """
    state = _parsed(path, _text(path)).get("state", STATE)
    if not isinstance(state, str) or not state:
        raise UsageError(f"{path}: state {state!r}: must be a folder.")
    return JobFile(path, _located(path, state), ()).ledger


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file.", "'forecast init' writes a job file to start from.") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.", "Name a job file.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


def _parsed(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise UsageError(f"{where}: not valid TOML: {error}.", "A line reads: horizon = 12") from error


def _located(path: Path, text: str) -> Path:
    """A path named in the job file: absolute, relative ones from the file's folder.

    The file itself may be a link, as in a mounted ConfigMap; the folder that counts is the one it is named in.
    """
    return Path(os.path.abspath(path.parent.resolve() / os.path.expanduser(text)))
