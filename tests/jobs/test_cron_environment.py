"""Commands as cron starts them: few environment variables, no terminal, no home, another working directory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from tests.jobs.job_folder import PROGRAM, Folder

BARE = {"PATH": "/usr/bin:/bin"}
READ_ONLY = {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/proc/nobody"}
"""As for a program installed by root and a user without a home: neither folder can be written."""

JOB = """
[jobs."größe"]
data = "data/größe.csv"
horizon = 3
retrain = "never"
output = ["out/{name}.csv", "out/{name}.png"]
"""

each_environment = pytest.mark.parametrize(
    "environment", [BARE, BARE | {"LC_ALL": "C"}, BARE | READ_ONLY], ids=["bare", "C", "read-only"]
)


def from_cron(environment: dict[str, str], *args: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PROGRAM[0], "-m", "forecast_cli", *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        env=environment,
        start_new_session=True,  # no terminal either
        check=False,
        timeout=300,
    )


def everything_in(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


@each_environment
def test_run_history_and_score(folder: Folder, environment: dict[str, str]) -> None:
    home = folder.path / "jöbs"
    home.mkdir()
    inside = Folder(home, folder.model)
    inside.ready("größe")
    inside.jobs.write_text(JOB, encoding="utf-8")
    for months, outcome in ((120, "forecast"), (120, "unchanged"), (121, "forecast")):
        inside.data("größe", months)
        done = from_cron(environment, "run", inside.jobs, "--format", "json")
        assert (done.returncode, done.stderr.decode().count("\n")) == (0, 1), done.stderr
        assert json.loads(done.stdout)["jobs"][0]["outcome"] == outcome
    assert (home / "out" / "größe.png").read_bytes().startswith(b"\x89PNG")
    quiet = from_cron(environment, "run", inside.jobs, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, b"", b"")
    for command in ("history", "score"):
        done = from_cron(environment, command, inside.jobs, "--format", "csv")
        assert (done.returncode, done.stderr) == (0, b"")
        assert len(list(csv.reader(io.StringIO(done.stdout.decode())))) > 1
    assert {path.parts[0] for path in everything_in(home)} == {"jobs.toml", "data", "forecast-state", "out"}


def test_training_with_a_deep_temporary_folder_leaves_no_files_outside_the_job_folder(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    temporary = tmp_path_factory.mktemp("temporary") / ("deep" * 30)
    temporary.mkdir()
    environment = BARE | READ_ONLY | {"TMPDIR": str(temporary)}
    folder.describe("sales", more='output = ["out/sales.csv", "out/sales.png"]\n')
    folder.data("sales", 120)
    done = from_cron(environment, "run", folder.jobs, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"][0]["training"] == "trained"
    assert {path.name for path in folder.path.iterdir()} == {"jobs.toml", "data", "forecast-state", "out"}
    assert list(temporary.iterdir()) == []


@each_environment
def test_predict(folder: Folder, environment: dict[str, str]) -> None:
    data, out = folder.data("sales", 120), folder.path / "out.csv"
    done = from_cron(environment, "predict", data, "-m", folder.model.directory, "-n", 3, "-o", out, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(out.read_text().splitlines()) == 4
