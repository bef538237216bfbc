"""Run a command of the program in this process, where its imports are done already."""

from __future__ import annotations

import contextlib
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from forecast_cli.cli import run


def run_here(*args: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What `forecast ARGS` in the directory `home` says, and its exit code."""
    said, told = StringIO(), StringIO()
    with contextlib.chdir(home or "."), redirect_stdout(said), redirect_stderr(told):
        code = run([str(arg) for arg in args])
    return subprocess.CompletedProcess(args, code, said.getvalue(), told.getvalue())
