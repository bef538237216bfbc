"""A trained network run by ONNX Runtime, so that prediction needs no TensorFlow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast_cli.errors import ModelError
from forecast_cli.models.recursion import Network
from forecast_cli.panel.transforms import Floats

BATCH = 4096


def load_network(onnx: bytes) -> Network:
    """The network in `onnx` as a function (b, input_size, channels) -> (b, members, output_size)."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"The network in the bundle cannot be loaded: {error}", "Train the model again.") from error
    name = session.get_inputs()[0].name

    def network(inputs: NDArray[np.float32]) -> Floats:
        blocks = [session.run(None, {name: inputs[at : at + BATCH]})[0] for at in range(0, len(inputs), BATCH)]
        return np.concatenate(blocks).astype(np.float64)

    return network
