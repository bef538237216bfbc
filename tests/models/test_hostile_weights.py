"""Weights in a bundle that do not fit its network, or that would take memory or read other files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_cli.bundle import pack_arrays
from forecast_cli.errors import ModelError
from forecast_cli.models.network.weights import load_weights, pack_weights


class Model:
    """Stands for a Keras model with two weights."""

    def __init__(self) -> None:
        self.weights = [np.zeros((2, 3), dtype=np.float32), np.ones(4, dtype=np.float32)]

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = weights

    def load_weights(self, path: Path) -> None:
        raise AssertionError(f"{path} was read")


def test_weights_come_back() -> None:
    model, other = Model(), Model()
    model.weights[0] = np.arange(6, dtype=np.float32).reshape(2, 3)
    load_weights(other, pack_weights(model))
    assert np.array_equal(other.weights[0], model.weights[0])


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"weight0": np.zeros((2, 3), dtype=np.float32)},
        {"weight0": np.zeros((2, 3)), "weight1": np.ones(4)},
        {"weight0": np.zeros((3, 2), dtype=np.float32), "weight1": np.ones(4, dtype=np.float32)},
        {"weight0": np.full((2, 3), np.nan, dtype=np.float32), "weight1": np.ones(4, dtype=np.float32)},
        {"weight0": np.array(["x"], dtype=object), "weight1": np.ones(4, dtype=np.float32)},
    ],
)
def test_weights_of_another_shape_or_type_are_refused(arrays: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="do not fit its network"):
        load_weights(Model(), pack_arrays(arrays))


@pytest.mark.parametrize(
    "kind",
    [
        "compressed",
        "virtual",
        "external",
        "link",
        "soft cycle",
        "hard cycle",
        "paths",
        "names",
        "type",
        "nan",
        "larger",
    ],
)
def test_weights_of_an_earlier_version_with_such_power_are_never_read(kind: str, tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        if kind == "compressed":
            file.create_dataset("w", shape=(1 << 30,), dtype="f4", chunks=(1 << 20,), compression="gzip")
        elif kind == "virtual":
            layout = h5py.VirtualLayout(shape=(1 << 30,), dtype="f4")
            layout[:100] = h5py.VirtualSource("other.h5", "w", shape=(100,))
            file.create_virtual_dataset("w", layout)
        elif kind == "external":
            file.create_dataset("w", shape=(100,), dtype="f4", external=[("/etc/passwd", 0, 400)])
        elif kind == "link":
            file["w"] = h5py.ExternalLink("other.h5", "/w")
        elif kind == "soft cycle":
            file["w"] = h5py.SoftLink("/w")
        elif kind == "hard cycle":
            file["w"] = file["/"]
        elif kind == "paths":
            group: Any = file
            for _ in range(18):
                inner = group.create_group("w0")
                for at in range(1, 10):
                    group[f"w{at}"] = inner
                group = inner
        elif kind == "names":
            file["w"] = np.zeros(4, dtype=np.float32)
            file["v"] = file["w"]
        elif kind == "type":
            file["w"] = np.dtype("f4")
        elif kind == "nan":
            file["w"] = np.full(4, np.nan, dtype=np.float32)
        else:
            file.create_dataset("w", shape=(1 << 30,), dtype="f4")
    with pytest.raises(ModelError, match="do not fit its network"):
        load_weights(Model(), path.read_bytes())
