"""Read a bundle: one consistent state of its files, checked before use."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from forecast_cli.bundle.metadata import JSON, MAX_BYTES, METADATA, RETRAIN, Member, decode
from forecast_cli.errors import ModelError, mention

T = TypeVar("T")

TRAIN_FIRST = f"Run `forecast train data.csv` first, or name the bundle's directory with {mention('model-dir')}."


@dataclass(frozen=True)
class Bundle:
    """A trained model as it was when it was read. Later saves do not change this object.

    directory:  the directory of the bundle
    metadata:   the content of metadata.json
    contents:   logical file name -> its bytes, for the requested files
    """

    directory: Path
    metadata: Mapping[str, JSON]
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """The content of the file `name`. Raises ModelError if it is missing or was not requested."""
        if name not in self.contents:
            raise ModelError(f"The model in {self.directory} has no {name}.", RETRAIN)
        return self.contents[name]

    def section(self, name: str, kind: type[T]) -> T:
        """The section `name` of the metadata. Raises ModelError if it is missing or of another type."""
        value = self.metadata.get(name)
        if not isinstance(value, kind):
            raise ModelError(f"The model in {self.directory} has no valid section {name!r}.", RETRAIN)
        return value


def load(directory: Path, names: Collection[str] | None = None) -> Bundle:
    """Read the bundle in `directory`, with the content of the files `names` (default: all).

    Checks that every file exists and has the right size, and the SHA-256 of the files that are read. Needs no lock:
    if a save replaces the model during the reading, the new model is read.

    Raises ModelError if there is no bundle, or if it is damaged, altered or made by a newer program.
    """
    seen = b""
    while True:
        raw = _read_metadata(directory)
        metadata, members = decode(raw, directory / METADATA)
        try:
            contents = {}
            for name, member in members.items():
                path = _locate(directory, member)
                if names is None or name in names:
                    contents[name] = _read_verified(path, member)
            return Bundle(directory, metadata, contents)
        except ModelError:
            # A save may have removed the files after metadata.json was read. Then metadata.json has changed: try again.
            if raw == seen:
                raise
            seen = raw


def _read_metadata(directory: Path) -> bytes:
    path = directory / METADATA
    try:
        if not path.is_file():
            raise _absence(directory)
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path} is damaged: it is larger than {MAX_BYTES >> 20} MB.", RETRAIN)
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", TRAIN_FIRST) from error


def _absence(directory: Path) -> ModelError:
    """Why there is no metadata.json to read in `directory`."""
    if not directory.exists():
        return ModelError(f"There is no model in {directory}: no such directory.", TRAIN_FIRST)
    if not directory.is_dir():
        return ModelError(f"{directory} is not a model: a model is a directory.", TRAIN_FIRST)
    if all(path.name.startswith(".") for path in directory.iterdir()):
        return ModelError(f"There is no model in {directory}: the directory is empty.", TRAIN_FIRST)
    return ModelError(f"{directory} is not a model: it has no {METADATA}.", TRAIN_FIRST)


def _locate(directory: Path, member: Member) -> Path:
    """The path of `member`. Raises ModelError if it is missing, outside the directory or of the wrong size."""
    path = directory / member.path
    home = os.path.realpath(directory)
    if os.path.dirname(os.path.realpath(path)) != home:
        raise ModelError(f"{path} is a link to a file outside the bundle.", RETRAIN)
    try:
        if not path.is_file():
            raise ModelError(f"The model in {directory} is incomplete: {path.name} is missing.", RETRAIN)
        size = path.stat().st_size
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", RETRAIN) from error
    if size != member.size:
        raise ModelError(f"{path} is damaged: it has {size} bytes, not {member.size}.", RETRAIN)
    return path


def _read_verified(path: Path, member: Member) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", RETRAIN) from error
    if hashlib.sha256(content).hexdigest() != member.sha256:
        raise ModelError(f"{path} was altered or damaged after it was written: its SHA-256 differs.", RETRAIN)
    return content
