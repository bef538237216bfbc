"""Read a bundle, and check that its files are complete and belong together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from forecast_cli.bundle.metadata import JSON, MAX_METADATA_BYTES, METADATA, RETRAIN, FileEntry, decode
from forecast_cli.errors import ModelError, ModelMemoryError, mention

T = TypeVar("T")

TRAIN_FIRST = f"Run `forecast train data.csv` first, or name the bundle's directory with {mention('model-dir')}."


@dataclass(frozen=True)
class Bundle:
    """The content of a bundle in memory. It does not change when another model is saved in its directory.

    directory:  the directory it was read from
    metadata:   the content of metadata.json, by key: the sections, and keys of the bundle itself, such as "created"
    contents:   the bytes of the files that were read, by logical name, such as "network.onnx"
    """

    directory: Path
    metadata: Mapping[str, JSON]
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """The bytes of the file `name` (a logical name). Raises ModelError if the bundle has no such file."""
        if name not in self.contents:
            raise ModelError(f"The model in {self.directory} has no {name}.", RETRAIN)
        return self.contents[name]

    def section(self, name: str, kind: type[T]) -> T:
        """The value of the key `name` in the metadata. Raises ModelError if it is missing or not of type `kind`."""
        value = self.metadata.get(name)
        if not isinstance(value, kind):
            raise ModelError(f"The model in {self.directory} has no valid section {name!r}.", RETRAIN)
        return value


def load(directory: Path, names: Collection[str] | None = None) -> Bundle:
    """Read the bundle in a directory, and check it.

    Each file that metadata.json lists must exist and have the listed size. Each file that is read must have the listed
    SHA-256. No lock is needed: if another process saves a new model during the call, the new model is read.

    names: the logical names of the files to read, such as "network.onnx"; None reads all

    Raises ModelError if there is no bundle, or if it is damaged, altered or written by a newer program. Raises
    ModelMemoryError if it does not fit into the memory.
    """
    with memory_errors_of(directory):
        return _load(directory, names)


@contextmanager
def memory_errors_of(directory: Path) -> Iterator[None]:
    """Convert a MemoryError in a `with` block to a ModelMemoryError that names `directory`."""
    try:
        yield
    except MemoryError as error:
        raise ModelMemoryError(
            f"{directory}: there is not enough memory for the model.",
            "Use fewer series at once, or allow the program more memory.",
        ) from error


def _load(directory: Path, names: Collection[str] | None) -> Bundle:
    previous = b""
    while True:
        raw = _read_metadata(directory)
        metadata, files = decode(raw, directory / METADATA)
        try:
            contents = {}
            for name, entry in files.items():
                path = _locate(directory, entry)
                if names is None or name in names:
                    contents[name] = _read_verified(path, entry)
            return Bundle(directory, metadata, contents)
        except ModelError:
            # A save may have removed the files after metadata.json was read. If so, metadata.json has changed too.
            if raw == previous:
                raise
            previous = raw


def _read_metadata(directory: Path) -> bytes:
    path = directory / METADATA
    try:
        if not path.is_file():
            raise _no_model(directory)
        if path.stat().st_size > MAX_METADATA_BYTES:
            raise ModelError(f"{path} is damaged: it is larger than {MAX_METADATA_BYTES >> 20} MB.", RETRAIN)
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", TRAIN_FIRST) from error


def _no_model(directory: Path) -> ModelError:
    """The error for a `directory` without metadata.json."""
    if not directory.exists():
        return ModelError(f"There is no model in {directory}: no such directory.", TRAIN_FIRST)
    if not directory.is_dir():
        return ModelError(f"{directory} is not a model: a model is a directory.", TRAIN_FIRST)
    if all(path.name.startswith(".") for path in directory.iterdir()):
        return ModelError(f"There is no model in {directory}: the directory is empty.", TRAIN_FIRST)
    return ModelError(f"{directory} is not a model: it has no {METADATA}.", TRAIN_FIRST)


def _locate(directory: Path, entry: FileEntry) -> Path:
    """The path of a file of the bundle. Raises ModelError if it is not in the directory, or if its size is wrong."""
    path = directory / entry.path
    if os.path.dirname(os.path.realpath(path)) != os.path.realpath(directory):
        raise ModelError(f"{path} is a link to a place outside the bundle.", RETRAIN)
    try:
        if not path.is_file():
            raise ModelError(f"The model in {directory} is incomplete: {path.name} is missing.", RETRAIN)
        size = path.stat().st_size
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", RETRAIN) from error
    if size != entry.size:
        raise ModelError(f"{path} is damaged: it has {size} bytes, not {entry.size}.", RETRAIN)
    return path


def _read_verified(path: Path, entry: FileEntry) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", RETRAIN) from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ModelError(f"{path} was altered or damaged after it was written: its SHA-256 differs.", RETRAIN)
    return content
