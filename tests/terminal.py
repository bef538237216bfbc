"""Run the program where standard error is a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

CONTROL = re.compile(r"\033\[[?\d]*[A-Za-z]")
"""An escape sequence of a terminal."""


def on_a_terminal(*args: str, env: dict[str, str] | None = None) -> str:
    """What the program shows on standard error."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "forecast_cli", *args]
    with subprocess.Popen(command, stdout=-3, stderr=theirs, env=os.environ | (env or {})) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        os.close(ours)
        assert process.wait() == 0 or "nowhere" in args
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's word for a terminal that nobody has open any more
        return b""
