"""Reading a bundle: one consistent state of it, checked before anyone uses it."""

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
    """A trained model as it stood at one moment, whatever is saved over it afterwards.

    directory:  where it was read
    metadata:   the content of metadata.json
    contents:   logical file name -> the bytes that were saved, of the files that were asked for
    """

    directory: Path
    metadata: Mapping[str, JSON]
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """The bytes that were saved as `name`. Raises ModelError where the bundle has no such file."""
        if name not in self.contents:
            raise ModelError(f"The model in {self.directory} has no {name}.", RETRAIN)
        return self.contents[name]

    def section(self, name: str, kind: type[T]) -> T:
        """The section `name` of the metadata. Raises ModelError where it is missing or not of this kind."""
        value = self.metadata.get(name)
        if not isinstance(value, kind):
            raise ModelError(f"The model in {self.directory} has no valid section {name!r}.", RETRAIN)
        return value


def load(directory: Path, names: Collection[str] | None = None) -> Bundle:
    """The bundle in `directory`, with the content of the files `names` (all of them by default).

    Every file must be there in its full size; those that are read are held against their SHA-256 too.
    Needs no lock: where a save replaces the model meanwhile, the new one is read.

    Raises ModelError where there is no bundle, or where it is damaged, altered or made by a newer program.
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
            # A save may have removed the files since metadata.json was read. If so, it has changed by now.
            if raw == seen:
                raise
            seen = raw


def _read_metadata(directory: Path) -> bytes:
    path = directory / METADATA
    try:
        if not path.is_file():
            raise _absence(directory)
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path} is damaged: no model's description is that large.", RETRAIN)
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
    """The path of `member`, which is there, inside the directory and of the right size."""
    path = directory / member.path
    home = os.path.realpath(directory)
    if os.path.dirname(os.path.realpath(path)) != home:
        raise ModelError(f"{path} is a link that leads out of the bundle.", RETRAIN)
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
