"""Runs in the background: their processes, their log, and signals to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

MARK = "RUN_UNDER_TEST"
"""Environment variable that all processes of a run share, so that they can be found whatever their parent."""

GIVE_UP_SECONDS = 300.0
"""Limit of every wait here. Reached only if something is wrong, however busy the machine is."""

POLL_SECONDS = 0.02

LOGGING = ("--verbose", "--log-format", "json")
"""Options of a run whose log is followed."""

Entry = dict[str, Any]


@dataclass
class LiveRun:
    process: subprocess.Popen[str]
    mark: str

    def processes(self) -> list[int]:
        """The running processes of the run; ended processes that wait for their parent are not counted."""
        wanted = f"{MARK}={self.mark}".encode()
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if wanted in _environment(folder)]

    def open_files(self) -> set[Path]:
        """The files that the first process of the run has open."""
        links = list(Path(f"/proc/{self.process.pid}/fd").iterdir())
        return {Path(os.readlink(link)) for link in links if link.is_symlink()}

    def await_stage(self, stage: str) -> None:
        """Wait until a job begins with `stage`."""
        self.await_entry(lambda entry: (entry["message"], entry.get("stage")) == ("begins", stage))

    def await_entry(self, wanted: Callable[[Entry], bool]) -> Entry:
        """The next entry of the run's log that is `wanted`. The run must have the options LOGGING."""
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            entry: Entry = json.loads(line)
            if wanted(entry):
                return entry
        raise AssertionError(f"The run ended before: {''.join(lines)}")

    def end(self, sent: signal.Signals) -> tuple[int, float]:
        """Send a signal to the first process: its exit code, and the seconds until all processes have ended."""
        began = time.monotonic()
        self.process.send_signal(sent)
        code = self.process.wait(timeout=GIVE_UP_SECONDS)
        until(lambda: not self.processes())
        return code, time.monotonic() - began


@contextmanager
def live(command: Sequence[str]) -> Iterator[LiveRun]:
    """A run in the background. Its processes are killed at the end."""
    mark = uuid4().hex
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {MARK: mark},
    ) as process:
        run = LiveRun(process, mark)
        try:
            yield run
        finally:
            for left in run.processes():
                with suppress(ProcessLookupError):
                    os.kill(left, signal.SIGKILL)


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    limit = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        assert time.monotonic() < limit
        time.sleep(POLL_SECONDS)


@contextmanager
def restless(path: Path) -> Iterator[None]:
    """While the context is open, the file keeps changing, so that a run keeps waiting for it.

    Its last line has no line end, so a run waits until the file has not changed for 15 s. Even on a busy machine, the
    next change comes earlier.
    """
    content = path.read_text()
    path.write_text(content.rstrip("\n"))
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.05):
            os.utime(path)

    os.utime(path)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()
        path.write_text(content)


def _environment(process: Path) -> list[bytes]:
    """The environment of a process; empty if it has ended."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
