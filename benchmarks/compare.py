"""Compare models by `forecast backtest` on single series and panels: each error relative to that of the first model.

    python benchmarks/compare.py FILE ... --models lstm,lstm+forest [--windows 3] [--draw 10]

FILE is a CSV as `backtest` reads it. `--draw N` takes N random series of each file, and tests each alone; without it
the series of a file are one panel. Horizon and season are the defaults of `backtest`. The table has, for each model,
the geometric mean, the highest and the lowest ratio of its MASE to that of the first model, and how many are below 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from contenders import FORECAST
from results import markdown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--models", required=True, help="names of models; the first is the reference")
    parser.add_argument("--windows", type=int, default=3, help="cutoffs of each backtest")
    parser.add_argument("--draw", type=int, metavar="N", help="test N random series of each file alone")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    arguments = parser.parse_args()
    models = arguments.models.split(",")

    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in _tests(arguments, Path(scratch)):
            errors = _backtest(data, models, arguments.windows)
            print(name, *(f"{model} {error:.3f}" for model, error in zip(models, errors, strict=True)), flush=True)
            rows.append(errors)
    known = np.array(rows)[np.isfinite(rows).all(axis=1)]
    ratios = known[:, 1:] / known[:, :1]
    table = [["model", "mean", "worst", "best", "better", "tests", ""]]
    for model, ratio in zip(models[1:], ratios.T, strict=True):
        figures = [f"{figure:.3f}" for figure in (np.exp(np.log(ratio).mean()), ratio.max(), ratio.min())]
        table.append([model, *figures, str((ratio < 1).sum()), str(len(ratio)), ""])
    print(markdown(table))


def _tests(arguments: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, Path]]:
    """The name and the file of each test: the files themselves, or one for each series drawn."""
    random = np.random.default_rng(arguments.seed)
    for file in arguments.files:
        if arguments.draw is None:
            yield file.stem, file
            continue
        series = {str(unique_id): rows for unique_id, rows in pd.read_csv(file).groupby("unique_id", sort=False)}
        for unique_id in random.choice(list(series), arguments.draw, replace=False):
            alone = scratch / f"{file.stem}_{unique_id}.csv"
            series[unique_id].to_csv(alone, index=False)
            yield alone.stem, alone


def _backtest(data: Path, models: list[str], windows: int) -> list[float]:
    """The MASE of each model; NaN for all if `backtest` fails, and its message on stderr."""
    options = ["--models", ",".join(models), "--windows", str(windows), "--format", "json"]
    done = subprocess.run([*FORECAST, "backtest", str(data), *options], check=False, capture_output=True, text=True)
    if done.returncode:
        print(data.stem, done.stderr.strip().splitlines()[-1], file=sys.stderr, flush=True)
        return [np.nan] * len(models)
    mase = {row["model"]: row["mase"] for row in json.loads(done.stdout)["leaderboard"]}
    return [mase[model] for model in models]


if __name__ == "__main__":
    main()
