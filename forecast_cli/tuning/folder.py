"""The folder of a tuning, in which its finished trials are saved. For the output file tuned.toml:

tuned.toml.trials/
    tuning.json     what the trials depend on: data, options, versions
    0000.json       trial 0, with the defaults
    0001.json       one file for each finished trial, written whole or not at all
    .lock           held while the tuning runs
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from forecast_cli.errors import LockedError, OutputError, UsageError, mention
from forecast_cli.files import atomic_write
from forecast_cli.tuning.trials import Trial

SUFFIX = ".trials"
TUNING, LOCK = "tuning.json", ".lock"
TRIAL = re.compile(r"\d{4,}\.json")
TEMPORARY = re.compile(r"\.(tuning|\d{4,})\.\d+\.json")
"""The name of a file that a killed process was writing."""

Key = Mapping[str, Mapping[str, Any]]
"""What the results of the trials depend on: name of a section -> name -> JSON value."""


class TrialFolder:
    """Reads and writes the trials of one tuning, while this process holds the lock of their folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextmanager
    def locked(cls, output: Path) -> Iterator[Self]:
        """Lock the folder of trials next to the file `output` while the `with` block runs.

        The folder is created if it does not exist.

        Raises LockedError if another process holds its lock, OutputError if the folder cannot be written to.
        """
        from filelock import FileLock, Timeout

        path = output.with_name(output.name + SUFFIX)
        try:
            path.mkdir(exist_ok=True)
            held = FileLock(path / LOCK, timeout=0)
            held.acquire()
        except Timeout:
            raise LockedError(
                f"Another run is writing the trials in {path}.",
                f"Wait until it ends, or give another {mention('output')}.",
            ) from None
        except OSError as error:
            raise OutputError(
                f"Cannot write to {path}: {error.strerror}.", f"Give another {mention('output')}."
            ) from error
        try:
            yield cls(path)
        finally:
            held.release()

    def open(self, key: Key, overwrite: bool) -> list[Trial]:
        """Read the finished trials, in the order of their numbers. If there are none, save `key` for later trials.

        key:        what the trials depend on; it must be the key that is saved with them
        overwrite:  whether to delete all earlier trials first

        Raises UsageError if the trials have another key, or if a file is damaged.
        """
        self._clear(TEMPORARY)
        if overwrite:
            self._clear(TRIAL)
        files = self._files(TRIAL)
        if files:
            self._check(key)
        else:
            self._write(self.path / TUNING, key)
        return [_read(path, Trial) for path in files]

    def keep(self, trial: Trial) -> None:
        """Write a finished trial. Raises OutputError if that fails."""
        self._write(self.path / f"{trial.number:04}.json", trial)

    def _check(self, key: Key) -> None:
        kept = _read(self.path / TUNING, dict[str, dict[str, Any]])
        now: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(key))
        different = [
            f"{section}: {', '.join(sorted(_differences(values, kept.get(section, {}))))}"
            for section, values in now.items()
            if values != kept.get(section)
        ]
        if different:
            raise UsageError(
                f"{self.path} has the trials of another tuning. Different {'; '.join(different)}.",
                f"Give the data and options of that tuning, or another {mention('output')}, or start again "
                f"with {mention('overwrite')}, which deletes these trials.",
            )

    def _files(self, pattern: re.Pattern[str]) -> list[Path]:
        return sorted((path for path in self.path.iterdir() if pattern.fullmatch(path.name)), key=_number)

    def _clear(self, pattern: re.Pattern[str]) -> None:
        for path in self.path.iterdir():
            if pattern.fullmatch(path.name):
                path.unlink()

    def _write(self, path: Path, value: object) -> None:
        with atomic_write(path) as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def _number(path: Path) -> int:
    return int(path.stem)


def _differences(values: Mapping[str, Any], others: Mapping[str, Any]) -> set[str]:
    return {name for name in {*values, *others} if values.get(name) != others.get(name)}


def _read(path: Path, kind: Any) -> Any:
    """The content of a file. Raises UsageError if it is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}.", f"Start again with {mention('overwrite')}, which deletes all trials."
        ) from error
