"""The benchmark of anomalies, run as its documentation says, on two small files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "anomalies.py"


@pytest.mark.slow
def test_it_compares_the_scorers_on_labelled_files(tmp_path: Path) -> None:
    for name, spike in (("calm", None), ("spiked", 700)):
        values = 100 + 20 * np.sin(2 * np.pi * np.arange(1000) / 24) + np.random.default_rng(0).normal(0, 1, 1000)
        if spike:
            values[spike : spike + 3] += 40
        times = pd.date_range("2024-01-01", periods=1000, freq="h")
        (tmp_path / "group").mkdir(exist_ok=True)
        pd.DataFrame({"timestamp": times, "value": values}).to_csv(tmp_path / "group" / f"{name}.csv", index=False)
    labels = {"group/calm.csv": [], "group/spiked.csv": [["2024-01-29 20:00:00", "2024-01-30 20:00:00"]]}
    (tmp_path / "windows.json").write_text(json.dumps(labels))

    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "--detail"], capture_output=True, text=True, check=True
    )

    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in _table(done.stdout)
    }
    assert "2 files, 1 labelled windows." in done.stdout
    assert {"random", "windowed Gaussian", "errors", "shape", "detect"} <= set(rows)
    assert float(rows["detect"][1]) > 80
    assert float(rows["detect"][2]) > float(rows["random"][2])
    assert rows["group/spiked.csv"][:2] == ["1", "1"]


def _table(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]
