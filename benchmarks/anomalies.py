"""Compare `forecast detect` with simple scorers on labelled series. Prints Markdown.

    python benchmarks/anomalies.py FOLDER [--only GROUP] [--model NAME] [--detail]

FOLDER has files with the columns timestamp and value, `NAME.csv` or `GROUP/NAME.csv`, also as `.csv.gz`, and
`windows.json`: {"GROUP/NAME.csv": [[first, last], ...]} with the times of the labelled windows, as in the Numenta
Anomaly Benchmark. Each file is judged by `forecast detect --scores`. Rows of the table:

    random              a random number at each point
    windowed Gaussian   distance from the mean of the last 1000 values, in standard deviations
    errors, shape       the p-values of the two scorers alone
    detect              the p-value of both together

Columns: the NAB score (nab.py), with one detection for each anomaly, and with one for each point; VUS-PR (vus.py);
and affiliation F1 (affiliation.py). An anomaly is a group of alarms, as in the rows that `forecast detect` prints:
alarms at most half a season apart. All scorers are grouped alike. NAB and F1 are at the threshold, common to all files,
where they are highest. Random scores have a high F1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from affiliation import affiliation, f1
from contenders import FORECAST
from nab import Floats, Labelled, Window, nab_score, probation, score_of_alarms
from results import markdown
from vus import vus_pr

from forecast_cli.evaluation.anomalies.alarms import gap_of, grouped
from forecast_cli.panel.reading import read_panel
from forecast_cli.workflows.detection import DEFAULT_RATE

GAUSSIAN_WINDOW = 1000
SHARES = (0.001, 0.003, 0.01, 0.03, 0.1)
"""The shares of all points that are alarms, of which affiliation takes the best."""

NAB_SHARES = np.geomspace(1e-5, 0.1, 81)
"""The same for NAB with one detection for each anomaly."""


def main() -> None:
    arguments = _arguments()
    root = Path(arguments.folder)
    labels = json.loads((root / "windows.json").read_text())
    names = [name for name in labels if arguments.only is None or name.startswith(arguments.only)]
    files: dict[str, dict[str, Labelled]] = {}
    gaps: dict[str, int] = {}
    for name in names:
        print(name, file=sys.stderr, flush=True)
        rows = _rows(root, name)
        windows = _windows(rows, labels[name])
        judged = _judged(_path(root, name), arguments.model)
        gaps[name] = _gap(_path(root, name), judged, rows)
        scores = {
            "random": np.random.default_rng(len(files)).random(len(rows)),
            "windowed Gaussian": _gaussian(rows["value"].to_numpy(dtype=float)),
            "errors": _at_rows(judged, rows, "p_error"),
            "shape": _at_rows(judged, rows, "p_shape"),
            "detect": _at_rows(judged, rows, "p"),
        }
        files[name] = {scorer: Labelled(values, windows) for scorer, values in scores.items()}
    scorers = list(next(iter(files.values())))
    table = [["scorer", "NAB", "NAB, points", "VUS-PR", "affiliation F1", "at share"]]
    for scorer in scorers:
        own = {name: each[scorer] for name, each in files.items()}
        table.append([scorer, *_figures(own, gaps)])
    print(f"{len(names)} files, {sum(len(each['random'].windows) for each in files.values())} labelled windows.\n")
    print(markdown(table))
    detected = {name: each["detect"] for name, each in files.items()}
    usual = score_of_alarms(list(_anomalies(detected, gaps, -np.log(DEFAULT_RATE)).values()))
    print(f"\nAt the default alarm rate of {DEFAULT_RATE}, detect has a NAB score of {usual:.1f}.")
    if arguments.detail:
        print("\n" + markdown(_detail(detected, gaps)))


def _figures(files: Mapping[str, Labelled], gaps: Mapping[str, int]) -> list[str]:
    """The cells of one scorer."""
    labelled = [file for file in files.values() if file.windows]
    best, share = max((_affiliation_f1(list(files.values()), share), share) for share in SHARES)
    return [
        f"{_best_of_anomalies(files, gaps)[0]:.1f}",
        f"{nab_score(list(files.values()))[0]:.1f}",
        f"{np.mean([vus_pr(file.scores, file.windows) for file in labelled]):.3f}",
        f"{best:.3f}",
        f"{share:g}",
    ]


def _anomalies(files: Mapping[str, Labelled], gaps: Mapping[str, int], threshold: float) -> dict[str, Labelled]:
    """The files with the score 1 at the first point of each anomaly, 0 elsewhere."""
    found = {}
    for name, file in files.items():
        first = np.zeros(len(file.scores))
        alarms = np.nan_to_num(file.scores, nan=-np.inf) >= threshold
        first[[begin for begin, _ in grouped(alarms, gaps[name])]] = 1.0
        found[name] = Labelled(first, file.windows)
    return found


def _best_of_anomalies(files: Mapping[str, Labelled], gaps: Mapping[str, int]) -> tuple[float, float]:
    """The NAB score with one detection for each anomaly, at the best threshold, and this threshold."""
    every = np.concatenate([file.scores[np.isfinite(file.scores)] for file in files.values()])
    thresholds = np.unique(np.quantile(every, 1 - NAB_SHARES))
    return max(
        (score_of_alarms(list(_anomalies(files, gaps, threshold).values())), float(threshold))
        for threshold in thresholds
    )


def _affiliation_f1(files: Sequence[Labelled], share: float) -> float:
    """The mean F1 over files with labels, if this share of the points of all files, the highest scores, are alarms."""
    every = np.concatenate([np.nan_to_num(file.scores[probation(len(file.scores)) :], nan=-np.inf) for file in files])
    threshold = np.partition(every, -max(1, int(share * len(every))))[-max(1, int(share * len(every)))]
    return float(np.mean([f1(*affiliation(_alarms(file, threshold), file.windows)) for file in files if file.windows]))


def _alarms(file: Labelled, threshold: float) -> np.ndarray:
    alarms = np.nan_to_num(file.scores, nan=-np.inf) >= threshold
    alarms[: probation(len(alarms))] = False
    return alarms


def _detail(files: Mapping[str, Labelled], gaps: Mapping[str, int]) -> list[list[str]]:
    _, threshold = _best_of_anomalies(files, gaps)
    table = [["file", "windows", "found", "false alarms"]]
    for name, file in _anomalies(files, gaps, threshold).items():
        at = np.flatnonzero(_alarms(file, 1.0))
        inside = [((at >= first) & (at <= last)) for first, last in file.windows]
        found = sum(bool(each.any()) for each in inside)
        table.append([name, str(len(file.windows)), str(found), str(len(at) - sum(int(each.sum()) for each in inside))])
    return table


# --- files


def _path(root: Path, name: str) -> Path:
    return next(path for path in (root / name, root / f"{name}.gz") if path.exists())


def _rows(root: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(_path(root, name))
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    return frame.sort_values("timestamp", ignore_index=True)


def _windows(rows: pd.DataFrame, labels: Sequence[Sequence[str]]) -> list[Window]:
    times = rows["timestamp"]
    found = []
    for first, last in labels:
        inside = np.flatnonzero((times >= pd.Timestamp(first)) & (times <= pd.Timestamp(last)))
        if len(inside):
            found.append((int(inside[0]), int(inside[-1])))
    return found


# --- scorers


def _judged(path: Path, model: str | None) -> pd.DataFrame:
    """Every point of a file, judged by `forecast detect`."""
    command = [*FORECAST, "detect", str(path.resolve()), "--scores", "--format", "csv", "--quiet"]
    command += ["--model", model] if model else []
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=empty)
    judged = pd.read_csv(StringIO(done.stdout))
    judged["date"] = pd.to_datetime(judged["date"])
    return judged


def _at_rows(judged: pd.DataFrame, rows: pd.DataFrame, column: str) -> Floats:
    """The scores of the rows of a file, from those of the steps nearest to them: -log p."""
    steps, times = judged["date"].astype("int64").to_numpy(), rows["timestamp"].astype("int64").to_numpy()
    after = np.searchsorted(steps, times).clip(1, len(steps) - 1)
    nearest = np.where(times - steps[after - 1] <= steps[after] - times, after - 1, after)
    return -np.log(judged[column].to_numpy(dtype=float)[nearest])


def _gap(path: Path, judged: pd.DataFrame, rows: pd.DataFrame) -> int:
    """The largest number of rows between two alarms of one anomaly: half a season, as in `forecast detect`."""
    steps = gap_of(read_panel(path).season_length)
    return max(1, round(steps * len(rows) / len(judged)))


def _gaussian(values: Floats) -> Floats:
    series = pd.Series(values)
    rolling = series.shift(1).rolling(GAUSSIAN_WINDOW, min_periods=2)
    spread = rolling.std(ddof=0).to_numpy()
    return np.abs(values - rolling.mean().to_numpy()) / np.where(spread > 0, spread, 1e-6)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--only", help="only files whose name begins with this")
    parser.add_argument("--model", help="the model to train on the first quarter of each file; default: smoothing")
    parser.add_argument("--detail", action="store_true", help="also what was found in each file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
