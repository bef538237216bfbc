"""A sample bundle and checks of its directory."""

from __future__ import annotations

import json
from pathlib import Path

from forecast_cli import bundle

CRASHES = Path(__file__).with_name("bundle_crashes.py")

SECTIONS: dict[str, bundle.JSON] = {
    "config": {"units": [64, 64], "dropout": 0.1},
    "freq": "MS",
    "note": "né à l'été, 数",
    "tiny": 5e-324,
    "nothing": None,
}
FILES = {"network.onnx": b"onnx" * 300, "network.weights.h5": b"\x00weights" * 99, "tails.npz": b"tails"}


def names_in(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def member(directory: Path, name: str) -> Path:
    files = json.loads((directory / "metadata.json").read_text())["files"]
    return directory / str(files[name]["path"])


def assert_unchanged(directory: Path) -> None:
    """The directory holds the model of SECTIONS and FILES, and nothing else."""
    model = bundle.load(directory)
    assert model.contents == FILES
    assert {name: model.metadata[name] for name in SECTIONS} == SECTIONS
    own = {member(directory, name).name for name in FILES}
    assert names_in(directory) == own | {"metadata.json", ".forecast.lock"}
