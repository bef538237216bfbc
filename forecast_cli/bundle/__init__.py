"""A bundle is a trained model on disk: one directory. It is replaced as a whole or not at all.

    forecast-model/
        metadata.json                     sections that describe the model; the SHA-256 of every other file
        network-3fa9c1d2e4b5.onnx         the name of each file contains the start of its own SHA-256
        network-77ab01c2d9fe.weights.npz
        tails-0c1d2e3f4a5b.npz
        .forecast.lock                    held while a model is trained and saved
        .forecast-checkpoint.npz          the checkpoint of a training that has not saved its model yet

A save writes the new files next to the old ones, then replaces `metadata.json`, then removes the files of earlier
models. So at every moment the directory holds either the old model or the new one. Files that belong to no model stay.
No file is a pickle.

This package handles files and checksums. It does not know what the sections mean; `models/card.py` does.
"""

from forecast_cli.bundle.arrays import pack_arrays, unpack_arrays
from forecast_cli.bundle.metadata import JSON
from forecast_cli.bundle.reader import Bundle, load, memory_errors_of
from forecast_cli.bundle.writer import lock, read_checkpoint, remove_checkpoint, save, write_checkpoint

__all__ = [
    "JSON",
    "Bundle",
    "load",
    "lock",
    "memory_errors_of",
    "pack_arrays",
    "read_checkpoint",
    "remove_checkpoint",
    "save",
    "unpack_arrays",
    "write_checkpoint",
]
