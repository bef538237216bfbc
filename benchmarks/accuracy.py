"""Accuracy and cost on given splits, compared with other methods, as Markdown.

    python benchmarks/accuracy.py TRAIN TEST [TRAIN TEST ...] [--seeds 0,1,2]
        [--variant 'fast=--preset fast' ...] [--train-option=--epochs=3 ...] [--peers ets,theta,neuralforecast.LSTM]

Every run is a process of its own. The forecasts are scored on all values of TEST, series by series; a table shows the
mean over series, and the median of that over seeds. docs/benchmarks.md explains the columns.
"""

from __future__ import annotations

import argparse
import platform
import shlex
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from contenders import LIBRARIES, Contender, Task, installed, library, peer, variant
from joblib import cpu_count
from processes import CommandFailedError, measure
from results import Result, Scores, score, table

from forecast_cli.errors import UsageError
from forecast_cli.models.statistical.methods import check

PACKAGES = ("forecast-cli", "tensorflow", "keras", "statsforecast")


def main() -> None:
    arguments = _arguments()
    paths, peers = arguments.files, arguments.peers
    libraries = sorted({name for name in map(library, peers) if name})
    packages = dict.fromkeys(package for name in libraries for package in LIBRARIES[name].packages)
    versions = installed(packages, arguments.peer_python) if packages else {}
    for absent in (name for name in libraries if name not in versions):
        print(f"{absent} is not installed, and left out; pip install -e '.[bench]' installs it.", file=sys.stderr)
        peers = [name for name in peers if library(name) != absent]
    variants = [variant(label, [*arguments.train_option, *options]) for label, options in arguments.variant]
    contenders = variants + [peer(name, arguments.peer_python) for name in peers]
    print(f"```sh\npython benchmarks/accuracy.py {shlex.join(sys.argv[1:])}\n```\n\n{_machine(versions)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for train, test in zip(paths[::2], paths[1::2], strict=True):
            task = Task.read(train, test, Path(folder))
            results = [compete(contender, task, arguments.seeds) for contender in contenders]
            print(f"\n{_heading(task)}\n\n{table(results)}", flush=True)


def compete(contender: Contender, task: Task, seeds: list[int]) -> Result:
    """Run a contender on a task, with every seed if it uses one. If a run fails, the result holds the reason."""
    runs = []
    for seed in seeds if contender.seeded else seeds[:1]:
        try:
            runs.append(_run(contender, task, seed))
        except CommandFailedError as failure:
            return Result(contender.label, runs, str(failure))
        print(f"{task.name}: {contender.label}, seed {seed}: {runs[-1]}", file=sys.stderr, flush=True)
    return Result(contender.label, runs)


def _run(contender: Contender, task: Task, seed: int) -> Scores:
    output = task.folder / f"{contender.label}-{seed}.csv"
    costs = [measure(command) for command in contender.commands(task, seed, output)]
    point = pd.read_csv(output).forecast.to_numpy(dtype=float).reshape(len(task.fold.past), task.fold.horizon)
    return score(task.fold, point[task.fold.rows], costs)


def _heading(task: Task) -> str:
    past = task.fold.past
    shortest, longest = past.lengths.min(), past.lengths.max()
    points = f"{shortest} to {longest}" if shortest < longest else f"{longest}"
    shape = f"{len(past)} series of {points} points, season {past.season_length}, horizon {task.fold.horizon}"
    return f"### {task.name}\n\n{shape}."


def _machine(of_peers: dict[str, str]) -> str:
    versions = {package: version(package) for package in PACKAGES} | of_peers
    packages = ", ".join(map(" ".join, versions.items()))
    return f"{cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {packages}."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("files", nargs="+", metavar="TRAIN TEST", help="pairs of CSV files, plain or compressed")
    add("--seeds", type=_numbers, default=[0], help="separated by commas (default: 0)")
    add("--variant", action="append", type=_variant, help="LABEL=OPTIONS of forecast train; repeatable")
    add("--no-variant", action="store_true", help="run the peers alone")
    add("--train-option", action="append", default=[], help="one more option for every variant; repeatable")
    add("--peers", type=_words, default=[], help="methods of predict --against, neuralforecast.CLASS, mlforecast.CLASS")
    add("--peer-python", default=sys.executable, help="the Python with those libraries (default: this one)")
    arguments = parser.parse_args()
    if len(arguments.files) % 2:
        parser.error("files come in pairs, TRAIN TEST")
    try:
        for name in arguments.peers:
            if not library(name):
                check(name)
    except UsageError as error:
        parser.error(f"--peers: {error.message}")
    arguments.variant = [] if arguments.no_variant else arguments.variant or [("default", [])]
    return arguments


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _variant(text: str) -> tuple[str, list[str]]:
    label, _, options = text.partition("=")
    return label, shlex.split(options)


if __name__ == "__main__":
    main()
