"""A trained model on disk: one directory. A save replaces the whole model or changes nothing.

    forecast-model/
        metadata.json                     describes the model; lists every other file with its SHA-256
        network-3fa9c1d2e4b5.onnx         the name of each file contains a part of its SHA-256
        weights-77ab01c2d9fe.weights.h5
        tails-0c1d2e3f4a5b.npz
        .forecast.lock                    locked while a model is trained and written
        .forecast-checkpoint.npz          the state of an unfinished training

A save writes the new files next to the old ones, replaces `metadata.json`, and then removes the files that the new
`metadata.json` does not list. So the directory holds a complete model at every moment: the old one or the new one.
No file is a pickle.
"""

from forecast_cli.bundle.arrays import pack_arrays, unpack_arrays
from forecast_cli.bundle.metadata import JSON
from forecast_cli.bundle.reader import Bundle, load
from forecast_cli.bundle.writer import lock, read_checkpoint, remove_checkpoint, save, write_checkpoint

__all__ = [
    "JSON",
    "Bundle",
    "load",
    "lock",
    "pack_arrays",
    "read_checkpoint",
    "remove_checkpoint",
    "save",
    "unpack_arrays",
    "write_checkpoint",
]
