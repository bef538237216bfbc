"""A whole tuning: killed twice, interrupted once, and its settings in use."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from forecast_cli.errors import ExitCode
from tests.cli.program import PROGRAM
from tests.run_here import run_here
from tests.sample_panels import AIRLINE

pytestmark = pytest.mark.slow

TRIALS = 2
TUNE = (
    *("tune", str(AIRLINE), "--model", "lstm", "-n", "6", "--budget", "2h", "--trials", str(TRIALS)),
    *("--oracle", "random", "--units", "4", "--epochs", "1", "--preset", "fast"),
)
GIVE_UP_SECONDS = 300.0
"""Limit of a wait. Reached only if something is wrong, however busy the machine is."""


def trials_in(folder: Path) -> dict[str, dict[str, Any]]:
    """The finished trials that are kept: name of a file -> what it says, without times."""
    found = {path.name: json.loads(path.read_text()) for path in folder.glob("tuned.toml.trials/[0-9]*.json")}
    return {name: {key: value for key, value in found[name].items() if key != "seconds"} for name in sorted(found)}


def killed_after(folder: Path, finished: int) -> None:
    """Run the tuning until this many trials are finished, and kill it."""
    last = folder / "tuned.toml.trials" / f"{finished - 1:04}.json"
    with subprocess.Popen([*PROGRAM, *TUNE], cwd=folder, stdout=-3, stderr=-3) as process:
        end = time.monotonic() + GIVE_UP_SECONDS
        while not last.exists():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        process.kill()


def interrupted(folder: Path) -> tuple[int, str]:
    """Run the tuning until it goes on with the finished trials, and interrupt it: exit code and messages after that."""
    with subprocess.Popen([*PROGRAM, *TUNE], cwd=folder, stdout=-3, stderr=-1, text=True) as process:
        assert process.stderr is not None
        assert any(line.startswith("Going on after") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        messages = process.stderr.read()
    return process.returncode, messages


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder of a tuning that nothing stopped, and what it printed."""
    folder = tmp_path_factory.mktemp("whole")
    done = run_here(*TUNE, "--format", "csv", home=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_tuning_that_is_killed_twice_and_interrupted_goes_on(
    whole: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (folder, done), killed = whole, tmp_path
    expected = trials_in(folder)
    assert list(expected) == [f"{number:04}.json" for number in range(TRIALS + 1)]

    for finished in (1, 2):
        killed_after(killed, finished)
        kept = trials_in(killed)
        assert len(kept) >= finished
        assert all(kept[name]["errors"] == expected[name]["errors"] for name in kept)
    code, messages = interrupted(killed)
    assert code == ExitCode.INTERRUPTED
    assert "the same command goes on with them" in messages
    assert not (killed / "tuned.toml").exists()

    again = run_here(*TUNE, "--format", "csv", home=killed)
    assert again.returncode == 0, again.stderr
    assert trials_in(killed) == expected
    assert (killed / "tuned.toml").read_text() == (folder / "tuned.toml").read_text()
    assert [path.name for path in killed.iterdir() if path.name.startswith(".")] == []
    rows = [[*csv.DictReader(result.stdout.splitlines())] for result in (done, again)]
    assert [{**row, "seconds": ""} for row in rows[0]] == [{**row, "seconds": ""} for row in rows[1]]


def test_the_settings_are_used(whole: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)  # its trials are not run again
    done = run_here(*TUNE, "--plot", "trials.svg", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "On the last 6 steps, which no trial has seen:" in done.stdout
    assert (tmp_path / "trials.svg").exists()
    settings = tomllib.loads((tmp_path / "tuned.toml").read_text())
    assert (settings["model"], settings["horizon"], settings["units"], settings["epochs"]) == ("lstm", 6, [4], 1)

    job = f'[jobs.a]\ndata = "{AIRLINE}"\nconfig = "tuned.toml"\nmodel-dir = "model"\noutput = "a.csv"\n'
    (tmp_path / "jobs.toml").write_text(job)
    done = run_here("run", "jobs.toml", home=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(run_here("info", "-m", "model", "--format", "json", home=tmp_path).stdout)
    assert facts["model"]["network"]["units"] == [4]
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 7


def test_a_budget_that_is_too_small(tmp_path: Path) -> None:
    done = run_here(*TUNE, "--budget", "1s", home=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "--budget 1s: too little time for the defaults and one trial." in done.stderr
    assert not (tmp_path / "tuned.toml").exists()


def test_nothing_else_imports_keras_tuner() -> None:
    modules = "forecast_cli.cli, forecast_cli.workflows, forecast_cli.models.saved, forecast_cli.models.table"
    code = f"import sys, {modules}; print('keras_tuner' in sys.modules)"
    assert subprocess.run([*PROGRAM[:1], "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
