"""Accuracy on a given split, through the command line as a user would type it.

    python benchmarks/accuracy.py train.csv test.csv [--seeds 0 1 2] [--train-option=--epochs=3 ...]

Both files are long CSVs (unique_id, ds, y), plain or compressed; the horizon is that of the test file.
Prints sMAPE (percent) and MASE, means over series, the mean RMSE, wall time and peak memory of train and
predict for each seed, and the medians over seeds. `--peers` adds the statistical methods named, in one run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from forecast_cli.evaluation.metrics import mase, mean_known, naive_scale, rmse, smape
from forecast_cli.models.baselines import StatisticalForecaster
from forecast_cli.panel.panel import Panel
from forecast_cli.panel.reading import read_panel


def run(arguments: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of one forecast command."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "forecast_cli", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: forecast {' '.join(arguments)}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def actuals(path: str, panel: Panel) -> np.ndarray:
    """(n, horizon) the test values in the panel's order of series."""
    frame = pd.read_csv(path, dtype={"unique_id": str})
    wide = {id_: group.to_numpy(dtype=float) for id_, group in frame.groupby("unique_id", sort=False).y}
    return np.stack([wide[id_] for id_ in panel.ids.tolist()])


def accuracy(panel: Panel, actual: np.ndarray, point: np.ndarray) -> tuple[float, float, float]:
    """sMAPE, MASE and RMSE, means over series."""
    scale = naive_scale(panel)
    scores = smape(actual, point), mase(actual, point, scale), rmse(actual, point)
    smape_mean, mase_mean, rmse_mean = (float(mean_known(score)) for score in scores)
    return smape_mean, mase_mean, rmse_mean


def show(label: str, scores: tuple[float, float, float], seconds: str, memory: str = "") -> None:
    print(f"{label:<16} {scores[0]:7.3f} {scores[1]:7.4f} {scores[2]:10.2f}  {seconds:>16}  {memory}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--train-option", action="append", default=[], help="passed on to forecast train")
    parser.add_argument("--peers", nargs="*", default=[], help="statistical methods, such as ets theta arima")
    arguments = parser.parse_args()

    panel = read_panel(arguments.train)
    actual = actuals(arguments.test, panel)
    horizon = actual.shape[1]
    print(f"{'':<16} {'sMAPE %':>7} {'MASE':>7} {'RMSE':>10}  {'train + predict':>16}  peak memory")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in arguments.seeds:
            model, output = f"{folder}/model{seed}", Path(folder, f"{seed}.csv")
            options = ["--model-dir", model, "--quiet"]
            trained = run(["train", arguments.train, *options, "--seed", str(seed), *arguments.train_option])
            predicted = run(["predict", "--horizon", str(horizon), *options, "--output", str(output)])
            point = pd.read_csv(output).forecast.to_numpy().reshape(len(panel), horizon)
            results.append(accuracy(panel, actual, point))
            seconds = f"{trained[0]:.1f} + {predicted[0]:.1f} s"
            show(f"network, seed {seed}", results[-1], seconds, f"{trained[1]:.0f}, {predicted[1]:.0f} MB")
    if results:
        medians = [statistics.median(column) for column in zip(*results, strict=True)]
        show("network, median", (medians[0], medians[1], medians[2]), "")
    for name in arguments.peers:
        started = time.perf_counter()
        point = StatisticalForecaster(name).predict(panel, horizon).point
        seconds = f"{time.perf_counter() - started:.1f} s"
        failed = int(np.isnan(point).any(axis=1).sum())
        show(name, accuracy(panel, actual, point), seconds, f"(failed on {failed} series)" if failed else "")


if __name__ == "__main__":
    main()
