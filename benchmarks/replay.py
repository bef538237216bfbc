"""A simulated year: a series grows day by day, and `forecast run` is called every night, as cron would do.

    python benchmarks/replay.py DATA [--runs 365] [--step 1] [--start 730] [--retrain when-degraded] [--horizon 14]

DATA is a CSV with a header and one row for each step, oldest first. The first run sees `--start` rows, each further one
`--step` more. Every run is a process of its own, with its clock one day later; this needs libfaketime, which `pip
install -e '.[bench]'` installs. The output is Markdown: the content of the ledger at the end, the time of the first and
the last runs, the time of the last runs with a ledger that keeps one week, and the tables of `forecast score`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import files
from pathlib import Path

FORECAST = [sys.executable, "-m", "forecast_cli"]
COMPARED_NIGHTS = 30
"""Last nights that are run twice, the second time with a ledger that keeps one week."""

Night = dict[str, object]

FIRST_NIGHT = datetime(2030, 1, 1, 3, 0, tzinfo=UTC)


def main() -> None:
    options = _arguments()
    header, *rows = options.data.read_text().splitlines()
    nights = min(options.runs, (len(rows) - options.start) // options.step + 1)
    with tempfile.TemporaryDirectory() as place:
        year, twin = Path(place, "year"), Path(place, "twin")
        year.mkdir()
        (year / "jobs.toml").write_text(
            f'[jobs.replay]\ndata = "data.csv"\nhorizon = {options.horizon}\npreset = "fast"\n'
            f'retrain = "{options.retrain}"\noutput = "out/latest.csv"\n'
        )
        done: dict[Path, list[Night]] = {year: [], twin: []}
        for night in range(nights):
            if night == max(nights - COMPARED_NIGHTS, 1):
                copy_with_short_ledger(year, twin)
            known = "\n".join([header, *rows[: options.start + night * options.step]]) + "\n"
            both = [year, twin] if twin.exists() else [year]
            for folder in both[:: 1 if night % 2 else -1]:
                (folder / "data.csv").write_text(known)
                os.utime(folder / "data.csv", (0, 0))
                done[folder].append(run(folder / "jobs.toml", FIRST_NIGHT + timedelta(days=night)))
            if night % 30 == 0:
                print(f"night {night}: {done[year][-1]}", file=sys.stderr, flush=True)
        size = sum(path.stat().st_size for path in (year / "forecast-state").glob("ledger.sqlite*")) / 2**20
        print(summary(done[year], done[twin], size))
        for by in ("step", "age", "month"):
            print(f"\n`forecast score --by {by}`\n\n```\n{score(year / 'jobs.toml', by)}```", flush=True)


def copy_with_short_ledger(folder: Path, twin: Path) -> None:
    """Copy the folder, with the same data and model, and let the copy's ledger keep one week."""
    shutil.copytree(folder, twin)
    jobs = twin / "jobs.toml"
    jobs.write_text(f'keep = "7d"\n{jobs.read_text()}')


def run(jobs: Path, now: datetime) -> Night:
    """One night: what the job did, and how many seconds it took."""
    started = time.perf_counter()
    ran = subprocess.run(
        [*FORECAST, "run", str(jobs), "--format", "json"],
        env=os.environ | clock(now),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if ran.returncode:
        sys.exit(f"The run of {now:%Y-%m-%d} ended with exit code {ran.returncode}: {ran.stderr}")
    (job,) = json.loads(ran.stdout)["jobs"]
    return {"training": job["training"], "scored": job["scored"], "message": job["message"], "seconds": seconds}


def clock(now: datetime) -> dict[str, str]:
    """The environment variables that set a process's clock to `now`."""
    library = next(Path(file.locate()) for file in files("libfaketime") or () if file.name == "libfaketime.so.1")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"@{now:%Y-%m-%d %H:%M:%S}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "TZ": "UTC",
    }


def summary(done: list[Night], short: list[Night], megabytes: float) -> str:
    """Counts and times of the nights `done`, and of the nights with a short ledger."""
    seconds, seconds_short = (
        [float(str(night["seconds"])) for night in nights if not night["training"]] for nights in (done, short)
    )
    trained = [(number, night) for number, night in enumerate(done) if night["training"]]
    scored = sum(int(str(night["scored"])) for night in done)
    lines = [
        f"{len(done)} runs, {len(trained)} of them with training; {scored} forecast values scored; ledger "
        f"{megabytes:.1f} MB.",
        f"Runs without training: median {statistics.median(seconds[:30]):.2f} s among the first 30, "
        f"{statistics.median(seconds[-30:]):.2f} s among the last 30; those with a ledger of one week, alternating with"
        f" them: {statistics.median(seconds_short):.2f} s.",
        "",
        *(f"- night {number}: {night['training']}; {night['message']}" for number, night in trained),
    ]
    return "\n".join(lines)


def score(jobs: Path, by: str) -> str:
    return subprocess.run(
        [*FORECAST, "score", str(jobs), "--by", by], capture_output=True, text=True, check=True
    ).stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("data", type=Path, help="a CSV with one row for each step")
    add("--runs", type=int, default=365, help="nights (default: 365)")
    add("--step", type=int, default=1, help="new rows each day (default: 1)")
    add("--start", type=int, default=730, help="rows on the first night (default: 730)")
    add("--retrain", default="when-degraded", help="the job's retrain key (default: when-degraded)")
    add("--horizon", type=int, default=14, help="steps (default: 14)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
