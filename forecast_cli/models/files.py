"""The logical names of the files of a model in a bundle, and a function that reads them.

A logical name, such as "network.onnx", lacks the digits of the SHA-256 that the name on disk contains.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from forecast_cli import bundle
from forecast_cli.bundle import Bundle

ONNX_FILE = "network.onnx"
"""The trained network, for predictions."""

WEIGHTS_FILE = "network.weights.npz"
"""The Keras weights of the trained network, after all training."""

FITTED_FILE = "fitted.weights.npz"
"""The Keras weights after `fit`, before the network was trained on the holdout."""

SCORED_FILE = "scored.weights.npz"
"""The Keras weights with which the model was scored. The file exists only if they differ from those in FITTED_FILE."""

BLEND_FILE = "blend.npz"
"""The weight of each member of a `blend` or `auto` for each series."""

FORECASTS_FILE = "forecasts.npz"
"""The forecasts of the model's statistical methods for the steps after the training data."""

ERRORS_FILE = "errors.npz"
"""The errors of forecasts from earlier origins, from which intervals are computed."""

TREES_FILE = "trees.onnx"
"""The trees that are combined with a network, for predictions."""

TAILS_FILE = "tails.npz"
"""The last `context_size` points of each series, and the scaling of the whole series."""

PREDICTION_FILES = (ONNX_FILE, TAILS_FILE, BLEND_FILE, FORECASTS_FILE, TREES_FILE, ERRORS_FILE)
"""The files that a prediction reads, if the bundle has them."""

COMPARISON_FILES = (*PREDICTION_FILES, FITTED_FILE, SCORED_FILE)
"""The files for a forecast with the model in the state in which it was scored, as `SavedModel.as_scored` loads it."""

_EARLIER_NAMES = {name: name.replace(".npz", ".h5") for name in (WEIGHTS_FILE, FITTED_FILE, SCORED_FILE)}
"""Logical name of a file of weights -> its logical name in bundles of earlier versions."""


def load(directory: Path, names: Collection[str]) -> Bundle:
    """Read the bundle in a directory.

    Weights that an earlier version saved as .h5 are returned under the names in this module, which end in .npz.

    names:  the logical names of the files to read; those that the bundle lacks are skipped

    Raises ModelError if there is no bundle, or if it is damaged, altered or written by a newer program. Raises
    ModelMemoryError if it does not fit into the memory.
    """
    earlier = {_EARLIER_NAMES[name]: name for name in names if name in _EARLIER_NAMES}
    loaded = bundle.load(directory, (*names, *earlier))
    return replace(loaded, contents={earlier.get(name, name): content for name, content in loaded.contents.items()})
