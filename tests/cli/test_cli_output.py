"""Outputs: complete files or none, pipes that close early, and only data on standard output."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode, OutputError
from forecast_cli.files import atomic_write
from tests.cli.program import PROGRAM, Forecast
from tests.run_here import run_here
from tests.sample_panels import AIRLINE


@pytest.mark.parametrize("suffix", ["csv", "json", "txt"])
def test_the_suffix_chooses_the_form(suffix: str) -> None:
    done = run_here("inspect", AIRLINE, "-o", f"out.{suffix}")
    assert done.stdout == ""
    assert f"out.{suffix}" in done.stderr
    form = "table" if suffix == "txt" else suffix
    assert Path(f"out.{suffix}").read_text() == run_here("inspect", AIRLINE, "--format", form).stdout


def test_the_form_asked_for_wins_over_the_suffix() -> None:
    run_here("inspect", AIRLINE, "-o", "out.csv", "--format", "json")
    assert json.loads(Path("out.csv").read_text())["frequency"] == "MS"


@pytest.mark.parametrize("suffix", ["parquet", "xlsx"])
def test_a_file_for_other_programs_has_the_table(suffix: str) -> None:
    done = run_here("inspect", AIRLINE, "-o", f"out.{suffix}")
    assert (done.returncode, done.stdout) == (ExitCode.OK, "")
    frame = pd.read_parquet("out.parquet") if suffix == "parquet" else pd.read_excel("out.xlsx", engine="calamine")
    assert frame["id"].tolist() == ["passengers"]
    assert frame["first"].tolist() == [pd.Timestamp("1949-01-01")]
    assert frame["points"].tolist() == [144]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "out.xls"], "Use one of .csv, .json, .parquet and .xlsx."),
        (["-o", "out.ods"], "Use one of .csv, .json, .parquet and .xlsx."),
        (["-o", "out.xlsx", "--format", "csv"], "a .xlsx file cannot have the format csv"),
    ],
)
def test_a_file_that_other_programs_could_not_open_is_refused(arguments: list[str], words: str) -> None:
    done = run_here("inspect", AIRLINE, *arguments)
    assert done.returncode == ExitCode.USAGE
    assert words in done.stderr
    assert list(Path().iterdir()) == []


@pytest.mark.slow
def test_a_dash_is_standard_output(program: Forecast, tmp_path: Path) -> None:
    done = program("inspect", AIRLINE, "-o", "-", "--format", "csv")
    assert len(list(csv.DictReader(done.stdout.splitlines()))) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["-o", "--plot"])
@pytest.mark.parametrize("target", ["nowhere/out.png", "folder.png"])
def test_an_unwritable_target_is_refused_before_reading(
    option: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder.png").mkdir()
    assert run(["predict", "missing.csv", "-m", "no-model", option, target]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert target in told
    assert "no-model" not in told


def test_a_picture_needs_a_known_suffix(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "-m", "no-model", "-o", "picture.gif"]) == ExitCode.USAGE
    assert ".png, .svg or .pdf" in capsys.readouterr().err


def test_checking_a_target_leaves_nothing_and_changes_nothing(tmp_path: Path) -> None:
    Path("out.csv").write_text("earlier")
    assert run(["predict", "-m", "no-model", "-o", "out.csv"]) == ExitCode.MODEL
    assert run(["predict", "-m", "no-model", "-o", "new.csv"]) == ExitCode.MODEL
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert Path("out.csv").read_text() == "earlier"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("earlier")

    def fail_halfway() -> None:
        with atomic_write(target) as temporary:
            temporary.write_text("half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert target.read_text() == "earlier"
    with atomic_write(target) as temporary:
        temporary.write_text("later")
        assert target.read_text() == "earlier"
    assert target.read_text() == "later"
    assert list(tmp_path.iterdir()) == [target]


def test_mode_and_links_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("earlier")
    target.chmod(0o640)
    link.symlink_to(target)
    with atomic_write(link) as temporary:
        temporary.write_text("later")
    assert link.is_symlink()
    assert target.read_text() == "later"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.slow
def test_a_device_is_written_to_and_not_replaced(program: Forecast) -> None:
    assert program("inspect", AIRLINE, "-o", "/dev/null").returncode == ExitCode.OK
    assert Path("/dev/null").is_char_device()
    assert program("inspect", AIRLINE, "-o", "/dev/full").returncode == ExitCode.USAGE


def test_a_disk_that_fills_up_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out\.csv"), atomic_write(tmp_path / "out.csv"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_full_standard_output(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROGRAM, "inspect", str(AIRLINE)], stdout=full, stderr=-1, text=True, check=False, cwd=tmp_path
        )
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.splitlines()[-2] == "Error: Cannot write to standard output: No space left on device."


@pytest.mark.slow
def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    names = [f"series number {number} of many" for number in range(1500)]
    rows = [f"2024-01-0{day}," + ",".join(str(day + k) for k in range(len(names))) for day in range(1, 8)]
    (tmp_path / "wide.csv").write_text("\n".join(["date," + ",".join(names), *rows]))
    args = [*PROGRAM, "inspect", "wide.csv", "--format", "json", "-q"]
    with subprocess.Popen(args, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.wait(timeout=60) == ExitCode.OK
        assert process.stderr.read() == ""


def test_predictions_in_three_forms(model: Path) -> None:
    args = ["predict", "-m", model, "-n", "3", "--against", "naive"]
    table = run_here(*args).stdout.splitlines()
    assert table[0].split() == ["date", "lstm+smoothing", "naive"]
    assert [line.split()[0] for line in table[2:]] == ["1961-01-01", "1961-02-01", "1961-03-01"]
    rows = list(csv.DictReader(run_here(*args, "--format", "csv").stdout.splitlines()))
    assert [*rows[0]] == ["date", "forecast", "naive"]
    assert [float(row["naive"]) for row in rows] == [432.0] * 3
    assert [
        {"date": row["date"], "forecast": float(row["forecast"]), "naive": float(row["naive"])} for row in rows
    ] == json.loads(run_here(*args, "--format", "json").stdout)


def test_predictions_go_on_from_standard_input(model: Path, program: Forecast) -> None:
    done = program("predict", "-", "-m", model, "-n", "1", "--format", "csv", stdin=AIRLINE.read_text())
    assert done.returncode == ExitCode.OK
    assert done.stdout.splitlines()[1].startswith("1961-01-01,")


def test_the_picture_is_drawn_beside_the_table_or_alone(model: Path, forecast: Forecast, tmp_path: Path) -> None:
    done = forecast("predict", "-m", model, "-n", "2", "--plot", "a.svg")
    assert len(done.stdout.splitlines()) == 4
    assert Path("a.svg").read_text().lstrip().startswith("<?xml")
    done = forecast("plot", "-m", model)
    assert done.stdout == ""
    assert Path("forecast.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "forecast.png"]


@pytest.mark.slow
def test_the_scores_are_the_result_of_training(forecast: Forecast) -> None:
    options = ["--preset", "fast", "--units", "4", "--epochs", "1", "--format", "json", "--log-format", "json"]
    done = forecast("train", AIRLINE, *options)
    assert done.returncode == ExitCode.OK
    summary = json.loads(done.stdout)
    assert {score["model"] for score in summary["scores"]} >= {"blend", "lstm+smoothing", "lstm", "seasonal-naive"}
    assert summary["model_dir"] == "forecast-model"
    assert all(json.loads(line)["level"] == "info" for line in done.stderr.splitlines())
    assert "\r" not in done.stderr
    assert forecast("predict", "-n", "1").returncode == ExitCode.OK


def test_info_in_three_forms(model: Path) -> None:
    facts = json.loads(run_here("info", "-m", model, "--format", "json").stdout)
    assert facts["data"]["freq"] == "MS"
    rows = dict(csv.reader(run_here("info", "-m", model, "--format", "csv").stdout.splitlines()))
    assert rows["data.freq"] == "MS"
    shown = run_here("info", "-m", model).stdout
    assert "seasonal-naive" in shown
    assert "airline_passengers.csv" in shown
    assert "sha256" not in shown


def test_info_says_what_a_model_is_what_it_learned_from_and_how_good_it_was() -> None:
    assert run_here("train", AIRLINE, "--model", "drift", "--preset", "fast", "--horizon", "6").returncode == 0

    done = run_here("info")
    model, data, accuracy, trained = _sentences(done.stdout)

    assert model == "Model drift, for 6 steps ahead."
    assert data == (
        f"Data {AIRLINE}: one series, 144 points from 1949-01-01 to 1960-12-01, MS (1 month), a season of 12."
    )
    assert accuracy == (
        "Accuracy MASE 2.939, sMAPE 18.09 % on the last 6 steps, held out; seasonal-naive: MASE 1.461, sMAPE 9.39 %. "
        "drift does not win here: theta had an 85% lower error (MASE 0.427 against 2.939) on the steps held out."
    )
    assert trained.endswith("s.")
    assert done.stderr == "All details: forecast info --format json\n"


def test_info_of_a_model_without_a_holdout_says_so() -> None:
    run_here("train", "-", "--model", "naive", stdin="value\n1\n5\n2\n")

    _, data, accuracy, *_ = _sentences(run_here("info").stdout)

    assert data == "Data standard input: one series, 3 points from 1 to 3, counted steps, no season."
    assert accuracy == "Accuracy unknown: no steps were held out."


def _sentences(listing: str) -> list[str]:
    """The paragraphs of `info`, each on one line."""
    lines = listing.replace("\n  ", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line]


def test_an_unwritable_directory_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):  # the superuser may write anywhere but to the kernel
        locked = Path("/proc")
    done = run_here("inspect", AIRLINE, "-o", locked / "out.csv")
    assert done.returncode == ExitCode.USAGE
    assert str(locked / "out.csv") in done.stderr
