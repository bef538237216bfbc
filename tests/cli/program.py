"""The program under test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

Forecast = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = [sys.executable, "-m", "forecast_cli"]
