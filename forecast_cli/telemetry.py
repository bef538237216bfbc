"""The telemetry of ONNX Runtime, switched off."""

from __future__ import annotations

import os


def disable_telemetry() -> None:
    """Keep ONNX Runtime from starting a thread and writing a database into the home folder when it is imported.

    A setting of the user in the environment variable ORT_DISABLE_TELEMETRY stays.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
