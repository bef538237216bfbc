"""A trained model on disk: one directory, replaced whole or not at all.

    forecast-model/
        metadata.json                     what the model is; names every other file with its SHA-256
        network-3fa9c1d2e4b5.onnx         each file carries a part of its own SHA-256 in its name
        weights-77ab01c2d9fe.weights.h5
        tails-0c1d2e3f4a5b.npz
        .forecast.lock                    held while a model is made and written
        .forecast-checkpoint.npz          how far a training has come that has not yet saved its model

A save writes the new files beside the old ones, then replaces `metadata.json`, and then removes what the
new one does not name. So the directory holds the old model or the new one at every moment. No file is a
pickle.
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
