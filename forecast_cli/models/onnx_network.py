"""A trained network run by ONNX Runtime, so that prediction needs no TensorFlow."""

from __future__ import annotations

import os

import numpy as np

from forecast_cli.config import NO_TELEMETRY
from forecast_cli.errors import ModelError
from forecast_cli.models.recursion import Network
from forecast_cli.panel.transforms import Floats
from forecast_cli.panel.windows import Inputs

BATCH = 4096


def load_network(onnx: bytes) -> Network:
    """The network in `onnx`. Raises ModelError if it is none."""
    os.environ.setdefault(*NO_TELEMETRY)
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"The network in the bundle cannot be loaded: {error}", "Train the model again.") from error

    def network(inputs: Inputs) -> Floats:
        blocks = [
            session.run(None, {name: array[at : at + BATCH] for name, array in inputs.items()})[0]
            for at in range(0, len(inputs["window"]), BATCH)
        ]
        return np.concatenate(blocks).astype(np.float64)

    return network
