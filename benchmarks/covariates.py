"""Measure forecasts with covariates and without, and those of LightGBM. Prints Markdown.

    python benchmarks/covariates.py FILE TARGET COVARIATES [--horizon 48] [--cutoffs 8] [--step 168] [--season 24]
        [--models lstm+smoothing] [--option=--calendar --option=none]
    python benchmarks/covariates.py made driven|lagged FILE

The first form forecasts TARGET from the last cutoffs of FILE (hours), with the covariates and without. COVARIATES are
known ahead, as they were. The models of this program are fitted once, at the first cutoff, by `forecast backtest
--no-refit`; LightGBM at every cutoff. The second form writes a file:

    driven  30 series; the covariate "driver" explains half of their variance (a week 0.3), "noise" nothing
    lagged  4 series that follow the first one with a delay of 6 to 8 steps
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from contenders import FORECAST
from results import markdown

LAGS = (*range(1, 25), 48, 72, 96, 120, 144, 168)


def main() -> None:
    if sys.argv[1:2] == ["made"]:
        MADE[sys.argv[2]]().to_csv(sys.argv[3], index=False)
        return
    arguments = _arguments()
    frame = pd.read_csv(arguments.file)
    columns = arguments.covariates.split(",")
    kept = frame[[frame.columns[0], arguments.target, *columns]]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        kept.to_csv(path, index=False)
        for name in arguments.models.split(","):
            with_them, without = (_own(path, name, arguments, columns if used else []) for used in (True, False))
            rows.append([name, f"{with_them:.3f}", f"{without:.3f}"])
            print(rows[-1], file=sys.stderr, flush=True)
    with_them, without = (_boosted(kept, arguments, columns if used else []) for used in (True, False))
    rows.append(["LightGBM", f"{with_them:.3f}", f"{without:.3f}"])
    rows.append(["the week before", "", f"{_repeated(kept, arguments):.3f}"])
    print(markdown([["model", "MASE with covariates", "MASE without"], *rows]))


def _own(path: Path, name: str, arguments: argparse.Namespace, columns: list[str]) -> float:
    """The MASE of a model of this program."""
    cutoffs = ["--windows", str(arguments.cutoffs), "--step", str(arguments.step), "--no-refit"]
    shape = ["--horizon", str(arguments.horizon), "--season", f"{arguments.season},8765.82"]
    known = ["--future", ",".join(columns)] if columns else []
    command = [*FORECAST, "backtest", str(path), "--value-column", arguments.target, *cutoffs, *shape, *known]
    command += ["--models", name, *arguments.option, "--format", "json", "--quiet"]
    board = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["leaderboard"]
    return float(next(row["mase"] for row in board if row["model"] == name))


def _boosted(frame: pd.DataFrame, arguments: argparse.Namespace, columns: list[str]) -> float:
    """The MASE of LightGBM with its default options, lags of hours, days and a week, hour and weekday."""
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast

    known = frame.rename(columns={frame.columns[0]: "ds", arguments.target: "y"}).assign(unique_id="series")
    known["ds"] = pd.to_datetime(known["ds"]).dt.tz_localize(None)
    known = known[["unique_id", "ds", "y", *columns]]
    if columns:
        known = pd.get_dummies(known, columns=list(known[columns].select_dtypes("object")), dtype=float)
    scores = []
    for cutoff in _cutoffs(len(known), arguments):
        past, ahead = known[:cutoff], known[cutoff : cutoff + arguments.horizon]
        model = MLForecast(
            LGBMRegressor(random_state=0, verbosity=-1),
            freq="h",
            lags=list(LAGS),
            date_features=["hour", "dayofweek", "month"],
        )
        model.fit(past, static_features=[])
        forecast = model.predict(arguments.horizon, X_df=ahead.drop(columns="y") if columns else None)
        scores.append(_mase(forecast["LGBMRegressor"].to_numpy(), known["y"].to_numpy(), cutoff, arguments))
    return float(np.mean(scores))


def _repeated(frame: pd.DataFrame, arguments: argparse.Namespace) -> float:
    values = frame[arguments.target].to_numpy(dtype=float)
    week = 7 * arguments.season
    scores = [
        _mase(np.resize(values[cutoff - week : cutoff], arguments.horizon), values, cutoff, arguments)
        for cutoff in _cutoffs(len(values), arguments)
    ]
    return float(np.mean(scores))


def _cutoffs(length: int, arguments: argparse.Namespace) -> list[int]:
    last = length - arguments.horizon
    return [last - arguments.step * back for back in reversed(range(arguments.cutoffs))]


def _mase(forecast: np.ndarray, values: np.ndarray, cutoff: int, arguments: argparse.Namespace) -> float:
    past, actual = values[:cutoff], values[cutoff : cutoff + arguments.horizon]
    scale = np.nanmean(np.abs(past[arguments.season :] - past[: -arguments.season]))
    return float(np.nanmean(np.abs(actual - forecast)) / scale)


def _driven() -> pd.DataFrame:
    chance, series, length = np.random.default_rng(0), 30, 200
    frames = []
    for number in range(series):
        driver, noise, other = chance.normal(size=(3, length))
        week = np.tile(chance.normal(size=7), length)[:length]
        values = 50 + 5 * (np.sqrt(0.5) * driver + np.sqrt(0.3) * week + np.sqrt(0.2) * noise)
        dates = pd.date_range("2020-01-01", periods=length, freq="D")
        frames.append(
            pd.DataFrame({"id": f"s{number:02d}", "date": dates, "y": values, "driver": driver, "noise": other})
        )
    return pd.concat(frames)


def _lagged() -> pd.DataFrame:
    chance, length = np.random.default_rng(1), 600
    lead = np.zeros(length)
    for step in range(1, length):
        lead[step] = 0.6 * lead[step - 1] + chance.normal()
    frame = pd.DataFrame({"date": pd.date_range("2020-01-06", periods=length, freq="D"), "a": 100 + 5 * lead})
    for name, lag in (("b", 6), ("c", 8), ("d", 7)):
        frame[name] = 100 + 5 * np.r_[np.zeros(lag), lead[:-lag]] + 0.5 * chance.normal(size=length)
    return frame


MADE = {"driven": _driven, "lagged": _lagged}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("file")
    add("target")
    add("covariates", help="names of columns, separated by commas")
    for name, default in (("horizon", 48), ("cutoffs", 8), ("step", 168), ("season", 24)):
        add(f"--{name}", type=int, default=default)
    add("--models", default="lstm+smoothing", help="names, separated by commas")
    add("--option", action="append", default=[], help="one more option of forecast backtest; repeatable")
    return parser.parse_args()


if __name__ == "__main__":
    main()
