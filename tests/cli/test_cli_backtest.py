"""`forecast backtest` as a user runs it: the leaderboard in its forms, exit codes, an interruption."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from forecast_cli import workflows
from forecast_cli.cli import run
from forecast_cli.errors import ExitCode
from forecast_cli.report.tables.table import WIDTH
from tests.cli.program import PROGRAM, Forecast
from tests.run_here import run_here
from tests.sample_panels import AIRLINE

QUICK = ["--models", "theta,window-average", "--horizon", "12"]
MONTHS = [f"{2015 + k // 12}-{k % 12 + 1:02d}-01" for k in range(40)]
COLUMNS = ["model", "mase", "rmsse", "smape", "mae", "rmse", "wape", "bias", "skill", "won"]


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    """A quick backtest of the airline passengers as JSON."""
    done = run_here("backtest", AIRLINE, *QUICK, "--detail", "--format", "json", "--quiet")
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_the_table_reads_well_at_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backtest", str(AIRLINE), *QUICK]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH
    heading, _, names, _, first, *rest = shown.splitlines()
    assert heading == "12 steps ahead from 5 cutoffs, 1955-12-01 to 1959-12-01:"
    assert names.split() == ["model", "MASE", "RMSSE", "sMAPE", "MAE", "bias", "skill", "won", "fit", "predict"]
    assert first.startswith("theta ")
    assert {line.split()[0] for line in rest[:4]} == {"window-average", "naive", "seasonal-naive", "drift"}
    assert "theta has the lowest MASE" in shown


def test_json_has_everything(document: dict[str, object]) -> None:
    assert document["horizon"] == 12
    assert document["cutoffs"] == [f"{year}-12-01" for year in range(1955, 1960)]
    assert document["interrupted"] is False
    board, detail = document["leaderboard"], document["detail"]
    assert isinstance(board, list)
    assert isinstance(detail, list)
    assert board[0]["model"] == "theta"
    assert list(board[0]) == [*COLUMNS, "fit_seconds", "predict_seconds", "failed"]
    assert len(detail) == 5 * 5
    for row in board:
        own = [each for each in detail if each["model"] == row["model"]]
        for metric in ("mase", "rmsse", "smape", "mae", "rmse"):
            assert row[metric] == pytest.approx(np.mean([each[metric] for each in own]))


def test_the_list_of_models_fits_a_terminal_and_has_every_model_in_other_forms() -> None:
    text, table = run_here("models").stdout, json.loads(run_here("models", "--format", "json").stdout)

    assert max(map(len, text.splitlines())) <= 80
    names = [row["model"] for row in table]
    assert {"lstm", "seq2seq", "gru+smoothing", "slstm+forest", "blend", "auto", "theta"} <= set(names)
    assert {row["model"]: row["network"] for row in table}["theta"] == "no"
    assert [line.split()[0] for line in text.splitlines() if line.startswith("lstm+")] == [
        "lstm+smoothing",
        "lstm+forest",
        "lstm+boosting",
        "lstm+xgboost",
    ]


def test_the_last_season_repeated_by_hand(document: dict[str, object]) -> None:
    """Seasonal naive from December 1959: 1960 is forecast to be as 1959 was."""
    with AIRLINE.open() as file:
        values = np.array([float(row["passengers"]) for row in csv.DictReader(file)])
    errors = np.abs(values[-12:] - values[-24:-12])
    scale = np.abs(values[12:-12] - values[:-24]).mean()

    detail = document["detail"]
    assert isinstance(detail, list)
    (row,) = [each for each in detail if (each["model"], each["cutoff"]) == ("seasonal-naive", "1959-12-01")]

    assert row["mase"] == pytest.approx(errors.mean() / scale)
    assert row["mae"] == pytest.approx(errors.mean())
    assert row["wape"] == pytest.approx(100 * errors.sum() / values[-12:].sum())


def test_csv_is_a_row_for_each_model_or_for_each_series_and_cutoff() -> None:
    assert run_here("backtest", AIRLINE, *QUICK, "-o", "board.csv", "--metric", "rmse").returncode == ExitCode.OK
    with Path("board.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert [float(row["rmse"]) for row in rows] == sorted(float(row["rmse"]) for row in rows)

    done = run_here("backtest", AIRLINE, *QUICK, "--windows", "2", "--step", "6", "--detail", "--format", "csv")
    details = list(csv.DictReader(done.stdout.splitlines()))
    assert {row["cutoff"] for row in details} == {"1959-06-01", "1959-12-01"}
    assert {row["id"] for row in details} == {"passengers"}


def test_csv_has_the_metrics_of_intervals_in_the_row_of_their_model() -> None:
    command = ["backtest", AIRLINE, *QUICK, "--windows", "2", "--level", "80,95"]
    scores = json.loads(run_here(*command, "--format", "json").stdout)["intervals"]
    rows = {row["model"]: row for row in csv.DictReader(run_here(*command, "--format", "csv").stdout.splitlines())}
    assert len(scores) == 2 * len(rows)
    for score in scores:
        for metric in ("coverage", "width", "msis", "pinball", "crps"):
            assert float(rows[score["model"]][f"{metric}_{score['level']:g}"]) == pytest.approx(score[metric])


def test_forecasts_are_a_row_for_each_step_and_give_the_errors() -> None:
    command = ["backtest", AIRLINE, *QUICK, "--windows", "2", "--detail", "--forecasts", "--format", "json", "--quiet"]
    found = json.loads(run_here(*command).stdout)
    assert len(found["forecasts"]) == 5 * 2 * 12
    for row in found["detail"]:
        steps = [s for s in found["forecasts"] if (s["model"], s["cutoff"]) == (row["model"], row["cutoff"])]
        assert [s["date"] for s in steps] == sorted({s["date"] for s in steps})
        assert np.mean([abs(s["forecast"] - s["actual"]) for s in steps]) == pytest.approx(row["mae"])

    done = run_here("backtest", AIRLINE, *QUICK, "--windows", "2", "--forecasts", "--format", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert list(rows[0]) == ["model", "id", "cutoff", "date", "forecast", "actual"]
    assert [float(row["forecast"]) for row in rows] == [step["forecast"] for step in found["forecasts"]]
    both = run_here("backtest", AIRLINE, *QUICK, "--detail", "--forecasts")
    assert both.returncode == ExitCode.USAGE


@pytest.mark.slow
def test_the_network_is_a_model_like_any_other(forecast: Forecast) -> None:
    small = ["--models", "lstm+smoothing", "--windows", "2", "--no-refit", "--units", "4", "--epochs", "1"]
    done = forecast("backtest", AIRLINE, *small, "--format", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    rows = {row["model"]: row for row in json.loads(done.stdout)["leaderboard"]}
    assert rows["lstm+smoothing"]["fit_seconds"] > 0
    assert rows["lstm+smoothing"]["mase"] < 3


@pytest.mark.slow
def test_without_models_the_default_is_compared_with_its_parts(forecast: Forecast) -> None:
    """Its network is fitted once, with it. A condition that names no model is about the default."""
    quick = ["-n", "6", "--windows", "1", "--units", "4", "--epochs", "1", "--preset", "fast"]
    done = forecast("backtest", AIRLINE, *quick, "--format", "json", "--fail-if", "mase>0.01")

    assert done.returncode == ExitCode.GATE_FAILED
    assert "The gate blend.mase > 0.01 failed: blend has" in done.stderr
    rows = {row["model"]: row for row in json.loads(done.stdout)["leaderboard"]}
    assert {"blend", "lstm+smoothing", "theta", "ets", "arima", "seasonal-naive", "naive", "drift"} == rows.keys()
    assert rows["lstm+smoothing"]["mase"] != rows["blend"]["mase"]
    assert rows["lstm+smoothing"]["fit_seconds"] < 0.1 < rows["blend"]["fit_seconds"]


def test_a_gate_ends_with_its_code_after_the_result(forecast: Forecast) -> None:
    gates = ["--fail-if", "mase>0.5", "--fail-if", "naive.mase<1"]
    failed = forecast("backtest", AIRLINE, *QUICK, *gates)
    assert failed.returncode == ExitCode.GATE_FAILED
    assert "theta" in failed.stdout
    assert failed.stderr.count("Error: The gate") == 1
    assert "theta.mase > 0.5 failed" in failed.stderr
    assert forecast("backtest", AIRLINE, *QUICK, "--fail-if", "mase>2").returncode == ExitCode.OK


def test_the_metric_that_sorts_is_shown_and_long_names_leave_room() -> None:
    names = "theta,window-average,SeasonalExponentialSmoothingOptimized"
    done = run_here("backtest", AIRLINE, "--models", names, "--metric", "wape")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert "WAPE" in lines[2]
    assert "SeasonalExponentialSmoothingOptimized" in done.stdout
    wape = [float(line.split()[lines[2].split().index("WAPE")]) for line in lines[4:10]]
    assert wape == sorted(wape)


def test_details_read_well_at_80_columns_whatever_the_names_and_units() -> None:
    sizes = {"a sensor with a long name": 1e-9, "a sensor with a long one": 1e3}
    rows = [f"{name},{month},{size * (5 + k % 12)}" for name, size in sizes.items() for k, month in enumerate(MONTHS)]
    Path("units.csv").write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    for models in ("SeasonalExponentialSmoothingOptimized,naive", "naive"):
        done = run_here("backtest", "units.csv", "--models", models, "--detail")
        assert done.returncode == ExitCode.OK, done.stderr
        assert max(map(len, done.stdout.splitlines())) <= WIDTH
    heading, _, *lines = done.stdout.splitlines()
    end = heading.index(" MAE") + len(" MAE")
    small, large, *_ = [float(line[:end].split()[-1]) for line in lines if line.startswith("naive ")]
    assert small == pytest.approx(1e-12 * large, rel=1e-3)


def test_the_notes_on_a_table_of_details_go_to_standard_error() -> None:
    done = run_here("backtest", AIRLINE, *QUICK, "--detail", "-o", "detail.csv")
    assert "has the lowest MASE" in done.stderr
    assert "has the lowest MASE" not in run_here("backtest", AIRLINE, *QUICK, "--quiet", "-o", "board.csv").stderr


def test_a_picture_is_drawn() -> None:
    done = run_here("backtest", AIRLINE, *QUICK, "--plot", "folds.svg", "--quiet", "-o", "board.csv")
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.OK, "", "")
    assert "12 months forecast from 5 cutoffs" in Path("folds.svg").read_text()
    messages = run_here("backtest", AIRLINE, *QUICK, "--plot", "folds.png").stderr
    assert "Drew folds.png: theta, seasonal-naive." in messages


def test_an_interruption_keeps_what_is_finished(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    backtest = workflows.backtest

    def interrupted(*args: object) -> workflows.Backtest:
        def report(_share: float, what: str) -> None:
            if what.startswith("cutoff 3"):
                raise KeyboardInterrupt

        return backtest(*args[:-1], report)  # type: ignore[arg-type]

    monkeypatch.setattr(workflows, "backtest", interrupted)

    assert run(["backtest", str(AIRLINE), *QUICK, "--fail-if", "mase>0", "--format", "json"]) == ExitCode.INTERRUPTED
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert result["interrupted"] is True
    assert result["cutoffs"] == ["1955-12-01", "1956-12-01"]
    assert "Interrupted: these results are of the cutoffs finished so far (2)." in shown.err


@pytest.mark.slow
def test_a_signal_during_a_backtest_keeps_the_finished_cutoffs() -> None:
    many = ["--models", "arima", "--horizon", "3", "--windows", "30", "--verbose"]
    with subprocess.Popen(
        [*PROGRAM, "backtest", str(AIRLINE), *many, "-o", "board.json"], stderr=-1, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("drift") and "cutoff 2 of 30" in line:
                break
        process.send_signal(signal.SIGINT)
        messages = process.stderr.read()
        assert process.wait(timeout=60) == ExitCode.INTERRUPTED

    assert 1 <= json.loads(Path("board.json").read_text())["windows"] < 30
    assert "Interrupted: these results are of" in messages
