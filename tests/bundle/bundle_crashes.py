"""Savers that are killed while another process reads: the part of the bundle's tests that needs processes.

    python bundle_crashes.py each-step DIRECTORY          kill a save before each of its file operations
    python bundle_crashes.py any-moment DIRECTORY KILLS   kill savers at random, with a reader beside them
    python bundle_crashes.py read-only DIRECTORY          lock it as a user who may not write there
    python bundle_crashes.py hold-lock DIRECTORY          take the lock, say so, and keep it

The first three print what they saw as JSON. Every save writes a model whose parts all carry the same
number, so a mixture of two models shows itself.
"""

from __future__ import annotations

import json
import os
import random
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
    """The number of the model in `directory`, once all its parts agree on it."""
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


def save_forever(directory: Path, first: int) -> None:
    for number in range(first, first + 100_000):
        save(directory, number)


def read_until_stopped(directory: Path, stop: Path, report: Path) -> None:
    loads, numbers = 0, set()
    while not stop.exists():
        numbers.add(load(directory))
        loads += 1
    report.write_text(json.dumps({"loads": loads, "models": len(numbers)}))


def any_moment(directory: Path, kills: int) -> dict[str, object]:
    stop, report = directory.parent / "stop", directory.parent / "report"
    moments = random.Random(7)
    save(directory, 0)
    reader = in_child(partial(read_until_stopped, directory, stop, report))
    for turn in range(1, kills + 1):
        saver = in_child(partial(save_forever, directory, turn * 1000))
        time.sleep(moments.uniform(0.02, 0.12))
        kill(saver)
        load(directory)
    stop.touch()
    reader_exit = os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1])
    save(directory, 1)
    seen = json.loads(report.read_text()) if reader_exit == 0 else {}
    return {"reader_exit": reader_exit, "left": names_in(directory), **seen}


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
        say(any_moment(Path(target), int(rest[0])))
    else:
        say({"each-step": each_step, "read-only": read_only}[action](Path(target)))
