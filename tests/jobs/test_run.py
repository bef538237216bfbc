"""`forecast run`, once and again."""

from __future__ import annotations

import csv
import datetime
import json
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest

from forecast_cli.jobs.run.messages import STAGES
from tests.jobs.job_folder import PROGRAM, STATISTICAL, Folder, make_old
from tests.jobs.live_runs import LOGGING, live
from tests.terminal import CONTROL, on_a_terminal


def forecasts(path: Path) -> list[tuple[str, float]]:
    with path.open() as file:
        return [(row["date"], float(row["forecast"])) for row in csv.DictReader(file)]


def test_a_run_writes_all_outputs_and_records_the_forecast(folder: Folder) -> None:
    folder.ready("sales", "visits")
    done = folder.run()
    assert (done.returncode, done.stdout.count(" forecast ")) == (0, 2)
    today = datetime.datetime.now().astimezone().date()
    for name in ("sales", "visits"):
        latest = forecasts(folder.path / "out" / f"{name}.csv")
        assert [date for date, _ in latest] == ["1959-01-01", "1959-02-01", "1959-03-01"]
        assert forecasts(folder.path / "out" / f"{name}-{today}.csv") == latest
    recorded = folder.query("SELECT p.forecast FROM points p JOIN origins o ON o.id = p.origin ORDER BY origin, step")
    assert [value for (value,) in recorded] == [value for _, value in latest] * 2


def test_a_second_run_on_the_same_data_does_nothing(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    before = (folder.path / "out" / "sales.csv").stat()
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"
    assert (folder.path / "out" / "sales.csv").stat() == before
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]
    assert folder.query("SELECT outcome FROM job_runs ORDER BY started") == [("forecast",), ("unchanged",)]


def test_a_removed_output_is_written_again(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    (folder.path / "out" / "sales.csv").unlink()
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    assert (folder.path / "out" / "sales.csv").exists()
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]


@pytest.mark.parametrize(
    ("stamps", "following"),
    [
        (
            [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-01", periods=100) if day.day_name() != "Monday"],
            ["2023-03-12", "2023-03-14", "2023-03-15"],
        ),
        ([str(10 * step) for step in range(100)], ["600", "610", "620"]),
    ],
    ids=["closed on Mondays", "counted by ten"],
)
def test_jobs_with_other_steps_are_forecast_and_scored(folder: Folder, stamps: list[str], following: list[str]) -> None:
    folder.describe("shop", defaults="", more='model = "naive"\npreset = "fast"\nhorizon = 3\noutput = "out.csv"\n')
    data = folder.path / "data" / "shop.csv"
    data.parent.mkdir(exist_ok=True)
    outcomes, written = [], []
    for points in (60, 62):
        data.write_text("t,y\n" + "".join(f"{stamp},{i % 6}\n" for i, stamp in enumerate(stamps[:points])))
        make_old(data)
        outcomes.append(folder.outcomes()["shop"])
        written.append([line.split(",")[0] for line in (folder.path / "out.csv").read_text().split()[1:]])
    assert written[0] == following
    assert written[1][0] == following[2]
    assert [(outcome["outcome"], outcome["scored"]) for outcome in outcomes] == [("forecast", 0), ("forecast", 2)]


def test_forecasts_are_scored_when_actual_values_arrive(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    first = forecasts(folder.path / "out" / "sales.csv")
    folder.data("sales", 122)
    assert folder.outcomes()["sales"]["scored"] == 2
    rows = folder.query("SELECT step, forecast, naive, actual FROM points WHERE actual IS NOT NULL ORDER BY step")
    assert rows == [(1, first[0][1], 340.0, 360.0), (2, first[1][1], 318.0, 342.0)]


def test_a_failed_job_does_not_stop_the_others(folder: Folder) -> None:
    folder.ready("bad", "gone", "good")
    (folder.path / "data" / "bad.csv").write_text("nothing,here\nto,see\n")
    (folder.path / "data" / "gone.csv").unlink()
    done = folder.run()
    assert done.returncode == 3
    assert (folder.path / "out" / "good.csv").exists()
    assert not (folder.path / "out" / "bad.csv").exists()
    assert "gone: failed (find):" in done.stderr
    assert "bad: failed (read):" in done.stderr
    assert folder.query("SELECT job, outcome FROM job_runs ORDER BY job") == [
        ("bad", "failed"),
        ("gone", "failed"),
        ("good", "forecast"),
    ]
    assert folder.query("SELECT exit_code FROM runs") == [(3,)]


def test_a_quiet_run_prints_only_failures(folder: Folder) -> None:
    folder.ready("sales")
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (folder.path / "data" / "sales.csv").unlink()
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 2


def test_a_run_says_which_stage_of_which_job_it_is_at(folder: Folder) -> None:
    folder.ready("sales")

    shown = [CONTROL.sub("", line) for line in on_a_terminal("run", str(folder.jobs)).split("\r")]

    stages = [line.removeprefix("sales: ") for line in shown if line in [f"sales: {stage}" for stage in STAGES]]
    assert stages == ["find", "read", "compare", "score", "predict", "write", "record"]
    assert "sales: read" not in folder.run().stderr


def test_a_run_prints_a_warning_once(folder: Folder) -> None:
    folder.ready("sales")
    data = folder.path / "data" / "sales.csv"
    data.write_text("\n".join(line for line in data.read_text().splitlines() if "1950-03" not in line) + "\n")
    make_old(data)

    done = folder.run()

    assert (done.stdout + done.stderr).count("1 step without a value") == 1
    assert folder.query("SELECT noticed FROM job_runs")[0][0].count("1 step without a value") == 1


def test_a_json_log_has_run_job_stage_and_seconds(folder: Folder) -> None:
    folder.ready("sales")
    lines = [json.loads(line) for line in folder.run("--log-format", "json").stderr.splitlines()]
    assert len({line["run"] for line in lines}) == 1
    assert {line["job"] for line in lines} == {"sales"}
    ended = [line["stage"] for line in lines if line["message"] == "done"]
    assert ended == ["find", "read", "compare", "score", "predict", "write", "record"]
    assert all(line["seconds"] >= 0 for line in lines)


def test_a_dry_run_reports_what_would_be_done_and_does_nothing(folder: Folder) -> None:
    folder.describe("sales")
    folder.data("sales", 120)
    outcome = folder.outcomes("--dry-run")["sales"]
    assert outcome["outcome"] == "planned"
    assert "Would train, because there is no model yet" in outcome["message"]
    assert "out/sales.csv" in outcome["message"]
    assert {path.name for path in folder.path.iterdir()} == {"jobs.toml", "data"}


def test_only_runs_the_named_jobs(folder: Folder) -> None:
    folder.ready("sales", "visits")
    assert list(folder.outcomes("--only", "visits")) == ["visits"]
    done = folder.run("--only", "visit")
    assert done.returncode == 2
    assert "Did you mean 'visits'?" in done.stderr


def test_shrunk_data_are_refused_without_force(folder: Folder) -> None:
    folder.describe("sales", defaults=STATISTICAL)
    folder.data("sales", 120)
    folder.run()
    before = (folder.path / "out" / "sales.csv").read_text()
    folder.data("sales", 100)
    outcome = folder.outcomes(code=3)["sales"]
    assert (outcome["outcome"], outcome["stage"]) == ("failed", "compare")
    assert "ends earlier than before (passengers: 1957-04-01, before 1958-12-01)" in outcome["message"]
    assert (folder.path / "out" / "sales.csv").read_text() == before
    outcome = folder.outcomes("--force")["sales"]
    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert "ends earlier" in outcome["warnings"][0]
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


def test_restated_values_are_a_warning(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    folder.data("sales", 121, m1955_03="270", m1957_07="400")
    outcome = folder.outcomes()["sales"]
    assert outcome["outcome"] == "forecast"
    assert outcome["warnings"] == [
        "2 of 120 known values have changed, from 1955-03-01 on, by up to 14%.",
    ]


def test_data_unchanged_for_too_long_are_a_failure(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    folder.describe("sales", more='max-age = "1s"\n')
    time.sleep(1.1)
    outcome = folder.outcomes(code=3)["sales"]
    assert "have not changed since" in outcome["message"]
    folder.data("sales", 121)
    assert folder.outcomes()["sales"]["outcome"] == "forecast"


def test_a_changed_frequency_is_a_failure(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    rows = [f"2020-01-{day:02},{day}" for day in range(1, 31)]
    (folder.path / "data" / "sales.csv").write_text("month,passengers\n" + "\n".join(rows) + "\n")
    outcome = folder.outcomes(code=3)["sales"]
    assert "The frequency of the data changed from MS to D." in outcome["message"]


def test_late_data_are_waited_for(folder: Folder) -> None:
    folder.ready("sales")
    (folder.path / "data" / "sales.csv").unlink()
    folder.describe("sales", more='retries = 9\nretry-delay = "1s"\n')
    with live(folder.command(*LOGGING)) as run:
        run.await_entry(lambda entry: "Trying again" in entry["message"])
        folder.data("sales", 120)
        assert run.await_entry(lambda entry: "outcome" in entry)["outcome"] == "forecast"


def test_a_job_without_a_model_trains_one(folder: Folder) -> None:
    folder.describe("sales", defaults=STATISTICAL)
    folder.data("sales", 120)
    outcome = folder.outcomes()["sales"]
    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert folder.query("SELECT count(*) FROM models") == [(1,)]


@pytest.mark.parametrize("retrain", ["always", "1s"])
def test_a_model_is_trained_again_when_that_is_due(folder: Folder, retrain: str) -> None:
    folder.describe("sales", defaults=STATISTICAL.replace("never", retrain))
    folder.data("sales", 120)
    folder.run()
    time.sleep(1.1)
    folder.data("sales", 121)
    assert folder.outcomes()["sales"]["training"] == "trained"
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"
    assert folder.query("SELECT count(*) FROM models") == [(2,)]


def test_a_job_is_ended_at_its_time_limit(folder: Folder) -> None:
    folder.ready("good")
    folder.describe("good", "slow", more='timeout = "8s"\nepochs = 5000\n')
    folder.data("slow", 144)
    outcomes = folder.outcomes(code=3)
    assert outcomes["good"]["outcome"] == "forecast"
    assert (outcomes["slow"]["outcome"], outcomes["slow"]["stage"]) == ("timeout", "train")
    assert folder.query("SELECT outcome FROM job_runs WHERE job = 'slow'") == [("timeout",)]


def test_a_failure_names_options_as_keys_of_the_job_file(folder: Folder) -> None:
    folder.describe("sales")
    data = folder.data("sales", 60)
    heading, *rows = data.read_text().splitlines()
    every_other = [row if number % 2 else f"{row.split(',')[0]}," for number, row in enumerate(rows)]
    data.write_text("\n".join([heading, *every_other]) + "\n")
    failed = folder.outcomes(code=3)["sales"]
    assert (failed["outcome"], failed["stage"]) == ("failed", "train")
    assert failed["hint"].endswith('with freq, or fill the gaps with on-gap = "zero" or on-gap = "previous".')


def test_outputs_of_several_formats(folder: Folder) -> None:
    folder.ready("sales")
    outputs = 'output = ["out/a.csv", "out/deeper/a.json", "out/a.png", "out/a.svg"]\n'
    folder.describe("sales", more=outputs)
    assert len(folder.outcomes()["sales"]["outputs"]) == 4
    rows = json.loads((folder.path / "out" / "deeper" / "a.json").read_text())
    assert [(row["date"], row["forecast"]) for row in rows] == forecasts(folder.path / "out" / "a.csv")
    assert (folder.path / "out" / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder.path / "out" / "a.svg").read_text()


def test_two_job_files_with_the_same_job_cannot_share_a_ledger(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    (folder.path / "others.toml").write_text(folder.jobs.read_text())
    done = subprocess.run(
        [*PROGRAM, "run", "others.toml"], capture_output=True, text=True, timeout=300, check=False, cwd=folder.path
    )
    assert done.returncode == 2
    assert "Job sales of" in done.stderr
    assert folder.query("SELECT count(*) FROM runs") == [(1,)]
