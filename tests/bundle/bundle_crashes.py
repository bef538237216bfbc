"""Processes for the tests of a bundle: savers that are killed, readers, lock holders.

    python bundle_crashes.py each-step DIRECTORY     kill a save before each of its file operations
    python bundle_crashes.py any-moment DIRECTORY KILLS MODELS
        kill savers at random moments while another process loads the model, until KILLS savers were killed and
        MODELS different models were loaded
    python bundle_crashes.py read-only DIRECTORY     lock it as a user without write permission
    python bundle_crashes.py hold-lock DIRECTORY     take the lock, print a line, and keep the lock

The first three print their findings as JSON. All parts of a saved model carry the same number, so a mixture of two
models is detected.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import stat
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from forecast_cli import bundle
from forecast_cli.bundle.writer import LOCK
from forecast_cli.errors import ForecastError

NAMES = ("network.onnx", "network.weights.h5", "tails.npz")


def save(directory: Path, number: int) -> None:
    files = {name: f"{name} {number} ".encode() * (200 + number % 7) for name in NAMES}
    bundle.save(directory, {"number": number}, files)


def load(directory: Path) -> int:
    """The number of the model in `directory`. Fails if its files have the numbers of different models."""
    model = bundle.load(directory)
    number = model.section("number", int)
    for name in NAMES:
        expected = f"{name} {number} ".encode() * (200 + number % 7)
        assert model.read(name) == expected, f"{name} is not of model {number}"
    return number


def in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def save_dying_at(directory: Path, number: int, step: int) -> None:
    """Save, and be killed just before the operation `step` on a file of the directory."""
    count = 0

    def before_operation(event: str, details: tuple[object, ...]) -> None:
        nonlocal count
        if event in ("open", "os.rename", "os.remove") and str(directory) in str(details[0]):
            count += 1
            if count > step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(before_operation)
    save(directory, number)


def each_step(directory: Path) -> dict[str, object]:
    save(directory, 0)
    survivors = []
    for step in range(100):
        child = in_child(partial(save_dying_at, directory, step + 1, step))
        status = os.waitpid(child, 0)[1]
        survivors.append(load(directory))
        if os.WIFEXITED(status):
            break
    return {"survivors": survivors, "exit": os.waitstatus_to_exitcode(status), "left": names_in(directory)}


def save_and_report(directory: Path, first: int, saved: int) -> None:
    """Save models from number `first` on until killed; write a byte to the pipe `saved` after each."""
    for number in range(first, first + 1000):
        save(directory, number)
        os.write(saved, b".")


def read_and_report(directory: Path, read: int) -> None:
    """Load the model again and again until killed; write its number to the pipe `read` each time."""
    while True:
        os.write(read, load(directory).to_bytes(4))


def kill_while_saving(directory: Path, first: int, moments: random.Random) -> None:
    """Kill a saver at a random moment after one to five complete saves."""
    saved, report = os.pipe()
    saver = in_child(partial(save_and_report, directory, first, report))
    os.close(report)
    for _ in range(moments.randint(1, 5)):
        assert os.read(saved, 1), "the saver failed"
    time.sleep(moments.uniform(0, 0.02))
    kill(saver)
    os.close(saved)


def any_moment(directory: Path, kills: int, models: int) -> dict[str, object]:
    """Kill savers until `kills` were killed and the reader has seen `models` different models."""
    read, report = os.pipe()
    moments = random.Random(7)
    save(directory, 0)
    reader = in_child(partial(read_and_report, directory, report))
    os.close(report)
    seen: set[int] = set()
    killed = 0
    while killed < kills or len(seen) < models:
        killed += 1
        kill_while_saving(directory, killed * 1000, moments)
        load(directory)
        while select.select([read], [], [], 0)[0]:
            number = os.read(read, 4)
            assert number, "the reader failed"
            seen.add(int.from_bytes(number))
    kill(reader)
    save(directory, 1)
    return {"killed": killed, "models": len(seen), "left": names_in(directory)}


def read_only(directory: Path) -> dict[str, object]:
    os.umask(0o022)
    directory.parent.chmod(0o755)
    os.chdir(directory.parent)
    relative = Path(directory.name)
    save(relative, 0)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in relative.iterdir()}
    (relative / LOCK).chmod(0o666)
    relative.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with bundle.lock(relative):
            pass
    except ForecastError as error:
        refusal = {"exit_code": error.exit_code, "message": error.message}
    else:
        refusal = {}
    return {"modes": modes, "number": load(relative), **refusal}


def hold_lock(directory: Path) -> None:
    with bundle.lock(directory):
        say("held")
        time.sleep(600)


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


if __name__ == "__main__":
    action, target, *rest = sys.argv[1:]
    if action == "hold-lock":
        hold_lock(Path(target))
    elif action == "any-moment":
        say(any_moment(Path(target), *map(int, rest)))
    else:
        say({"each-step": each_step, "read-only": read_only}[action](Path(target)))
