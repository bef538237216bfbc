"""The file metadata.json of a bundle: encode it, decode it, and check it completely."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from forecast_cli import __version__
from forecast_cli.errors import ModelError, mention

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

METADATA = "metadata.json"
FORMAT = "forecast-bundle"
SCHEMA_VERSION = 1
MAX_METADATA_BYTES = 64 * 2**20
"""The largest size of metadata.json, in bytes: 64 MB. A larger one is damaged, because arrays are in other files."""

FILE_NAME = re.compile(r"[a-z0-9_]+-[0-9a-f]{12}(\.[a-z0-9_]+)+")
RETRAIN = f"Train it again with `forecast train data.csv`, or name another bundle with {mention('model-dir')}."

_LOGICAL_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OWN_KEYS: dict[str, type] = {
    "format": str,
    "schema_version": int,
    "created": str,
    "versions": dict,
    "files": dict,
    "checksum": str,
}
_LIBRARIES = ("keras", "numpy", "onnx", "onnxruntime", "pandas", "statsforecast", "tensorflow")


@dataclass(frozen=True)
class FileEntry:
    """One file of a bundle, as metadata.json describes it.

    path:    its name in the bundle's directory, such as "network-3fa9c1d2e4b5.onnx"
    sha256:  the SHA-256 of its content, 64 hexadecimal digits
    size:    in bytes
    """

    path: str
    sha256: str
    size: int

    @classmethod
    def of(cls, name: str, content: bytes) -> FileEntry:
        """The entry for a file with this content.

        name: the logical name, without digits of the SHA-256: "network.onnx" for "network-3fa9c1d2e4b5.onnx"

        Raises ValueError if `name` has no suffix, or characters other than a-z, 0-9, underscores and dots.
        """
        if not _LOGICAL_NAME.fullmatch(name):
            raise ValueError(f"not a logical file name: {name!r}")
        digest = hashlib.sha256(content).hexdigest()
        return cls(name.replace(".", f"-{digest[:12]}.", 1), digest, len(content))


def json_value(value: object) -> Any:
    """The value in a form that JSON can represent: paths become text; NaN and infinity become None (null).

    The items of dictionaries, lists and tuples are converted too. Other values are returned unchanged.
    """
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(name): json_value(item) for name, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case Path():
            return str(value)
    return value


def encode(sections: Mapping[str, JSON], files: Mapping[str, FileEntry]) -> bytes:
    """The content of metadata.json for a bundle.

    sections: name -> section; the sections describe the model
    files:    logical name -> entry

    Raises ValueError for NaN or infinity in a section, for a section with a reserved name, such as "files", and for a
    content of more than MAX_METADATA_BYTES.
    """
    if taken := _OWN_KEYS.keys() & sections.keys():
        raise ValueError(f"sections with reserved names: {sorted(taken)}")
    entries = {name: asdict(entry) for name, entry in files.items()}
    head = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "created": _now(), "versions": _versions()}
    # The checksum is of the values that a reader gets: JSON turns tuples into lists and keys into strings.
    document = json.loads(json.dumps({**head, **sections, "files": entries}, allow_nan=False))
    document["checksum"] = _checksum(document)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in document.items())
    raw = f"{{\n{lines}\n}}\n".encode("ascii")
    if len(raw) > MAX_METADATA_BYTES:
        raise ValueError("the sections are too large for metadata.json: save arrays in a file of the bundle")
    return raw


def decode(raw: bytes, source: Path) -> tuple[dict[str, JSON], dict[str, FileEntry]]:
    """Decode a metadata.json. Returns its whole content by key, and the entries of its files by logical name.

    The keys are the names of the sections, and keys of the bundle itself, such as "created".

    raw:    the bytes of the file
    source: the path of the file, for messages

    Raises ModelError if the bytes are not JSON, not those of a bundle, written by a newer program, altered or
    incomplete.
    """
    try:
        document = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{source} is damaged: it is not valid JSON.", RETRAIN) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ModelError(
            f"{source} does not describe a forecast model.", f"Name the bundle's directory with {mention('model-dir')}."
        )
    _check_schema(document, source)
    try:
        intact = document.get("checksum") == _checksum(document)
    except (ValueError, RecursionError):  # numbers too large for a float (1e999), nesting too deep
        intact = False
    if not intact:
        raise ModelError(f"{source} was altered or damaged after it was written: its checksum differs.", RETRAIN)
    for key, kind in _OWN_KEYS.items():
        if not isinstance(document.get(key), kind):
            raise ModelError(f"{source} is not valid: {key!r} is missing or of the wrong type.", RETRAIN)
    return document, {name: _entry(name, fields, source) for name, fields in document["files"].items()}


def _check_schema(document: Mapping[str, JSON], source: Path) -> None:
    schema = document.get("schema_version")
    if type(schema) is not int or schema < 1:
        raise ModelError(f"{source} is not valid: 'schema_version' is missing or not a version.", RETRAIN)
    if schema > SCHEMA_VERSION:
        raise ModelError(
            f"{source} was made by a newer forecast "
            f"(schema {schema}; this program, {__version__}, reads up to {SCHEMA_VERSION}).",
            "Upgrade forecast, or train the model again with this version.",
        )


def _entry(name: str, fields: JSON, source: Path) -> FileEntry:
    fields = fields if isinstance(fields, Mapping) else {}
    path, digest, size = (fields.get(key) for key in ("path", "sha256", "size"))
    if not isinstance(path, str) or not isinstance(digest, str) or type(size) is not int:
        raise ModelError(
            f"{source} is not valid: file {name!r} lacks its path, sha256 or size, or has a wrong type.",
            RETRAIN,
        )
    if not FILE_NAME.fullmatch(path):
        raise ModelError(
            f"{source} is not valid: {path!r} of {name!r} is not a plain file name inside the bundle.",
            RETRAIN,
        )
    if not _SHA256.fullmatch(digest) or size < 0:
        raise ModelError(f"{source} is not valid: file {name!r} has an impossible sha256 or size.", RETRAIN)
    return FileEntry(path, digest, size)


def _checksum(document: Mapping[str, JSON]) -> str:
    """The SHA-256 (hex) of a metadata.json without its key "checksum", written with sorted keys and without spaces."""
    rest = {key: value for key, value in document.items() if key != "checksum"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _now() -> str:
    from datetime import UTC, datetime

    # In microseconds, so that two saves of the same model differ.
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _versions() -> dict[str, str]:
    import platform
    from contextlib import suppress
    from importlib.metadata import PackageNotFoundError, version

    versions = {"forecast": __version__, "python": platform.python_version()}
    for library in _LIBRARIES:
        with suppress(PackageNotFoundError):
            versions[library] = version(library)
    return versions
