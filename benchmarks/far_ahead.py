"""Compare long forecasts of daily and hourly series with Prophet, MSTL, AutoETS, and the year before repeated.

    python benchmarks/far_ahead.py FILE ... --steps 28,365 [--cutoffs 2] [--peers ets,long-naive,Prophet,MSTL]
        [--peer-python PYTHON]

FILE is a CSV with the times and the values of one series. For h steps, the k-th cutoff is k times h steps before the
end, and the next h steps are scored. The table has the mean MASE of each contender over the cutoffs. A cell is empty if
a run failed or took more than LIMIT_SECONDS. PYTHON has Prophet and statsforecast (default: this one).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from contenders import HERE, Contender, Task, peer, variant
from results import markdown, score

LIMIT_SECONDS = 600
OF_LIBRARIES = ("Prophet", "MSTL")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--steps", required=True, help="numbers of steps to forecast, separated by commas")
    parser.add_argument("--cutoffs", type=int, default=1, help="cutoffs for each number of steps (default: 1)")
    parser.add_argument("--peers", default="ets,long-naive,Prophet,MSTL", help="methods of the program, Prophet, MSTL")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python with the libraries")
    arguments = parser.parse_args()

    names = arguments.peers.split(",")
    contenders = [variant("default", []), *(_peer(name, arguments.peer_python) for name in names)]
    table = [["series", "steps", *(contender.label for contender in contenders), ""]]
    for file in arguments.files:
        for steps in map(int, arguments.steps.split(",")):
            errors = [_errors(file, steps, cutoff, contenders) for cutoff in range(arguments.cutoffs, 0, -1)]
            means = ["" if np.isnan(mean) else f"{mean:.3f}" for mean in np.mean(errors, axis=0)]
            table.append([file.stem, str(steps), *means, ""])
    print(markdown(table))


def _peer(name: str, python: str) -> Contender:
    if name not in OF_LIBRARIES:
        return peer(name, python)

    def commands(task: Task, _seed: int, output: Path) -> list[list[str]]:
        return [[python, str(HERE / "dated_peer.py"), name, task.train, str(task.fold.horizon), str(output)]]

    return Contender(name, False, commands)


def _errors(file: Path, steps: int, cutoff: int, contenders: list[Contender]) -> list[float]:
    """The MASE of each contender over `steps` steps, from a cutoff `cutoff * steps` steps before the end."""
    rows = pd.read_csv(file, dtype=str)
    past = rows.iloc[: len(rows) - cutoff * steps]
    with tempfile.TemporaryDirectory() as scratch:
        train, test = Path(scratch) / f"{file.stem}.csv", Path(scratch) / "test.csv"
        past.to_csv(train, index=False)
        rows.iloc[len(past) : len(past) + steps].to_csv(test, index=False)
        task = Task.read(str(train), str(test), Path(scratch))
        errors = [_error(contender, task) for contender in contenders]
    figures = (f"{contender.label} {error:.3f}" for contender, error in zip(contenders, errors, strict=True))
    print(file.stem, steps, f"cutoff {cutoff}:", *figures, file=sys.stderr, flush=True)
    return errors


def _error(contender: Contender, task: Task) -> float:
    """The MASE of a contender; NaN if a command fails or takes too long."""
    output = task.folder / "forecast.csv"
    for command in contender.commands(task, 0, output):
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_SECONDS)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as failure:
            print(contender.label, failure, file=sys.stderr, flush=True)
            return float("nan")
    point = pd.read_csv(output).forecast.to_numpy(dtype=float).reshape(1, task.fold.horizon)
    return score(task.fold, point, []).mase


if __name__ == "__main__":
    main()
