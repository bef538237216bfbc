"""`forecast history` and `forecast score`."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode
from forecast_cli.jobs.ledger.ledger import Ledger
from forecast_cli.outcomes import JobRun
from forecast_cli.report.tables.table import WIDTH
from tests.jobs.ledger_samples import DAY, job_run, record_forecast
from tests.sample_panels import panel_of, seasonal

TODAY = datetime.now(UTC) - timedelta(hours=1)
LONG = "returns-of-the-northern-region"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory has a job file without a ledger yet; the path of the ledger."""
    monkeypatch.chdir(tmp_path)
    Path("jobs.toml").write_text('state = "kept"\n')
    return tmp_path / "kept" / "ledger.sqlite"


@pytest.fixture
def ledger(place: Path) -> Path:
    """Ten days of two jobs, one of which failed on the last day, and a run that was killed."""
    whole = panel_of(1000 * seasonal(100), seasonal(90, seed=1), freq="D", season_length=7)
    with Ledger.open(place) as opened:
        for day in range(10):
            at, run_id = TODAY - (9 - day) * DAY, f"20260101T06000{day}-{day}" + "abcde"
            known = whole.drop_last(10 - day)
            opened.start_run(run_id, Path("jobs.toml"), at)
            for job in ("sales", LONG):
                if (day, job) == (9, "sales"):
                    failed = replace(
                        job_run(run_id, job, at, "failed"), stage="find", message="sales.csv: no such file."
                    )
                    opened.record(failed)
                    continue
                opened.score(job, known)
                record_forecast(opened, known, run_id=run_id, job=job, at=at, created=TODAY - 9 * DAY)
                done = replace(
                    job_run(run_id, job, at),
                    last=known.span[1],
                    training="" if day else "trained",
                    scored=day,
                    message="3 steps.",
                    warnings=("1 series is gone: c.",) if (day, job) == (9, LONG) else (),
                )
                opened.record(done)
            if day != 8:
                opened.finish_run(run_id, at + timedelta(seconds=5), 0)
    return place


@pytest.mark.usefixtures("ledger")
def test_history_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "--limit", "5"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH
    heading, _, first, second, third, *rest = shown.splitlines()
    assert heading.split()[:4] == ["when", "job", "outcome", "data"]
    when = f"{TODAY.astimezone():%Y-%m-%d %H:%M}"
    assert first.startswith(f"{when}  {LONG}  forecast")
    assert second.startswith(f"{when}  sales")
    assert "failed" in second
    assert "unfinished" in third
    assert f"{when} sales: sales.csv: no such file." in rest
    assert f"{when} {LONG}: 1 series is gone: c." in rest
    assert "3 steps." not in shown
    assert len([line for line in rest if line.startswith("20")]) == 2 + 3  # two more rows, three notes


@pytest.mark.usefixtures("ledger")
def test_history_shows_the_end_of_a_run_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "--job", "sales", "--limit", "2"]) == ExitCode.OK
    heading, _, first, second, *_ = capsys.readouterr().out.splitlines()
    assert heading.split()[:2] == ["when", "run"]
    assert [line.split()[2] for line in (first, second)] == ["9abcde", "8abcde"]


def test_history_shows_the_warnings_of_a_job_that_succeeded(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warnings = ("1 series is gone: s3.", "2 repeated stamps", "Price is new.")
    remarks = "1 series is gone: s3. 2 repeated stamps. Price is new."
    with_warnings = JobRun(
        "run", "sales", TODAY, TODAY, "forecast", stage="record", message="3 steps.", warnings=warnings
    )
    with Ledger.open(place) as opened:
        opened.start_run("run", Path("jobs.toml"), TODAY)
        opened.record(with_warnings)
        opened.record(replace(with_warnings, job="plain", warnings=()))
        opened.finish_run("run", TODAY, 0)
    assert run(["history"]) == ExitCode.OK
    *_, empty, note = capsys.readouterr().out.splitlines()
    assert empty == ""
    assert note == f"{TODAY.astimezone():%Y-%m-%d %H:%M} sales: {remarks}"
    assert run(["history", "--job", "sales", "--format", "json"]) == ExitCode.OK
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["message"], row["noticed"]) == ("3 steps.", remarks)


@pytest.mark.usefixtures("ledger")
def test_history_of_one_job_or_only_of_failures(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "--job", "sales", "--format", "json"]) == ExitCode.OK
    rows = json.loads(capsys.readouterr().out)
    assert [row["outcome"] for row in rows] == ["failed"] + ["forecast"] * 9
    assert rows[1]["scored"] == 8
    assert rows[-1]["training"] == "trained"
    assert rows[-1]["run"] == "20260101T060000-0abcde"
    assert rows[-1]["noticed"] is None
    assert rows[0]["started"] == TODAY.isoformat(timespec="microseconds").replace("+00:00", "Z")

    assert run(["history", "--failed", "-o", "failed.csv"]) == ExitCode.OK
    with Path("failed.csv").open() as file:
        assert [(row["outcome"], row["stage"]) for row in csv.DictReader(file)] == [
            ("failed", "find"),
            ("unfinished", ""),
        ]


@pytest.mark.usefixtures("ledger")
def test_score_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    for by in ("step", "age", "job", "series", "month"):
        assert run(["score", "jobs.toml", "--by", by]) == ExitCode.OK
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= WIDTH
        assert shown.startswith("19 forecasts, made 20")
        heading = shown.splitlines()[2].split()
        assert heading[0] == ("job" if by == "series" else by)
        assert "\nall " in shown
        assert ("MAE and bias are not shown over several jobs" in shown) == (by not in ("job", "series"))


@pytest.mark.usefixtures("ledger")
def test_score_of_one_job_has_the_mae(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--job", "sales"]) == ExitCode.OK
    heading = capsys.readouterr().out.splitlines()[2]
    assert heading.split() == ["step", "points", "MASE", "seasonal-naive", "MAE", "seasonal-naive", "bias", "skill"]


@pytest.mark.parametrize("by", ["step", "age", "job", "month", "series"])
def test_score_of_one_job_shows_how_often_intervals_held(
    place: Path, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record_intervals(place, "sales", ("a", "b"))
    assert run(["score", "--by", by]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert shown.splitlines()[2].endswith("bias  skill  80% held  95% held")
    (every,) = [line for line in shown.splitlines() if line.startswith("all ")]
    assert every.endswith("    50.0      50.0")
    assert "\nheld: percent of actual values in the intervals of this level.\n" in shown


def test_the_legend_of_score_explains_only_columns_that_are_shown(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record_intervals(place, LONG, ("the-warehouse-in-the-north", "b"))
    assert run(["score", "--by", "series"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "held" not in shown.splitlines()[2]
    assert "held:" not in shown
    assert "MAE:" not in shown
    assert "CSV and JSON have every figure." in shown


def record_intervals(place: Path, job: str, names: tuple[str, str]) -> None:
    """Record a forecast of one step of two series, and score it: the intervals of only one contain the value."""
    whole = replace(panel_of(np.arange(31.0), np.zeros(31), freq="D", season_length=7), ids=np.array(names))
    with Ledger.open(place) as opened:
        record_forecast(opened, whole.drop_last(1), error=0.0, horizon=1, job=job, at=TODAY, levels=(80, 95))
        opened.score(job, whole)


@pytest.mark.usefixtures("ledger")
def test_score_as_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--job", "sales", "--format", "json"]) == ExitCode.OK
    document = json.loads(capsys.readouterr().out)
    assert (document["by"], document["jobs"], document["forecasts"]) == ("step", ["sales"], 9)
    assert [row["step"] for row in document["rows"]] == [1, 2, 3]
    # Scored last on the ninth day: the actual values of 8 first, 7 second and 6 third steps of 2 series are known.
    assert [row["points"] for row in document["rows"]] == [16, 14, 12]
    assert document["overall"]["points"] == 42

    assert run(["score", "--job", "sales", "--since", "3d", "--by", "series", "--format", "csv"]) == ExitCode.OK
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["job"], row["series"]) for row in rows] == [("sales", "a"), ("sales", "b")]
    assert list(rows[0])[2:] == ["points", "mase", "seasonal_naive_mase", "mae", "seasonal_naive_mae", "bias", "skill"]
    assert [int(row["points"]) for row in rows] == [1, 1]


@pytest.mark.usefixtures("ledger")
def test_a_failed_gate_gives_exit_code_7(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--job", "sales", "--fail-if", "mase>99", "--fail-if", "skill<-500"]) == ExitCode.OK
    capsys.readouterr()
    assert run(["score", "--fail-if", "MASE > 0.1", "--fail-if", "mae=9", "--quiet"]) == ExitCode.USAGE
    assert "--fail-if 'mae=9': is not a condition." in capsys.readouterr().err
    assert run(["score", "--fail-if", "MASE > 0.1", "--fail-if", "mae>1", "--quiet"]) == ExitCode.GATE_FAILED
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert first.startswith("Error: The gate mase > 0.1 failed: the ledger has ")
    assert second == "Error: The gate mae > 1 cannot be checked: the ledger has no such figure."


@pytest.mark.usefixtures("ledger")
def test_quiet_score_prints_only_an_explicit_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--fail-if", "mase>99", "--quiet"]) == ExitCode.OK
    assert capsys.readouterr() == ("", "")
    assert run(["score", "--fail-if", "mase>0.1", "--quiet", "--format", "csv", "-o", "scores.csv"]) == 7
    assert capsys.readouterr().out == ""
    assert Path("scores.csv").read_text().startswith("step,")
    assert run(["score", "--fail-if", "mase>0.1", "--quiet", "--format", "json"]) == ExitCode.GATE_FAILED
    assert json.loads(capsys.readouterr().out)["forecasts"] == 19
    assert run(["score", "--fail-if", "mase>0.1"]) == ExitCode.GATE_FAILED
    assert capsys.readouterr().out.startswith("19 forecasts")


def test_score_without_actual_values(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Ledger.open(place) as opened:
        assert run(["score"]) == ExitCode.OK
        assert capsys.readouterr().out == "There are no such forecasts yet.\n"
        record_forecast(opened, panel_of(seasonal(30)), at=TODAY)
    assert run(["score"]) == ExitCode.OK
    assert capsys.readouterr().out.endswith(": no actual value is known yet.\n")
    assert run(["score", "--format", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["rows"] == []
    assert run(["score", "--fail-if", "mase>1"]) == ExitCode.GATE_FAILED
    assert "cannot be checked" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["history", "score"])
def test_without_a_ledger_the_error_says_how_to_start_one(
    place: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "jobs.toml"]) == ExitCode.DATA
    assert capsys.readouterr().err == (
        f"Error: There is no ledger yet at {place}.\n'forecast run jobs.toml' creates one.\n"
    )
    assert not place.parent.exists()
    assert run([command, "nowhere.toml"]) == ExitCode.USAGE
    assert "nowhere.toml: no such file." in capsys.readouterr().err


def test_a_ledger_can_be_named_without_a_job_file(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("jobs.toml").unlink()
    assert run(["history", "--ledger", str(ledger), "--limit", "1", "--format", "csv"]) == ExitCode.OK
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["score", "--ledger", str(ledger)]) == ExitCode.OK


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("args", "advice"),
    [
        (["score", "--by", "stpe"], "Did you mean 'step'?"),
        (["score", "--job", "slaes"], "Did you mean 'sales'?"),
        (["history", "--job", "slaes"], "Did you mean 'sales'?"),
        (["history", "--limit", "0"], "--limit"),
        (["score", "--since", "yesterday"], "--since"),
        (["score", "--fail-if", "mase=1"], "is not a condition"),
        (["score", "--fail-if", "rmse>1"], "'rmse' is not one of mase, mae, bias, skill"),
        (["score", "--fail-if", "ets.mase>1"], "a condition of this command cannot name a model"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_options_are_refused_with_advice(
    args: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(args) == ExitCode.USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert advice in printed.err
    assert printed.err.count("\n") <= 2
