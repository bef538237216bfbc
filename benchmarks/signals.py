"""Send signals to `train`, `run` and `predict` at random moments; check messages, exit codes and the files that remain.

    python benchmarks/signals.py train --signal INT --times 100

SIGINT is sent to all processes of the command, as by Ctrl-C on a terminal; SIGTERM to the first process, as by `kill`.
Half of the signals are sent in the first 0.6 seconds, the others at any time while the command runs. After each signal,
the model or the ledger must load. After a last run without a signal, no temporary file may remain.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

FORECAST = Path(sys.executable).with_name("forecast")
DATA = Path(__file__).parent.parent / "sample_data" / "airline_passengers.csv"
DENSE_SECONDS, SLOW_SECONDS, GIVE_UP_SECONDS = 0.6, 3, 20
JOBS = f'[defaults]\nmodel = "theta"\ndata = "{DATA}"\nretrain = "always"\n[jobs.first]\n[jobs.second]\n'
COMMANDS = {
    "train": [str(DATA), "--preset", "fast", "--model", "lstm", "--epochs", "1", "--units", "4"],
    "run": ["jobs.toml"],
    "predict": ["-o", "out.csv"],
}
LOADS = {
    "train": ["info", "--format", "json"],
    "predict": ["info", "--format", "json"],
    "run": ["history", "jobs.toml"],
}
CONTENT_HASH = re.compile("(?<=-)[0-9a-f]{12}(?=[.])")
QUIET_ENDS = {signal.SIGINT: {130, -2, 0}, signal.SIGTERM: {143, -15, 0}}


@dataclass
class Trial:
    """A command that runs in a folder of its own.

    name:    the name of the command
    folder:  the folder
    more:    further options of the command
    mark:    a text in the environment of its processes, by which they are found
    """

    name: str
    folder: Path
    more: list[str]
    mark: str = field(default_factory=lambda: uuid4().hex)

    def start(self, arguments: list[str], stderr: Any) -> subprocess.Popen[bytes]:
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        return subprocess.Popen(
            [str(FORECAST), *arguments],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(scratch), "SIGNALS_MARK": self.mark},
        )

    def run(self) -> list[str]:
        return [self.name, *COMMANDS[self.name], *self.more]

    def seconds(self) -> float:
        """How long the command takes without a signal. Raises RuntimeError if it fails."""
        started = time.monotonic()
        if self.start(self.run(), None).wait():
            raise RuntimeError(f"{self.name} fails without a signal")
        return time.monotonic() - started

    def disturbed(self, number: signal.Signals, delay: float) -> tuple[int, str, float]:
        """The exit code, the messages, and the seconds from the signal to the end of the command."""
        with tempfile.TemporaryFile("w+b") as messages:
            process = self.start(self.run(), messages)
            time.sleep(delay)
            if process.poll() is None:
                (os.killpg if number is signal.SIGINT else os.kill)(process.pid, number)
            sent = time.monotonic()
            code = process.wait(120)
            messages.seek(0)
            return code, messages.read().decode(errors="replace"), time.monotonic() - sent

    def still_running(self) -> bool:
        """Whether a process of the command has not ended within GIVE_UP_SECONDS."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        wanted = f"SIGNALS_MARK={self.mark}".encode()
        while any(wanted in _environment(folder) for folder in Path("/proc").glob("[0-9]*")):
            if time.monotonic() > deadline:
                return True
            time.sleep(0.05)
        return False

    def loads(self) -> bool:
        """Whether the model or the ledger can be read."""
        return self.start(LOADS[self.name], subprocess.DEVNULL).wait() == 0

    def files(self) -> Counter[str]:
        """How many files have a name, without the part that follows from their content."""
        names = (str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        return Counter(CONTENT_HASH.sub("", name) for name in names)


def _environment(folder: Path) -> bytes:
    try:
        return b"" if "Z" in (folder / "stat").read_text().rpartition(")")[2][:3] else (folder / "environ").read_bytes()
    except OSError:
        return b""


def problems(trial: Trial, number: signal.Signals, delay: float, ends: Counter[int]) -> list[str]:
    """Send a signal `delay` seconds after the start. Returns what went wrong, as one text in a list; [] if nothing.

    ends: counts the exit codes
    """
    code, messages, seconds = trial.disturbed(number, delay)
    ends[code] += 1
    found = []
    if code not in QUIET_ENDS[number]:
        found.append(f"ended with {code}")
    if "Traceback" in messages or "Fatal" in messages or "Exception" in messages:
        found.append("a traceback")
    if code and seconds > SLOW_SECONDS:
        found.append(f"took {seconds:.1f} s to end")
    if trial.still_running():
        found.append("a process goes on")
    if not trial.loads():
        found.append("the result does not load")
    return [f"{'; '.join(found)} ({delay:.3f} s)\n{messages}"] if found else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--signal", choices=["INT", "TERM"], default="INT")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("more", nargs="*", help="further options of the command, after --")
    given = parser.parse_intermixed_args()
    number = signal.Signals[f"SIG{given.signal}"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background commands of a shell script ignore SIGINT
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(given.command, Path(folder), given.more)
        (trial.folder / "jobs.toml").write_text(JOBS)
        if given.command == "predict":
            trial.start(["train", *COMMANDS["train"], "--quiet"], None).wait()
        seconds = trial.seconds()
        before, ends, count = trial.files(), Counter[int](), 0
        for at in range(given.times):
            delay = chance.uniform(0, DENSE_SECONDS if at % 2 else 1.1 * seconds)
            for problem in problems(trial, number, delay, ends):
                count += 1
                print(problem, flush=True)
        trial.seconds()
        new = trial.files() - before
        print(f"{given.command}, {number.name}: {seconds:.1f} s undisturbed; ends {dict(ends)}; {count} problems")
        print(f"new files: {sorted(new) or 'none'}")


if __name__ == "__main__":
    main()
