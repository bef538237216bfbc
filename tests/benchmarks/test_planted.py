"""The benchmark of planted anomalies, run as its documentation says, on a series in which they are plain to see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "planted.py"


@pytest.mark.slow
def test_plain_anomalies_are_found_at_the_rate_asked_for(tmp_path: Path) -> None:
    hours = np.arange(6000)
    values = 100 + 20 * np.sin(2 * np.pi * hours / 24) + np.random.default_rng(0).normal(0, 1, len(hours))
    times = pd.date_range("2024-01-01", periods=len(hours), freq="h")
    path = tmp_path / "hours.csv"
    pd.DataFrame({"time": times, "value": values}).to_csv(path, index=False)

    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path), "--alarm-rate", "0.005"], capture_output=True, text=True, check=True
    )

    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "|" in line]
    figures = {name: cells for name, *cells in rows}
    assert float(figures["all"][1]) >= 0.9
    assert 0.5 < float(figures["clean"][3]) < 2


@pytest.mark.slow
def test_a_file_without_a_season_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_text("\n".join(["value", *map(str, np.random.default_rng(0).normal(size=400))]) + "\n")

    done = subprocess.run([sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no series with a season" in done.stderr
