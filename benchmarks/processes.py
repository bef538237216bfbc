"""Time and memory of one command."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Wall time in seconds, and the peak memory of the largest process in MB."""

    seconds: float
    megabytes: float


class CommandFailedError(Exception):
    """A command failed; the message is the end of its output."""


def measure(command: list[str]) -> Cost:
    """Run a command to its end, without showing its output. Raises CommandFailedError."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            output.seek(0)
            raise CommandFailedError(_last_lines(output.read()) or f"ended with status {process.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def _last_lines(output: str) -> str:
    """The last line of a traceback, or a short message with its hint."""
    lines = output.strip().splitlines()
    return " ".join(lines if len(lines) <= 2 else lines[-1:])
