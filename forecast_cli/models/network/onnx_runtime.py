"""Run a trained network with ONNX Runtime. Prediction uses it, because TensorFlow takes seconds to import."""

from __future__ import annotations

import numpy as np

from forecast_cli.errors import ModelError
from forecast_cli.models.network.rollout import Network
from forecast_cli.telemetry import disable_telemetry


def load_onnx(content: bytes) -> Network:
    """The network in the bytes of an ONNX file, as a function. Raises ModelError if ONNX Runtime cannot load it."""
    disable_telemetry()
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"The network in the bundle cannot be loaded: {error}", "Train the model again.") from error
    return lambda inputs: session.run(None, inputs)[0].astype(np.float64)
