"""Time and memory of whole commands, as ratios to an import measured in the same run.

    python benchmarks/speed.py [--runs 5]

The commands of a row and its yardstick take turns, so that a machine whose speed drifts does so for both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from processes import measure

FORECAST = [sys.executable, "-m", "forecast_cli"]
IMPORT_CLICK = [sys.executable, "-c", "import click"]
IMPORT_TENSORFLOW = [sys.executable, "-c", "import tensorflow"]
AIRLINE = Path(__file__).parent.parent / "sample_data" / "airline_passengers.csv"


def compare(label: str, command: list[str], yardstick: list[str], runs: int) -> None:
    """Print one row: medians of both and of the ratio pair by pair."""
    measure(command), measure(yardstick)
    pairs = [(measure(command), measure(yardstick)) for _ in range(runs)]
    seconds = statistics.median(ours.seconds for ours, _ in pairs)
    memory = max(ours.megabytes for ours, _ in pairs)
    ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs)
    print(f"{label:<36} {seconds:8.2f} s {memory:8.0f} MB   {ratio:6.2f} x {yardstick[-1]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        model = ["--model-dir", f"{folder}/model"]
        train = [*FORECAST, "train", str(AIRLINE), *model]
        compare("forecast --help", [*FORECAST, "--help"], IMPORT_CLICK, runs)
        compare("forecast train airline", train, IMPORT_TENSORFLOW, max(1, runs // 2))
        compare(
            "forecast predict --horizon 12", [*FORECAST, "predict", "--horizon", "12", *model], IMPORT_TENSORFLOW, runs
        )


if __name__ == "__main__":
    main()
