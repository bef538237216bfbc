"""Switch off the telemetry of ONNX Runtime."""

from __future__ import annotations

import os


def disable_telemetry() -> None:
    """Stop ONNX Runtime from starting a thread and writing a database into the home folder when it is imported.

    If the user has set the environment variable ORT_DISABLE_TELEMETRY, its value is not changed.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
