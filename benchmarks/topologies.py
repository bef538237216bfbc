"""Accuracy and cost of every topology on given splits, alone and with exponential smoothing, as Markdown.

    python benchmarks/topologies.py TRAIN TEST [TRAIN TEST ...] [--seeds 0,1,2] [--topologies lstm,gru]
        [--option=--units --option=64,64]

Each topology is trained with smoothing; the forecast of its network alone comes from the same model. Scores are medians
over seeds, times are those of whole processes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from contenders import FORECAST, Task
from processes import measure
from results import markdown, score

from forecast_cli.model_names import SMOOTHED
from forecast_cli.models.network.keras_runtime import import_keras
from forecast_cli.networks import TOPOLOGIES
from forecast_cli.networks.build import build
from forecast_cli.networks.spec import NetworkSpec

HEADER = ["topology", "MASE alone", "MASE", "sMAPE alone", "sMAPE", "parameters", "train, s", "predict, s"]


@dataclass(frozen=True)
class Run:
    """Scores of the network alone and with smoothing, number of weights of the network, seconds."""

    mase_alone: float
    mase: float
    smape_alone: float
    smape: float
    parameters: float
    training: float
    prediction: float


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        for train, test in zip(arguments.files[::2], arguments.files[1::2], strict=True):
            task = Task.read(train, test, Path(folder))
            rows = []
            for name in arguments.topologies:
                runs = [_run(name, task, seed, arguments.option) for seed in arguments.seeds]
                rows.append(_cells(name, runs))
                print(f"{task.name}: {' '.join(rows[-1])}", file=sys.stderr, flush=True)
            print(f"\n### {task.name}\n\n{markdown([HEADER, *rows])}", flush=True)


def _run(name: str, task: Task, seed: int, options: list[str]) -> Run:
    directory, output = task.folder / f"{name}-{seed}", task.folder / f"{name}-{seed}.csv"
    model = ["--model-dir", str(directory), "--quiet"]
    train = [*FORECAST, "train", task.train, *model, "--model", name + SMOOTHED, "--seed", str(seed), *options]
    predict = [*FORECAST, "predict", "--horizon", str(task.fold.horizon), *model, "--output", str(output)]
    training, prediction = measure(train), measure([*predict, "--against", name])
    table = pd.read_csv(output)
    alone, whole = (_scores(task, table[column].to_numpy(dtype=float)) for column in (name, "forecast"))
    spec = json.loads((directory / "metadata.json").read_text())["model"]["network"]
    network = build(NetworkSpec(**spec | {"units": tuple(spec["units"])}))
    return Run(
        *(alone[1], whole[1], alone[0], whole[0]),
        *(network.count_params(), training.seconds, prediction.seconds),
    )


def _scores(task: Task, values: np.ndarray) -> tuple[float, float]:
    point = values.reshape(len(task.fold.past), task.fold.horizon)[task.fold.rows]
    scores = score(task.fold, point, [])
    return scores.smape, scores.mase


def _cells(name: str, runs: list[Run]) -> list[str]:
    def median(field: str) -> float:
        return statistics.median(getattr(run, field) for run in runs)

    return [
        name,
        *(f"{median(field):.3f}" for field in ("mase_alone", "mase")),
        *(f"{median(field):.2f}" for field in ("smape_alone", "smape")),
        f"{median('parameters'):.0f}",
        *(f"{median(field):.1f}" for field in ("training", "prediction")),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("files", nargs="+", metavar="TRAIN TEST", help="pairs of CSV files, plain or compressed")
    add("--seeds", type=lambda text: [int(number) for number in text.split(",")], default=[0])
    add("--topologies", type=lambda text: text.split(","), default=list(TOPOLOGIES), help="separated by commas")
    add("--option", action="append", default=[], help="one more option of forecast train; repeatable")
    arguments = parser.parse_args()
    if len(arguments.files) % 2:
        parser.error("files come in pairs, TRAIN TEST")
    import_keras()
    return arguments


if __name__ == "__main__":
    main()
