"""Closed and full streams, paths that are no UTF-8, characters that a terminal obeys, models as outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "".join(f"2020-01-{day:02d},{day}\n" for day in range(1, 10))
FORECAST = [sys.executable, "-P", "-m", "forecast_cli"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(f"date,y\n{ROWS}")
    return tmp_path


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell, in which `$F` is the program."""
    return subprocess.run(
        ["bash", "-c", line.replace("$F", " ".join(FORECAST))],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="surrogateescape",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ["--help", "--version", "train --help", "models", "completion bash"])
def test_a_full_disk_under_standard_output_is_a_wrong_usage(folder: Path, command: str) -> None:
    done = shell(folder, f"$F {command} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: Cannot write to standard output: No space left on device.\nMake room")


@pytest.mark.slow
def test_a_closed_standard_input_is_named(folder: Path) -> None:
    done = shell(folder, "$F inspect - <&-")
    assert done.returncode == 5
    assert "standard input: cannot be read" in done.stderr


@pytest.mark.slow
def test_a_closed_standard_error_changes_nothing(folder: Path) -> None:
    done = shell(folder, "$F train a.csv --model naive -m m 2>&- >&- && $F predict -m m -n 1 --format csv 2>&-")
    assert done.returncode == 0
    assert done.stdout == "date,forecast\n2020-01-10,9\n" or "2020-01-10" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["inspect", "train", "run"])
def test_a_path_that_is_no_utf_8_is_shown_with_escapes(folder: Path, command: str) -> None:
    done = shell(folder, f"$F {command} $'x\\xff.csv'")
    assert done.returncode == (2 if command == "run" else 5)
    assert "x\\udcff.csv: no such file" in done.stderr


@pytest.mark.slow
def test_characters_that_a_terminal_obeys_are_written_as_escapes(folder: Path) -> None:
    evil = "a\x1b]0;title\x07b\x9bc"
    rows = "".join(f"{name},2020-01-{day:02d},{day}\n" for name in (evil, "plain") for day in range(1, 10))
    (folder / "evil.csv").write_text(f"id,date,y\n{rows}", encoding="utf-8")
    for line in ("$F inspect evil.csv", f"$F inspect a.csv --value-column $'{evil}'", f"$F predict -m $'{evil}'"):
        done = shell(folder, line)
        assert not set(done.stdout + done.stderr) & {"\x1b", "\x07", "\x9b"}
        assert "title" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_message_has_a_length(folder: Path) -> None:
    done = shell(folder, f"$F inspect a.csv --value-column {'x' * 50_000}")
    assert done.returncode == 5
    assert len(done.stderr) < 3000


@pytest.mark.slow
def test_an_output_never_replaces_a_model(folder: Path) -> None:
    assert shell(folder, "$F train a.csv --model naive -m m -q").returncode == 0
    done = shell(folder, "$F predict -m m -o m/metadata.json")
    assert done.returncode == 2
    assert "part of a trained model" in done.stderr
    assert shell(folder, "$F predict -m m -o m/forecast.json").returncode == 0


@pytest.mark.slow
def test_an_output_is_not_written_through_a_link_with_a_guessed_name(folder: Path) -> None:
    (folder / "victim").write_text("untouched")
    for number in range(1, 4):  # the names that depend on the process alone
        (folder / f".out.{os.getpid() + number}.csv").symlink_to(folder / "victim")
    assert shell(folder, "$F inspect a.csv -o out.csv").returncode == 0
    assert (folder / "victim").read_text() == "untouched"
    assert (folder / "out.csv").is_file()
    assert not list(folder.glob(".out.*-*"))


def test_a_pipe_as_a_checkpoint_is_ignored(tmp_path: Path) -> None:
    from forecast_cli import bundle

    os.mkfifo(tmp_path / ".forecast-checkpoint.npz")
    assert bundle.read_checkpoint(tmp_path) is None
