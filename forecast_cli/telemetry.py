"""Switch off the telemetry of ONNX Runtime."""

from __future__ import annotations

import os


def disable_telemetry() -> None:
    """Set ORT_DISABLE_TELEMETRY=1: ONNX Runtime then starts no thread and writes no database into the home folder.

    Call it before ONNX Runtime is imported. If the user has set this environment variable, its value is not changed.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
