"""Run a command of the program in this process, where its libraries are already imported."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from forecast_cli.cli import run


def run_here(*args: object, home: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `forecast ARGS` in the directory `home`; return its exit code and what it wrote."""
    given, out, err = TextIOWrapper(BytesIO(stdin.encode())), StringIO(), StringIO()
    with contextlib.chdir(home or "."), patch.object(sys, "stdin", given), redirect_stdout(out), redirect_stderr(err):
        code = run([str(arg) for arg in args])
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())
