"""Conflicts between jobs, and how the problems of a job file are reported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forecast_cli.cli import run
from forecast_cli.errors import ExitCode, UsageError
from forecast_cli.jobs.file.loading import ledger_of, load_jobs
from tests.jobs.job_files import SALES, loaded, the_problem


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- conflicts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[defaults]\noutput = "out.csv"\n[jobs.a]\ndata = "a"\n[jobs.b]\ndata = "b"',
            '5: [jobs.b] output "{here}/out.csv" would be written by [jobs.a] too.',
        ),
        (
            '[jobs.a]\ndata = "a"\noutput = ["x.csv", "./y/../x.csv"]',
            '3: [jobs.a] output "{here}/x.csv" would be written twice by this job.',
        ),
        (
            '[jobs.a]\ndata = "a"\noutput = "x.csv"\n[jobs.b]\ndata = "b"\noutput = "link/x.csv"',
            '6: [jobs.b] output "{here}/link/x.csv" would be written by [jobs.a] too.',
        ),
        (
            '[jobs.a]\ndata = "a.csv"\noutput = "a.csv"',
            '3: [jobs.a] output "{here}/a.csv" would be read as data of this job.',
        ),
        (
            '[jobs.a]\ndata = "in/*.csv"\noutput = "in/a-{date}.csv"',
            '3: [jobs.a] output "{here}/in/a-{date}.csv" would be read as data of this job.',
        ),
        (
            '[jobs.a]\ndata = "**/a*.csv"\n[jobs.b]\ndata = "b"\noutput = "x/y/ab.csv"',
            '5: [jobs.b] output "{here}/x/y/ab.csv" would be read as data of [jobs.a].',
        ),
        (
            '[jobs.a]\ndata = "a"\noutput = "forecast-state/x/a.csv"',
            '3: [jobs.a] output "{here}/forecast-state/x/a.csv" lies in the state folder; choose another folder.',
        ),
        (
            '[jobs.a]\ndata = "a"\noutput = "m/a.csv"\n[jobs.b]\ndata = "b"\nmodel-dir = "m"',
            '3: [jobs.a] output "{here}/m/a.csv" lies in the model directory of [jobs.b]; choose another folder.',
        ),
        (
            '[defaults]\nmodel-dir = "m"\n[jobs.a]\ndata = "a"\n[jobs.b]\ndata = "b"',
            '5: [jobs.b] model-dir "{here}/m" is also that of [jobs.a].',
        ),
        (
            '[jobs.a]\ndata = "a"\nmodel-dir = "forecast-state"',
            '3: [jobs.a] model-dir "{here}/forecast-state" is the state folder.',
        ),
    ],
)
def test_conflicting_paths_are_refused(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(".")
    assert the_problem(text) == problem.replace("{here}", str(tmp_path))


def test_outputs_in_the_folder_of_the_data_are_allowed() -> None:
    assert loaded('[jobs.a]\ndata = "in/*.csv"\noutput = ["in/old/a.csv", "in/a.json", "out/a.csv"]').jobs


def test_several_jobs_can_read_the_same_data() -> None:
    text = '[defaults]\ndata = "a.csv"\noutput = "{name}.json"\n[jobs.short]\nhorizon = 1\n[jobs.long]\nhorizon = 9\n'
    assert [(job.horizon, Path(str(job.outputs[0])).name) for job in loaded(text).jobs] == [
        (1, "short.json"),
        (9, "long.json"),
    ]


# --- reports and imports


def test_each_problem_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("jobs.toml").write_text(SALES + "horzion = 3\n", encoding="utf-8")
    assert run(["schedule", "jobs.toml"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "Error: jobs.toml:3: [jobs.sales] horzion is not a known key. Did you mean 'horizon'?\n"
    )
    Path("jobs.toml").write_text(SALES + "horzion = 3\nseed = -1\n", encoding="utf-8")
    assert run(["schedule", "jobs.toml"]) == ExitCode.USAGE
    assert capsys.readouterr().err.splitlines() == [
        "Error: jobs.toml has 2 problems:",
        "jobs.toml:3: [jobs.sales] horzion is not a known key. Did you mean 'horizon'?",
        "jobs.toml:4: [jobs.sales] seed -1: must be 0 to 2147483647.",
    ]


def test_a_problem_is_shown_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    Path("best.toml").write_text("[train]\nepohcs = 3\n", encoding="utf-8")
    config = SALES + 'config = "best.toml"\n'
    Path("jobs.toml").write_text(config, encoding="utf-8")
    assert run(["schedule", "jobs.toml"]) == ExitCode.USAGE
    shown = capsys.readouterr().err
    assert "epohcs cannot be set for a training.\nDid you mean 'epochs'?" in shown
    Path("jobs.toml").write_text(config + "seed = -1\n", encoding="utf-8")
    assert run(["schedule", "jobs.toml"]) == ExitCode.USAGE
    assert "epohcs cannot be set for a training. Did you mean 'epochs'?" in capsys.readouterr().err.splitlines()[1]


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["missing", "no text"])
def test_a_file_that_cannot_be_read_is_refused(content: bytes | None) -> None:
    path = Path("jobs.toml")
    if content is not None:
        path.write_bytes(content)
    for read in (load_jobs, ledger_of):
        with pytest.raises(UsageError, match="no such file" if content is None else "not UTF-8 text"):
            read(path)


def test_the_ledger_of_an_invalid_file_is_found(tmp_path: Path) -> None:
    Path("jobs.toml").write_text('state = "s"\nhorizn = 3\n', encoding="utf-8")
    assert ledger_of(Path("jobs.toml")) == tmp_path / "s" / "ledger.sqlite"
    Path("jobs.toml").write_text("state = 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"jobs\.toml:1: state 3: must be text in quotes"):
        ledger_of(Path("jobs.toml"))


def test_reading_a_job_file_imports_nothing_heavy() -> None:
    Path("jobs.toml").write_text(SALES, encoding="utf-8")
    code = "import sys; from pathlib import Path; from forecast_cli.jobs.file.loading import load_jobs;"
    code += "load_jobs(Path('jobs.toml')); print({name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "tomllib" in done.stdout
    assert not any(f"'{name}'" in done.stdout for name in ("numpy", "pandas", "click", "tensorflow", "sqlite3"))
