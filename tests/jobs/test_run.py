"""`forecast run` as cron calls it, night after night."""

from __future__ import annotations

import csv
import datetime
import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.jobs.job_folder import DEFAULTS, PROGRAM, Folder


def forecasts(path: Path) -> list[tuple[str, float]]:
    with path.open() as file:
        return [(row["date"], float(row["forecast"])) for row in csv.DictReader(file)]


def test_a_run_writes_every_output_and_remembers_the_forecast(folder: Folder) -> None:
    folder.ready("sales", "visits")
    done = folder.run()
    assert (done.returncode, done.stdout.count(" forecast ")) == (0, 2)
    today = datetime.datetime.now().astimezone().date()
    for name in ("sales", "visits"):
        latest = forecasts(folder.path / "out" / f"{name}.csv")
        assert [date for date, _ in latest] == ["1959-01-01", "1959-02-01", "1959-03-01"]
        assert forecasts(folder.path / "out" / f"{name}-{today}.csv") == latest
    kept = folder.query("SELECT p.forecast FROM points p JOIN origins o ON o.id = p.origin ORDER BY origin, step")
    assert [value for (value,) in kept] == [value for _, value in latest] * 2


def test_nothing_is_done_twice(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    before = (folder.path / "out" / "sales.csv").stat()
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"
    assert (folder.path / "out" / "sales.csv").stat() == before
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]
    assert folder.query("SELECT outcome FROM job_runs ORDER BY started") == [("forecast",), ("unchanged",)]


def test_a_file_that_someone_removed_is_written_again(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    (folder.path / "out" / "sales.csv").unlink()
    assert folder.outcomes()["sales"]["outcome"] == "forecast"
    assert (folder.path / "out" / "sales.csv").exists()
    assert folder.query("SELECT count(*) FROM forecasts") == [(1,)]


def test_forecasts_are_scored_when_the_actual_values_come(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    first = forecasts(folder.path / "out" / "sales.csv")
    folder.data("sales", 122)
    assert folder.outcomes()["sales"]["scored"] == 2
    rows = folder.query("SELECT step, forecast, naive, actual FROM points WHERE actual IS NOT NULL ORDER BY step")
    assert rows == [(1, first[0][1], 340.0, 360.0), (2, first[1][1], 318.0, 342.0)]


def test_one_failure_stops_nobody_else(folder: Folder) -> None:
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


def test_quiet_says_nothing_unless_something_fails(folder: Folder) -> None:
    folder.ready("sales")
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (folder.path / "data" / "sales.csv").unlink()
    done = folder.run("--quiet")
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 2


def test_logs_are_an_object_a_line_that_names_run_job_stage_and_duration(folder: Folder) -> None:
    folder.ready("sales")
    lines = [json.loads(line) for line in folder.run("--log-format", "json").stderr.splitlines()]
    assert len({line["run"] for line in lines}) == 1
    assert {line["job"] for line in lines} == {"sales"}
    ended = [line["stage"] for line in lines if line["message"] == "done"]
    assert ended == ["find", "read", "compare", "score", "predict", "write", "record"]
    assert all(line["seconds"] >= 0 for line in lines)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(folder: Folder) -> None:
    folder.describe("sales")
    folder.data("sales", 120)
    outcome = folder.outcomes("--dry-run")["sales"]
    assert outcome["outcome"] == "planned"
    assert "Would train, because there is no model yet" in outcome["message"]
    assert "out/sales.csv" in outcome["message"]
    assert {path.name for path in folder.path.iterdir()} == {"jobs.toml", "data"}


def test_only_the_jobs_asked_for_are_done(folder: Folder) -> None:
    folder.ready("sales", "visits")
    assert list(folder.outcomes("--only", "visits")) == ["visits"]
    done = folder.run("--only", "visit")
    assert done.returncode == 2
    assert "Did you mean 'visits'?" in done.stderr


def test_data_that_shrank_are_refused_until_forced(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    before = (folder.path / "out" / "sales.csv").read_text()
    folder.data("sales", 100)
    outcome = folder.outcomes(code=3)["sales"]
    assert (outcome["outcome"], outcome["stage"]) == ("failed", "compare")
    assert "ends earlier than before (passengers: 1957-04-01, which was 1958-12-01)" in outcome["message"]
    assert (folder.path / "out" / "sales.csv").read_text() == before
    outcome = folder.outcomes("--force")["sales"]
    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert "ends earlier" in outcome["warnings"][0]
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


def test_restated_history_is_told_how_much_and_from_when(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    folder.data("sales", 121, m1955_03="270", m1957_07="400")
    outcome = folder.outcomes()["sales"]
    assert outcome["outcome"] == "forecast"
    assert outcome["warnings"] == [
        "2 of 120 values that were known have changed, from 1955-03-01 on, by up to 14%.",
    ]


def test_data_that_stay_as_they_are_for_too_long_are_a_failure(folder: Folder) -> None:
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


def test_data_that_come_late_are_waited_for(folder: Folder) -> None:
    folder.ready("sales")
    (folder.path / "data" / "sales.csv").unlink()
    folder.describe("sales", more='retries = 3\nretry-delay = "1s"\n')
    late = threading.Timer(4.0, folder.data, ("sales", 120))
    late.start()
    try:
        assert folder.outcomes()["sales"]["outcome"] == "forecast"
    finally:
        late.join()


def test_training_is_due_where_there_is_no_model(folder: Folder) -> None:
    folder.describe("sales")
    folder.data("sales", 120)
    outcome = folder.outcomes()["sales"]
    assert (outcome["outcome"], outcome["training"]) == ("forecast", "trained")
    assert folder.query("SELECT count(*) FROM models") == [(1,)]


@pytest.mark.parametrize("retrain", ["always", "1s"])
def test_retraining_when_it_is_due(folder: Folder, retrain: str) -> None:
    folder.ready("sales")
    folder.describe("sales", defaults=DEFAULTS.replace("never", retrain))
    assert folder.outcomes()["sales"]["training"] == "trained"
    assert folder.outcomes()["sales"]["outcome"] == "unchanged"


def test_a_job_that_takes_too_long_is_ended_and_the_others_are_not(folder: Folder) -> None:
    folder.ready("good")
    folder.describe("good", "slow", more='timeout = "2s"\nepochs = 500\n')
    folder.data("slow", 144)
    outcomes = folder.outcomes(code=3)
    assert outcomes["good"]["outcome"] == "forecast"
    assert (outcomes["slow"]["outcome"], outcomes["slow"]["stage"]) == ("timeout", "train")
    assert folder.query("SELECT outcome FROM job_runs WHERE job = 'slow'") == [("timeout",)]


def test_several_forms_of_output(folder: Folder) -> None:
    folder.ready("sales")
    forms = 'output = ["out/a.csv", "out/deeper/a.json", "out/a.png", "out/a.svg"]\n'
    folder.describe("sales", more=forms)
    assert len(folder.outcomes()["sales"]["outputs"]) == 4
    rows = json.loads((folder.path / "out" / "deeper" / "a.json").read_text())
    assert [(row["date"], row["forecast"]) for row in rows] == forecasts(folder.path / "out" / "a.csv")
    assert (folder.path / "out" / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder.path / "out" / "a.svg").read_text()


def test_two_job_files_cannot_have_the_same_job_in_one_ledger(folder: Folder) -> None:
    folder.ready("sales")
    folder.run()
    (folder.path / "others.toml").write_text(folder.jobs.read_text())
    done = subprocess.run(
        [*PROGRAM, "run", "others.toml"], capture_output=True, text=True, timeout=300, check=False, cwd=folder.path
    )
    assert done.returncode == 2
    assert "Job sales of" in done.stderr
    assert folder.query("SELECT count(*) FROM runs") == [(1,)]
