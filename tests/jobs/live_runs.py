"""Runs that are under way in the background: their processes, what they say, and signals to them."""

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
"""In the environment of every process of a run, by which they are found whoever their parent is by now."""

SOON = 30.0
"""Seconds in which processes that end by themselves have ended, however busy the machine is; it takes about one."""

SPEAKING = ("--verbose", "--log-format", "json")
"""What a run is asked for so that it can be followed."""

Entry = dict[str, Any]


@dataclass
class LiveRun:
    process: subprocess.Popen[str]
    mark: str

    def processes(self) -> list[int]:
        """The processes of the run that are there, without those that have ended and wait for their parent."""
        wanted = f"{MARK}={self.mark}".encode()
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if wanted in _environment(folder)]

    def open_files(self) -> set[Path]:
        """What the first process of the run has open."""
        links = list(Path(f"/proc/{self.process.pid}/fd").iterdir())
        return {Path(os.readlink(link)) for link in links if link.is_symlink()}

    def await_stage(self, stage: str) -> None:
        """Until a job begins with `stage`."""
        self.await_entry(lambda entry: (entry["message"], entry.get("stage")) == ("begins", stage))

    def await_entry(self, wanted: Callable[[Entry], bool]) -> Entry:
        """The next line of the run's log, which is to be verbose and JSON, that is `wanted`."""
        assert self.process.stderr is not None
        told = []
        for line in self.process.stderr:
            told.append(line)
            entry: Entry = json.loads(line)
            if wanted(entry):
                return entry
        raise AssertionError(f"The run ended before: {''.join(told)}")

    def end(self, sent: signal.Signals) -> tuple[int, float]:
        """Send a signal to the first process: its exit code, and the seconds until all processes had ended."""
        sent_at = time.monotonic()
        self.process.send_signal(sent)
        code = self.process.wait(timeout=60)
        while (left := self.processes()) and time.monotonic() - sent_at < SOON:
            time.sleep(0.02)
        assert not left, "Something is left running."
        return code, time.monotonic() - sent_at


@contextmanager
def live(command: Sequence[str]) -> Iterator[LiveRun]:
    """A run in the background, which is over at the end, however that comes."""
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
    """Wait for something that is sure to happen."""
    given_up = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < given_up
        time.sleep(0.02)


@contextmanager
def restless(path: Path) -> Iterator[None]:
    """Within, the file is written again and again."""
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


def _environment(process: Path) -> list[bytes]:
    """The environment of a process; none where it has ended."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
