"""What one command costs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Wall time, and the peak memory of the largest process."""

    seconds: float
    megabytes: float


class CommandFailedError(Exception):
    """A command did not end well; its last words are the message."""


def measure(command: list[str]) -> Cost:
    """Run a command to its end, unseen. Raises CommandFailedError."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            said.seek(0)
            raise CommandFailedError(_last_words(said.read()) or f"ended with status {process.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def _last_words(said: str) -> str:
    """The end of a traceback, or the whole of a plain message and its hint."""
    lines = said.strip().splitlines()
    return " ".join(lines if len(lines) <= 2 else lines[-1:])
