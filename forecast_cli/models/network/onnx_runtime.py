"""A trained network run by ONNX Runtime, so that prediction needs no TensorFlow."""

from __future__ import annotations

import os

from forecast_cli.errors import ModelError
from forecast_cli.models.network.rollout import Network, in_batches
from forecast_cli.options import NO_TELEMETRY


def load_network(onnx: bytes) -> Network:
    """The network in `onnx`. Raises ModelError if it is none."""
    os.environ.setdefault(*NO_TELEMETRY)
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"The network in the bundle cannot be loaded: {error}", "Train the model again.") from error

    return in_batches(lambda inputs: session.run(None, inputs)[0])
