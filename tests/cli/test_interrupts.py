"""Signals at awkward moments: quiet, with the right exit code, and heard."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SENDER = """
import os, runpy, signal, sys
class Sender:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), SIGNAL)
sys.meta_path.insert(0, Sender())
sys.argv = ["forecast", "inspect", "a.csv"]
runpy.run_module("forecast_cli", run_name="__main__")
"""
SWALLOWED = """
import os, signal, sys, time
from forecast_cli import cli
class Evil:
    def __del__(self):
        os.kill(os.getpid(), SIGNAL)
        for _ in range(10):
            pass
def run(args):
    from forecast_cli.cli.screen import Screen
    try:
        Evil()
        time.sleep(5)
    except BaseException as error:
        return cli.explain(error).code
    return 0
cli.run = run
cli.main()
"""


def ended(folder: Path, program: str, number: signal.Signals, module: str = "") -> subprocess.CompletedProcess[str]:
    values = program.replace("SIGNAL", str(int(number))).replace("MODULE", repr(module))
    return subprocess.run(
        [sys.executable, "-P", "-c", values],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("date,y\n" + "".join(f"2020-01-{day:02d},{day}\n" for day in range(1, 10)))
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("module", ["forecast_cli.cli", "click", "forecast_cli.cli.screen"])
def test_a_signal_while_the_program_is_imported_ends_it_without_a_word(
    folder: Path, number: signal.Signals, module: str
) -> None:
    done = ended(folder, SENDER, number, module)
    assert (done.returncode, done.stderr) == (-number, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "module", ["forecast_cli.cli.commands.inspect", "pandas", "forecast_cli.report.tables.inspection"]
)
def test_a_signal_while_a_command_is_imported_is_shown(
    folder: Path, number: signal.Signals, code: int, module: str
) -> None:
    done = ended(folder, SENDER, number, module)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("Interrupted." if code == 130 else "Terminated.") in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_a_destructor_is_heard(folder: Path, number: signal.Signals, code: int) -> None:
    done = ended(folder, SWALLOWED, number)
    assert (done.returncode, done.stderr) == (code, "")
