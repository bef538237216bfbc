"""Time and memory of whole commands, with the ratio of the time to that of a reference measured in the same run.

    python benchmarks/speed.py [--runs 5]

The reference is an import or another command. Command and reference alternate, so that a drift of the machine's speed
affects both.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from processes import measure

FORECAST = [sys.executable, "-m", "forecast_cli"]
IMPORT_CLICK = [sys.executable, "-c", "import click"]
IMPORT_TENSORFLOW = [sys.executable, "-c", "import tensorflow"]
JOBS = 20
AIRLINE = Path(__file__).parent.parent / "sample_data" / "airline_passengers.csv"


def compare(label: str, command: list[str], reference: list[str], runs: int) -> None:
    """Print one row: median time and peak memory of the command, and the median of the ratios pair by pair."""
    measure(command), measure(reference)
    pairs = [(measure(command), measure(reference)) for _ in range(runs)]
    seconds = statistics.median(ours.seconds for ours, _ in pairs)
    memory = max(ours.megabytes for ours, _ in pairs)
    ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs)
    name = reference[-1] if reference[1] == "-c" else "forecast predict"
    print(f"{label:<36} {seconds:8.2f} s {memory:8.0f} MB   {ratio:6.2f} x {name}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        model = ["--model-dir", f"{folder}/model"]
        train = [*FORECAST, "train", str(AIRLINE), *model]
        compare("forecast --help", [*FORECAST, "--help"], IMPORT_CLICK, runs)
        compare("forecast train airline", train, IMPORT_TENSORFLOW, max(1, runs // 2))
        predict = [*FORECAST, "predict", "--horizon", "12", *model]
        compare("forecast predict --horizon 12", predict, IMPORT_TENSORFLOW, runs)
        compare(f"forecast run, {JOBS} blends, no training", jobs_of(Path(folder)), predict, runs)
        measure([*train, "--model", "lstm+smoothing"])
        compare(f"forecast run, {JOBS} networks, no training", jobs_of(Path(folder)), predict, runs)


def jobs_of(folder: Path) -> list[str]:
    """The command that runs small jobs with the model in `folder`, and deletes the ledger of earlier runs first.

    Their data end earlier than those of the model, so the statistical methods of a blend are fitted again.
    """
    tables = ['[defaults]\nhorizon = 12\nretrain = "never"\noutput = "out/{name}.csv"\n']
    lines = AIRLINE.read_text().splitlines()
    for number in range(JOBS):
        (folder / f"{number}.csv").write_text("\n".join(lines[: len(lines) - number]) + "\n")
        copy = folder / "forecast-state" / "models" / f"job{number}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder / "model", copy)
        tables.append(f'[jobs.job{number}]\ndata = "{number}.csv"\n')
    (folder / "jobs.toml").write_text("".join(tables))
    run = shlex.join([*FORECAST, "run", str(folder / "jobs.toml"), "--quiet"])
    state = shlex.quote(str(folder / "forecast-state"))
    return ["sh", "-c", f"rm -f {state}/ledger.sqlite* && exec {run}"]


if __name__ == "__main__":
    main()
