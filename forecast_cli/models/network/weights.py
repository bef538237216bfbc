"""The weights of a Keras network as bytes: an uncompressed .npz file, one array for each variable in Keras's order.

Earlier versions kept HDF5 files, which Keras still reads. HDF5 can name other files and blow up what it holds; so such
a file is only read if each of its arrays lies in it as it is.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.errors import ModelError
from forecast_cli.models.network.keras_runtime import temporary

HDF5 = b"\x89HDF\r\n\x1a\n"
"""The first bytes of an HDF5 file."""
MAX_DEPTH = 20


def pack_weights(model: Any) -> bytes:
    """The weights of a Keras model, as the bytes of an .npz file."""
    return pack_arrays({_name(at): np.asarray(weight) for at, weight in enumerate(model.weights)})


def load_weights(model: Any, content: bytes) -> None:
    """Give a Keras model the weights in the bytes of an .npz file, or of an HDF5 file of an earlier version.

    Raises ModelError if names, shapes, types or numbers are not those of weights of this model.
    """
    try:
        if content.startswith(HDF5):
            _load_hdf5(model, content)
            return
        arrays = unpack_arrays(content)
        shapes = {_name(at): tuple(weight.shape) for at, weight in enumerate(model.weights)}
        if {name: array.shape for name, array in arrays.items()} != shapes:
            raise ValueError("other names or shapes")
        if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("no finite numbers in single precision")
        model.set_weights([arrays[name] for name in shapes])
    except (ModelError, ValueError, OSError, KeyError, RuntimeError, TypeError) as error:
        raise ModelError("The weights in the model do not fit its network.", "Train the model again.") from error


def _name(at: int) -> str:
    return f"weight{at}"


def _load_hdf5(model: Any, content: bytes) -> None:
    import h5py

    with h5py.File(BytesIO(content), "r") as file:
        _check_group(file, len(content), MAX_DEPTH)
    with temporary("network.weights.h5") as path:
        path.write_bytes(content)
        model.load_weights(path)


def _check_group(group: Any, size: int, depth: int) -> None:
    """Raise ValueError if a group has links to elsewhere, or arrays that are compressed, virtual or in other files."""
    import h5py

    for name in group:
        if depth == 0 or not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError("a link")
        item = group[name]
        if isinstance(item, h5py.Group):
            _check_group(item, size, depth - 1)
            continue
        plain = item.id.get_create_plist().get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not plain or item.external or item.dtype.hasobject or item.nbytes > size:
            raise ValueError("an array that is not in the file as it is")
