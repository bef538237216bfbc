"""Compare intervals with those of statistical methods on given splits. Prints Markdown.

    python benchmarks/intervals.py TRAIN TEST [TRAIN TEST ...] [--model NAME] [--rivals AutoETS,AutoARIMA] [--series 60]

Each model is trained by `forecast train` and forecasts by `forecast predict --level`. The rivals are methods of
statsforecast with their own intervals, on the same series. Columns: coverage over all points, and of the steps with the
lowest and the highest coverage, in percent; MSIS (Makridakis, Spiliotis and Assimakopoulos 2020); crossings of
quantiles. `--totals quarter` measures intervals of totals instead.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from contenders import FORECAST, Task
from processes import measure
from results import markdown

from forecast_cli.evaluation.interval_metrics import coverage, interval_score
from forecast_cli.evaluation.metrics import Floats, mean_known, naive_scale

LEVELS = (80, 95)
HEADER = ["model", "level", "coverage %", "lowest step", "highest step", "MSIS", "crossing", "seconds"]


def main() -> None:
    arguments = _arguments()
    for train, test in zip(arguments.splits[::2], arguments.splits[1::2], strict=True):
        with tempfile.TemporaryDirectory() as folder:
            task = _task(train, test, arguments.series, Path(folder))
            print(f"\n### {Path(train).name.split('.')[0]}\n")
            if arguments.totals:
                print(markdown([["level", "coverage of totals %", "totals"], *_totals(task, arguments, Path(folder))]))
                continue
            rows = [HEADER, *_own(task, arguments, Path(folder))]
            for name in filter(None, arguments.rivals.split(",")):
                rows += _rival(task, name)
            print(markdown(rows), flush=True)


def _task(train: str, test: str, series: int | None, folder: Path) -> Task:
    """The task with some of the series, spread evenly, or with all."""
    if series is None:
        return Task.read(train, test, folder)
    frames = [pd.read_csv(path) for path in (train, test)]
    ids = frames[0]["unique_id"].unique()
    chosen = ids[np.linspace(0, len(ids) - 1, series).round().astype(int)]
    paths = [folder / name for name in ("train.csv", "test.csv")]
    for frame, path in zip(frames, paths, strict=True):
        frame[frame["unique_id"].isin(chosen)].to_csv(path, index=False)
    return Task.read(str(paths[0]), str(paths[1]), folder)


def _own(task: Task, arguments: argparse.Namespace, folder: Path) -> list[list[str]]:
    table, seconds = _predicted(task, arguments, folder, ["--level", ",".join(map(str, LEVELS))])
    known = task.fold.known
    ends = {
        f"{side}_{level}": table[f"{side}_{level}"].to_numpy().reshape(len(known), -1)
        for level in LEVELS
        for side in ("lower", "upper")
    }
    crossing = sum(
        int((lower > upper + 1e-9).sum())
        for lower, upper in (
            (ends["lower_95"], ends["lower_80"]),
            (ends["lower_80"], ends["upper_80"]),
            (ends["upper_80"], ends["upper_95"]),
        )
    )
    name = arguments.model or "default"
    return [
        _row(task, name, level, ends[f"lower_{level}"], ends[f"upper_{level}"], crossing, seconds) for level in LEVELS
    ]


def _predicted(
    task: Task, arguments: argparse.Namespace, folder: Path, options: list[str]
) -> tuple[pd.DataFrame, float]:
    """The forecast of the scored series as a table, ordered as the series, and the seconds it took."""
    model, output = folder / "model", folder / "forecast.csv"
    horizon = str(task.fold.horizon)
    chosen = ["--model", arguments.model] if arguments.model else []
    train = [*FORECAST, "train", task.train, "-m", str(model), "-n", horizon, "--preset", arguments.preset, *chosen]
    costs = [
        measure([*train, "-q"]),
        measure([*FORECAST, "predict", "-m", str(model), "-n", horizon, *options, "-o", str(output), "-q"]),
    ]
    table = pd.read_csv(output)
    if "id" in table:
        order = pd.CategoricalDtype(task.fold.known.ids.tolist(), ordered=True)
        table = table.assign(id=table["id"].astype(str).astype(order)).dropna(subset="id")
        table = table.sort_values("id", kind="stable")
    return table, sum(cost.seconds for cost in costs)


def _rival(task: Task, name: str) -> list[list[str]]:
    from statsforecast import StatsForecast, models

    known, horizon = task.fold.known, task.fold.horizon
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(known.ids, known.lengths),
            "ds": np.concatenate([np.arange(n) for n in known.lengths]),
            "y": known.values,
        }
    ).dropna()
    started = time.monotonic()
    method = getattr(models, name)(season_length=known.season_length)
    found = StatsForecast([method], freq=1, n_jobs=-1).forecast(df=frame, h=horizon, level=list(LEVELS))
    seconds = time.monotonic() - started
    found = found.set_index("unique_id").loc[known.ids.tolist()]
    ends = {
        column: found[f"{name}-{column}"].to_numpy().reshape(len(known), horizon)
        for column in ("lo-80", "hi-80", "lo-95", "hi-95")
    }
    return [_row(task, name, level, ends[f"lo-{level}"], ends[f"hi-{level}"], 0, seconds) for level in LEVELS]


def _row(task: Task, name: str, level: int, lower: Floats, upper: Floats, crossing: int, seconds: float) -> list[str]:
    actual, scale = task.fold.actual, naive_scale(task.fold.known)
    of_steps = coverage(actual.T, lower.T, upper.T)
    overall = float(coverage(actual.ravel(), lower.ravel(), upper.ravel()))
    msis = float(mean_known(interval_score(actual, lower, upper, level / 100) / np.where(scale > 0, scale, np.nan)))
    shown = [f"{overall:.1f}", f"{of_steps.min():.1f}", f"{of_steps.max():.1f}", f"{msis:.2f}"]
    return [name, str(level), *shown, str(crossing), f"{seconds:.0f}"]


def _totals(task: Task, arguments: argparse.Namespace, folder: Path) -> list[list[str]]:
    """The coverage of the intervals of totals over whole periods: those with as many steps as the longest."""
    options = ["--aggregate", arguments.totals, "--level", ",".join(map(str, LEVELS))]
    table, _ = _predicted(task, arguments, folder, options)
    fold = task.fold
    begins = table.groupby("id", observed=True)["steps"].cumsum() - table["steps"]
    row_of = {name: row for row, name in enumerate(fold.known.ids.tolist())}
    whole = table[table["steps"] == table["steps"].max()].assign(begin=begins)
    actual = np.array(
        [
            fold.actual[row_of[str(name)], begin : begin + steps].sum()
            for name, begin, steps in zip(whole["id"], whole["begin"], whole["steps"], strict=True)
        ]
    )
    rows = []
    for level in LEVELS:
        lower, upper = (whole[f"{side}_{level}"].to_numpy() for side in ("lower", "upper"))
        rows.append([str(level), f"{float(coverage(actual, lower, upper)):.1f}", str(len(whole))])
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("splits", nargs="+", metavar="TRAIN TEST")
    parser.add_argument("--model", help="the default model if not given")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--rivals", default="AutoETS", help="methods of statsforecast, separated by commas")
    parser.add_argument("--series", type=int, help="only so many series, spread evenly")
    parser.add_argument("--totals", choices=("month", "quarter", "year", "all"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
