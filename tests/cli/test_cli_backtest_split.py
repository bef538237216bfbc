"""`forecast backtest --test` as a user runs it: the actual values are in a file of their own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.errors import ExitCode
from tests.run_here import run_here
from tests.sample_panels import AIRLINE, seasonal


def split(series: dict[str, np.ndarray], steps: int) -> None:
    """train.csv and test.csv, monthly, of the last `steps`."""
    for name, part in (("train", slice(None, -steps)), ("test", slice(-steps, None))):
        lines = ["unique_id,ds,y"]
        for id_, values in series.items():
            months = np.arange(len(values)) + np.datetime64("2010-01")
            lines += [f"{id_},{month}-01,{value}" for month, value in zip(months[part], values[part], strict=True)]
        Path(f"{name}.csv").write_text("\n".join(lines) + "\n")


def test_a_test_file_is_scored_as_in_competitions() -> None:
    series = {"one": seasonal(60), "two": seasonal(48, seed=1)}
    split(series, 6)

    done = run_here("backtest", "train.csv", "--test", "test.csv", "--models", "naive", "--format", "json")

    assert done.returncode == ExitCode.OK, done.stderr
    result = json.loads(done.stdout)
    assert (result["horizon"], result["windows"]) == (6, 1)
    (naive,) = [row for row in result["leaderboard"] if row["model"] == "naive"]
    expected = [np.abs(y[-6:] - y[-7]).mean() / np.abs(y[12:-6] - y[:-18]).mean() for y in series.values()]
    assert naive["mase"] == pytest.approx(np.mean(expected))


def test_one_actual_value_of_each_series_is_a_test() -> None:
    split({"one": seasonal(60), "two": seasonal(60, seed=1)}, 1)
    done = run_here("backtest", "train.csv", "--test", "test.csv", "--models", "theta")
    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stdout.startswith("1 step ahead from 2014-11-01:")

    for name, values in (("train", range(20)), ("test", [20])):
        Path(f"{name}.csv").write_text("y\n" + "".join(f"{value}\n" for value in values))
    undated = run_here("backtest", "train.csv", "--test", "test.csv", "--models", "drift", "--format", "json")
    assert json.loads(undated.stdout)["leaderboard"][0]["mae"] == pytest.approx(0)


def test_a_test_file_may_have_columns_of_its_own() -> None:
    Path("train.csv").write_text("step,sales,price\n" + "".join(f"{step},{step},{step % 5}\n" for step in range(1, 21)))
    Path("only.csv").write_text("step,actual\n21,21\n22,22\n")
    done = run_here("backtest", "train.csv", "--value-column", "sales", "--test", "only.csv", "--models", "drift")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "only.csv: the options for columns and layout do not fit this file and are not used for it." in done.stderr


def test_a_split_that_does_not_fit_is_refused() -> None:
    split({"one": seasonal(60), "two": seasonal(48, seed=1)}, 6)
    for test, words in (("train.csv", "does not follow the data"), ("nowhere.csv", "nowhere.csv")):
        done = run_here("backtest", "train.csv", "--test", test, "--models", "naive")
        assert done.returncode == ExitCode.DATA
        assert words in done.stderr
        assert done.stderr.splitlines()[-2].startswith("Error: ")


def test_defaults_for_other_backtests_do_not_conflict_with_a_test_file(tmp_path: Path) -> None:
    lines = AIRLINE.read_text().splitlines()
    (tmp_path / "past.csv").write_text("\n".join(lines[:-6]) + "\n")
    (tmp_path / "after.csv").write_text("\n".join([lines[0], *lines[-6:]]) + "\n")
    (tmp_path / "forecast.toml").write_text("horizon = 12\n[backtest]\nwindows = 2\nstep = 3\n")

    done = run_here("backtest", "past.csv", "--test", "after.csv", "--models", "theta", home=tmp_path)

    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stdout.startswith("6 steps ahead from 1960-06-01")


def test_a_test_file_has_the_future_values_of_covariates() -> None:
    """It may lack those columns that are known only up to the last value."""
    rows = [f"2024-{month:02d}-{day:02d},{day % 7},{day % 3},{day}" for month in (1, 2, 3) for day in range(1, 29)]
    heading, options = "date,sales,price,visitors", ("--freq", "D", "--future", "price", "--past", "visitors")
    Path("train.csv").write_text("\n".join([heading, *rows[:-7]]) + "\n")
    columns = {"test": 3, "without": 2}
    for name, width in columns.items():
        lines = [",".join(line.split(",")[:width]) for line in (heading, *rows[-7:])]
        Path(f"{name}.csv").write_text("\n".join(lines) + "\n")

    command = ("backtest", "train.csv", *options, "--models", "arima", "--test")
    scored, refused = run_here(*command, "test.csv"), run_here(*command, "without.csv")

    assert scored.returncode == ExitCode.OK, scored.stderr
    assert "test.csv: covariates: price (known ahead" in scored.stderr
    assert refused.returncode == ExitCode.DATA
    assert "without.csv: has no column 'price'" in refused.stderr
