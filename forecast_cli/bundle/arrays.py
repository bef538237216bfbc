"""Convert arrays to the bytes of an .npz file and back, without pickle."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from forecast_cli.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of an uncompressed .npz file with these arrays. The same arrays always give the same bytes.

    Raises TypeError for an array of Python objects; convert strings with `astype(str)`.
    """
    from zipfile import ZipFile, ZipInfo

    import numpy as np

    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise TypeError(f"array {name!r} holds Python objects, which need a pickle")
            # A ZipInfo without a date keeps the bytes independent of the time.
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return content.getvalue()


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays in bytes from `pack_arrays`, as {name: array}. Raises ModelError for damaged bytes."""
    from zipfile import ZipFile

    import numpy as np

    arrays: dict[str, NDArray[Any]] = {}
    try:
        with ZipFile(BytesIO(content)) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    arrays[name.removesuffix(".npy")] = np.lib.format.read_array(member, allow_pickle=False)
    except Exception as error:  # zipfile, zlib and numpy raise many types for damaged bytes
        raise ModelError(f"The model's arrays cannot be read: {error}.", "Train the model again.") from error
    return arrays
