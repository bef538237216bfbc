"""The program under test, and data to try it on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Forecast = Callable[..., subprocess.CompletedProcess[str]]

AIRLINE = Path(__file__).parents[2] / "sample_data" / "airline_passengers.csv"
PROGRAM = [sys.executable, "-m", "forecast_cli"]
