"""Run a trained network with ONNX Runtime. Prediction uses it, because TensorFlow takes seconds to import."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Timer
from typing import Any

import numpy as np

from forecast_cli.errors import ModelError
from forecast_cli.features.windows import Inputs
from forecast_cli.models.network.onnx_check import check_onnx
from forecast_cli.models.network.rollout import Network
from forecast_cli.networks.heads import HEADS
from forecast_cli.networks.spec import NetworkSpec
from forecast_cli.panel.arrays import Floats
from forecast_cli.telemetry import disable_telemetry
from forecast_cli.words import short

Shape = tuple[int | None, ...]
"""The shape of an input or output; None for a size that is not fixed, such as that of the batch."""

MAX_SECONDS = 600.0
"""The largest time, in seconds, that a network may take for one batch, because a file can demand much work."""


def load_onnx(content: bytes, inputs: Mapping[str, Shape], output: Shape, longest_loop: int = 0) -> Network:
    """The network in the bytes of an ONNX file, as a function.

    inputs:       name of each input -> its shape
    output:       the shape of its output
    longest_loop: the largest number of steps of a loop in it; 0 allows no loop

    Raises ModelError if the network reads other files, has other inputs or another output, or cannot be loaded.
    """
    disable_telemetry()
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    try:
        check_onnx(content, longest_loop)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        _check_shapes(session, inputs, output)
    except MemoryError:
        raise
    except Exception as error:
        raise ModelError(
            f"The network in the bundle cannot be loaded: {short(str(error), 300)}.", "Train the model again."
        ) from error

    def run(batch: Inputs) -> Floats:
        options = onnxruntime.RunOptions()
        timer = Timer(MAX_SECONDS, setattr, (options, "terminate", True))
        timer.daemon = True
        timer.start()
        try:
            result: Floats = session.run(None, batch, options)[0].astype(np.float64)
        finally:
            timer.cancel()
        return result

    return run


def load_network(content: bytes, spec: NetworkSpec) -> Network:
    """The network with these settings in the bytes of an ONNX file, as a function.

    Raises ModelError if its inputs or its output do not fit the settings, or if it cannot be loaded.
    """
    inputs: dict[str, Shape] = {"window": (None, spec.input_size, spec.channels)}
    if spec.long_run:
        inputs["long_run"] = (None, spec.long_run)
    if spec.ahead:
        inputs["ahead"] = (None, spec.output_size, spec.ahead)
    output = (None, spec.members, spec.output_size, HEADS[spec.head].outputs)
    return load_onnx(content, inputs, output, longest_loop=max(spec.input_size // spec.patch_size, spec.output_size))


def _check_shapes(session: Any, inputs: Mapping[str, Shape], output: Shape) -> None:
    given = {each.name: each.shape for each in session.get_inputs()}
    results = [each.shape for each in session.get_outputs()]
    if given.keys() != inputs.keys() or len(results) != 1:
        raise ValueError(f"it has the inputs {sorted(given)} and {len(results)} outputs")
    for name, found, wanted in [
        *((name, given[name], shape) for name, shape in inputs.items()),
        ("", results[0], output),
    ]:
        sizes = [size if isinstance(size, int) else None for size in found]
        differ = len(sizes) != len(wanted) or any(
            size is not None and needed is not None and size != needed
            for size, needed in zip(sizes, wanted, strict=True)
        )
        if differ:
            raise ValueError(f"the shape of {name or 'its output'} is {sizes}, not {list(wanted)}")
