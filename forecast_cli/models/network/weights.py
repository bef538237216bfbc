"""The weights of a Keras network as bytes: an uncompressed .npz file, one array for each variable in Keras's order.

Earlier versions saved HDF5 files, which Keras still reads. An HDF5 file can refer to other files, and its arrays can be
much larger than the file. So it is only read if each array is stored in the file itself, uncompressed, under one name.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import numpy as np

from forecast_cli.bundle import pack_arrays, unpack_arrays
from forecast_cli.errors import ModelError, OutputError
from forecast_cli.models.network.keras_runtime import temporary

HDF5 = b"\x89HDF\r\n\x1a\n"
"""The first bytes of an HDF5 file."""


def pack_weights(model: Any) -> bytes:
    """The weights of a Keras model, as the bytes of an .npz file."""
    return pack_arrays({_name(at): np.asarray(weight) for at, weight in enumerate(model.weights)})


def load_weights(model: Any, content: bytes) -> None:
    """Give a Keras model the weights in the bytes of an .npz file, or of an HDF5 file of an earlier version.

    Raises ModelError if the arrays have other names, shapes or types than the weights of this model, or if a number is
    not finite.
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
    except (MemoryError, OutputError):
        raise
    except Exception as error:  # Keras and h5py raise any type
        raise ModelError("The weights in the model do not fit its network.", "Train the model again.") from error


def _name(at: int) -> str:
    return f"weight{at}"


def _load_hdf5(model: Any, content: bytes) -> None:
    import h5py

    with h5py.File(BytesIO(content), "r") as file:
        _check_hdf5(file, len(content))
    with temporary("network.weights.h5") as path, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of the groups of a file that do not fit, before it refuses them
        path.write_bytes(content)
        model.load_weights(path)


def _check_hdf5(file: Any, size: int) -> None:
    """Check an HDF5 file of `size` bytes: it may contain only groups and arrays that `_plain_size` accepts.

    Raises ValueError for anything else; for an object with two names; for arrays that are together larger than the
    file; and for numbers that are not finite. Two names are not allowed because groups can then contain each other: 20
    groups in a file of 30 KB can have 10^18 paths.
    """
    import h5py

    seen = {h5py.h5o.get_info(file.id).addr}
    groups = [file]
    while groups:
        group = groups.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError("a link")
            item = group[name]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                raise ValueError("an object with two names")
            seen.add(address)
            if isinstance(item, h5py.Group):
                groups.append(item)
                continue
            size -= _plain_size(item)
            if size < 0:
                raise ValueError("arrays that are larger than the file")
            if item.dtype.kind == "f" and not np.isfinite(item[()]).all():
                raise ValueError("no finite numbers")


def _plain_size(item: Any) -> int:
    """The size of an array in an HDF5 file, in bytes.

    Raises ValueError if the item is not an array, or if its values are compressed, in another file, or of variable
    size.
    """
    import h5py

    layouts = (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
    is_array = isinstance(item, h5py.Dataset) and item.id.get_create_plist().get_layout() in layouts
    if not is_array or item.external or item.dtype.hasobject:
        raise ValueError("an array that is not in the file as it is")
    return int(item.nbytes)
