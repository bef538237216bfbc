"""`forecast init`: a valid job file for the user's data, which replaces no other file."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode
from forecast_cli.jobs.file.loading import load_jobs
from forecast_cli.jobs.file.starter import starter


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_file_is_a_valid_job_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Wrote jobs.toml.")
    assert "forecast run jobs.toml --dry-run" in said.err
    found = load_jobs(Path("jobs.toml"))
    (job,) = found.jobs
    assert (job.name, job.data, job.retrain) == ("sales", str(tmp_path / "data" / "sales.csv"), timedelta(days=7))
    assert found.keep == timedelta(days=400)


def test_the_commented_examples_are_valid_too() -> None:
    lines = starter().splitlines()
    examples = [line[2:] for line in lines if line.startswith("# ") and (" = " in line or line.startswith("# [jobs."))]
    assert len(examples) > 10
    text = "\n".join(line[2:] if line[2:] in examples else line for line in lines)
    assert set(tomllib.loads(text)) == {"state", "keep", "defaults", "jobs"}
    Path("jobs.toml").write_text(text, encoding="utf-8")
    assert [job.name for job in load_jobs(Path("jobs.toml")).jobs] == ["sales", "sensors"]


def test_an_existing_file_is_replaced_only_with_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text("precious", encoding="utf-8")
    assert run(["init", "mine.toml"]) == ExitCode.USAGE
    assert Path("mine.toml").read_text(encoding="utf-8") == "precious"
    assert "--force" in capsys.readouterr().err
    assert run(["init", "mine.toml", "--force"]) == 0
    assert len(load_jobs(Path("mine.toml")).jobs) == 1
    assert [path.name for path in Path().iterdir()] == ["mine.toml"]


def test_a_relative_data_path_is_converted_to_the_folder_of_the_job_file(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    assert run(["init", "night/jobs.toml", "--data", "in/Umsätze 2024.csv.gz"]) == 0
    (job,) = load_jobs(Path("night/jobs.toml")).jobs
    assert job.data == str(tmp_path / "in" / "Umsätze 2024.csv.gz")
    assert job.name == "Ums-tze-2024"
    assert '"../in/Umsätze 2024.csv.gz"' in Path("night/jobs.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("data", ['a "b" \\c.csv', "*.csv", "😀.csv", ".csv", "a.b.csv"])
def test_any_data_path_gives_a_valid_file(data: str, tmp_path: Path) -> None:
    assert run(["init", "--data", data]) == 0
    (job,) = load_jobs(Path("jobs.toml")).jobs
    assert job.data == str(tmp_path / data)


@pytest.mark.parametrize("data", ["-", "{date}.csv"])
def test_an_invalid_data_path_is_refused(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--data", data]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith(f"Error: --data {data}: ")
    assert not Path("jobs.toml").exists()


def test_a_path_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "nowhere/jobs.toml"]) == ExitCode.USAGE
    assert "Cannot write nowhere/jobs.toml" in capsys.readouterr().err
