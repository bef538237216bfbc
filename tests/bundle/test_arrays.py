"""Arrays in a bundle are read back unchanged, and are never pickled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from forecast_cli import bundle
from forecast_cli.errors import ModelError


def test_arrays_round_trip() -> None:
    arrays = {
        "values": np.array([1.5, np.nan, -np.inf]),
        "ids": np.array(["été", "b", ""], dtype=object),
        "times": np.array(["1949-01-01", "NaT"], dtype="datetime64[ns]"),
        "indptr": np.arange(4),
        "file": np.zeros((2, 0, 3), np.float32),
    }

    packed = bundle.pack_arrays(arrays)
    back = bundle.unpack_arrays(packed)

    assert list(back) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
    assert bundle.pack_arrays(arrays) == packed, "the same arrays give the same bytes"


def test_objects_are_never_pickled() -> None:
    with pytest.raises(TypeError, match="'ids' holds Python objects"):
        bundle.pack_arrays({"ids": np.array(["a", None], dtype=object)})


def test_pickled_arrays_are_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", ids=np.array([{}], dtype=object))

    with pytest.raises(ModelError, match="arrays cannot be read"):
        bundle.unpack_arrays((tmp_path / "evil.npz").read_bytes())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_bytes_that_are_not_arrays(content: bytes) -> None:
    with pytest.raises(ModelError, match="arrays cannot be read"):
        bundle.unpack_arrays(content)
