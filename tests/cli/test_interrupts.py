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
        if name == 'MODULE':
            sys.meta_path.remove(self)
            os.kill(os.getpid(), SIGNAL)
sys.meta_path.insert(0, Sender())
sys.argv = ["forecast", "inspect", "a.csv"]
runpy.run_module("forecast_cli", run_name="__main__")
"""
LOST = """
import os, sys, time
from forecast_cli import cli
class Evil:
    def __del__(self):
        os.kill(os.getpid(), SIGNAL)
        for _ in range(10):
            pass
def destructor():
    Evil()
    time.sleep(5)
class HalfBuilt:
    def __init__(self):
        os.kill(os.getpid(), SIGNAL)
        time.sleep(5)
        self.value = 1
    def __del__(self):
        self.value
def half_built():
    HalfBuilt()
def swallowed():
    try:
        os.kill(os.getpid(), SIGNAL)
        time.sleep(5)
    except BaseException:
        pass
    time.sleep(5)
def replaced():
    try:
        os.kill(os.getpid(), SIGNAL)
        time.sleep(5)
    except BaseException as error:
        raise ImportError("initialization failed") from error
cli.forecast.invoke = lambda context: MODULE()
sys.argv = ["forecast", "inspect", "a.csv"]
cli.main()
"""
"""Places where the exception of a signal is lost. Importing a compiled module replaces it, for example."""


def ended(folder: Path, program: str, number: signal.Signals, module: str = "") -> subprocess.CompletedProcess[str]:
    values = program.replace("SIGNAL", str(int(number))).replace("MODULE", module)
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("place", ["destructor", "half_built", "swallowed", "replaced"])
def test_a_signal_whose_exception_is_lost_is_heard(folder: Path, place: str, number: signal.Signals, code: int) -> None:
    done = ended(folder, LOST, number, place)
    word = "Interrupted." if code == 130 else "Terminated."
    assert (done.returncode, done.stderr) == (code, f"Error: {word}\n")


HELPERS = """
import os, signal, sys
from forecast_cli.signals import sigint_blocked_in_children, listen
import subprocess
listen()
try:
    with sigint_blocked_in_children():
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)"])
        os.killpg(0, SIGNAL)
        helper.wait()
except KeyboardInterrupt:
    print("heard", helper.wait())
"""


@pytest.mark.slow
def test_ctrl_c_reaches_this_process_and_no_helper(folder: Path) -> None:
    program = f"import os; os.setpgid(0, 0)\n{HELPERS}"
    done = ended(folder, program, signal.SIGINT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "heard 0\n", "")
