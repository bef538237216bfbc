"""`forecast backtest`: options and data that are refused, warnings, and what was left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode
from tests.run_here import run_here
from tests.sample_panels import AIRLINE

MONTHS = [f"{2015 + k // 12}-{k % 12 + 1:02d}-01" for k in range(40)]


def test_an_unknown_model_is_answered_with_what_lists_them_all() -> None:
    done = run_here("backtest", AIRLINE, "--models", "bogus")

    assert done.returncode == ExitCode.USAGE
    assert "There is no method 'bogus'." in done.stderr
    assert "'forecast models' lists" in done.stderr


def test_a_part_of_the_calendar_that_the_data_do_not_have_is_refused() -> None:
    done = run_here("backtest", AIRLINE, "--models", "lstm,naive", "--calendar", "hour")

    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "--calendar hour: has no meaning for the frequency MS." in done.stderr
    assert "Use auto or some of month, year." in done.stderr


def test_a_message_counts_cutoffs_without_known_values_after_them() -> None:
    rows = [f"{month},{'' if k in (36, 38) else k % 7}" for k, month in enumerate(MONTHS)]
    Path("gaps.csv").write_text("\n".join(["ds,y", *rows]) + "\n")
    done = run_here("backtest", "gaps.csv", "--models", "naive", "-n", "1", "--windows", "6")
    assert "Cutoffs not scored, because no later value is known: 2 of 6." in done.stderr


@pytest.mark.parametrize(
    ("args", "advice"),
    [
        (["--models", "tehta"], "Did you mean 'theta'?"),
        (["--models", "lsmt,ets"], "Did you mean 'lstm'?"),
        (["--models", "LSTM"], "Did you mean 'lstm'?"),
        (["--models", "ets,,theta"], "--models ets,,theta: must be names separated by commas"),
        (["--metric", "mases"], "Did you mean 'mase'?"),
        (["--fail-if", "mase=1"], "is not a condition"),
        (["--models", "ets", "--fail-if", "theta.mase>1"], "Add it to --models."),
        (["--windows", "0"], "--windows 0: must be 1 to 10000."),
        (["--step", "-1"], "--step -1: must be 1 to 10000."),
        (["--horizon", "0"], "--horizon 0: must be 1 to 10000."),
        (["--test", "x.csv", "--windows", "2"], "--horizon, --windows and --step cannot be used with --test"),
        (["--plot", "x.pgn"], "Did you mean '.png'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_impossible_options_are_refused_before_anything_is_read(
    args: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["backtest", "missing.csv", *args]) == ExitCode.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert advice in shown.err
    assert shown.err.count("\n") <= 2


def test_data_that_are_too_short() -> None:
    Path("short.csv").write_text("month,y\n" + "".join(f"2020-{m:02d}-01,{m}\n" for m in range(1, 11)))
    done = run_here("backtest", "short.csv", "--models", "naive", "--horizon", "3")
    assert done.returncode == ExitCode.DATA
    assert "has 10 points; a backtest with horizon 3 needs 16" in done.stderr

    fewer = run_here("backtest", "short.csv", "--models", "naive", "-n", "2", "--season", "1", "--windows", "9")
    assert fewer.returncode == ExitCode.OK
    assert "Warning: The data are long enough for 3 of 9 cutoffs." in fewer.stderr


@pytest.mark.parametrize(("series", "windows"), [(9, 5), (10, 3)])
def test_many_series_are_tested_at_fewer_cutoffs(series: int, windows: int) -> None:
    rows = [f"{name},{step},{(step * name) % 7}" for name in range(series) for step in range(1, 41)]
    Path("many.csv").write_text("\n".join(["series,t,y", *rows]) + "\n")
    done = run_here("backtest", "many.csv", "--models", "naive", "-n", "4", "--format", "json")
    assert json.loads(done.stdout)["windows"] == windows


def test_messages_count_series_that_are_not_scored_at_every_cutoff() -> None:
    lengths = {"whole": 40, "half": 20, "short": 5}
    lines = [f"{name},{day + 1},{(7 * day) % 11}" for name, length in lengths.items() for day in range(length)]
    Path("ragged.csv").write_text("\n".join(["series,t,y", *lines]) + "\n")

    command = ["backtest", "ragged.csv", "--models", "naive", "-n", "4", "--windows", "5", "--format", "json"]
    done = run_here(*command)

    assert done.returncode == ExitCode.OK
    assert (json.loads(done.stdout)["series"], json.loads(done.stdout)["scored"]) == (3, 2)
    assert "Series too short to be scored at any cutoff: 1 of 3." in done.stderr
    assert "Series long enough to be scored at every cutoff: 1 of 3." in done.stderr


def test_a_warning_says_that_a_name_in_capitals_is_another_model() -> None:
    done = run_here("backtest", AIRLINE, "--models", "Theta", "--windows", "1")
    assert done.returncode == ExitCode.OK
    assert "Warning: Theta is statsforecast's model of that name, not the method theta." in done.stderr


@pytest.mark.slow
def test_a_message_says_that_series_end_at_different_times() -> None:
    rows = [f"{name},{month},{k % 7}" for name, n in (("a", 40), ("b", 37)) for k, month in enumerate(MONTHS[:n])]
    Path("ends.csv").write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    small = ["--windows", "1", "--units", "2", "--epochs", "1", "--horizon", "2"]
    message = "The series end at different times"
    assert message in run_here("backtest", "ends.csv", "--models", "lstm", *small).stderr
    assert message not in run_here("backtest", "ends.csv", "--models", "theta", *small).stderr
