"""Convert arrays to the bytes of an .npz file and back, without pickle."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import ModelError
from forecast_cli.words import short

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of an uncompressed .npz file with these arrays. The same arrays always give the same bytes.

    An array (n,) of strings is written as JSON, because in an .npy file each string takes the space of the longest one.

    Raises TypeError for any other array of Python objects.
    """
    from zipfile import ZipFile, ZipInfo

    import numpy as np

    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, array in arrays.items():
            # A ZipInfo without a date keeps the bytes independent of the time.
            if array.dtype.hasobject or (array.dtype.kind == "U" and array.ndim == 1):
                if array.ndim != 1 or not all(isinstance(text, str) for text in array.tolist()):
                    raise TypeError(f"array {name!r} holds Python objects that are no texts")
                archive.writestr(ZipInfo(f"{name}.json"), json.dumps(array.tolist(), ensure_ascii=False))
                continue
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return content.getvalue()


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays in bytes from `pack_arrays`, as {name: array}. Arrays of strings have the dtype object.

    Raises ModelError for damaged or compressed bytes. No array takes more memory than `content`.
    """
    from zipfile import ZIP_STORED, ZipFile

    arrays: dict[str, NDArray[Any]] = {}
    try:
        with ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.compress_type != ZIP_STORED or member.file_size > len(content):
                    raise ValueError("they are compressed")
                name, _, kind = member.filename.rpartition(".")
                data = archive.read(member)
                array = _texts(data) if kind == "json" else _array(data)
                arrays[name] = array.astype(object) if array.dtype.kind == "U" else array
    except MemoryError:
        raise
    except Exception as error:  # zipfile, zlib, json and numpy raise many types for damaged bytes
        raise ModelError(
            f"The model's arrays cannot be read: {short(str(error), 200)}.", "Train the model again."
        ) from error
    return arrays


def _array(data: bytes) -> NDArray[Any]:
    """The array in the bytes of an .npy file.

    Raises ValueError if the shape does not fit the number of bytes. This is checked before memory is allocated.
    """
    import numpy as np

    file = BytesIO(data)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data) - file.tell() or min(shape, default=0) < 0:
        raise ValueError("the size of an array is wrong")
    file.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _texts(data: bytes) -> NDArray[Any]:
    import numpy as np

    texts = json.loads(data)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("texts are expected")
    return np.array([*texts, None], dtype=object)[:-1]
