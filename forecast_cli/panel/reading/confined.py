"""Run a parser of another library in a process of its own, with a limit on memory and time.

The libraries that read workbooks and Parquet trust the sizes that a file states: a file of 1 KB can make them allocate
all memory, which ends the process. Here only the process of the parser ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from select import select
from typing import Any, NoReturn

from forecast_cli.errors import DataError

MAX_MEMORY = 3 << 30
"""The address space that a parser may use, in bytes, in addition to that of the program."""
MAX_SECONDS = 300
"""The longest time that a parser may take, in seconds."""
BLOCK_BYTES = 1 << 20

_program = logging.getLogger("forecast_cli")


def confined(name: str, parse: Callable[[], bytes | memoryview], max_bytes: int) -> bytes:
    """Run `parse` in a separate process, and return its result. Its log messages are logged in this process.

    On a system without `os.fork`, such as Windows, `parse` runs in this process and without limits.

    name:      the file's name in messages
    max_bytes: the largest size of the output of `parse`, in bytes

    Raises the DataError that `parse` raises. Also raises DataError if `parse` crashes, or needs more than MAX_MEMORY,
    MAX_SECONDS or `max_bytes`.
    """
    if not hasattr(os, "fork"):
        return bytes(parse())
    with _started(parse) as (_process, source):
        head, content = _received(name, source, max_bytes)
        if head is None:
            raise _too_large(name)
    for level, message in head["log"]:
        _program.log(level, "%s", message)
    if head["error"] is not None:
        raise DataError(*head["error"])
    return content


@contextlib.contextmanager
def _started(parse: Callable[[], bytes | memoryview]) -> Iterator[tuple[int, int]]:
    """Context manager: start the process of a parser, and kill it at the end.

    Yields the id of the process, and the file descriptor from which to read its output.
    """
    source, target = os.pipe()
    with warnings.catch_warnings():
        # Python warns of a fork in a process with threads. The parser uses none of their locks.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        os.close(source)
        _work(parse, target)
    os.close(target)
    try:
        yield process, source
    finally:
        os.close(source)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _received(name: str, source: int, max_bytes: int) -> tuple[dict[str, Any] | None, bytes]:
    """Read the output of a parser: its first line, parsed from JSON, and the bytes of the result.

    The first line is None if the parser did not finish.

    source: the file descriptor to read from

    Raises DataError if the output is larger than `max_bytes`.
    """
    from io import BytesIO

    end = time.monotonic() + MAX_SECONDS
    content = BytesIO()
    while True:
        ready, _, _ = select([source], [], [], max(0.0, end - time.monotonic()))
        block = os.read(source, BLOCK_BYTES) if ready else b""
        if not block:
            break
        content.write(block)
        if content.tell() > max_bytes:
            raise _too_large(name)
    line, _, rest = content.getvalue().partition(b"\n")
    head = json.loads(line) if line else None
    return (head if head is not None and head["bytes"] == len(rest) else None), rest


def _work(parse: Callable[[], bytes | memoryview], target: int) -> NoReturn:
    """Run `parse` in the new process, write its log, error and result to the file descriptor `target`, and exit."""
    log: list[tuple[int, str]] = []
    error: tuple[str, str | None] | None = None
    content: bytes | memoryview = b""
    try:
        _limit()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library may write there before a crash
        logging.getLogger().handlers[:] = [_Collector(log)]
        try:
            content = parse()
        except DataError as refused:
            error = (refused.message, refused.hint)
        with os.fdopen(target, "wb") as out:
            out.write(json.dumps({"log": log, "error": error, "bytes": len(content)}).encode() + b"\n")
            out.write(content)
    finally:
        os._exit(0)


def _limit() -> None:
    """Limit this process to MAX_MEMORY more address space and MAX_SECONDS of CPU time. Only Linux has these limits."""
    import resource

    if not sys.platform.startswith("linux"):
        return
    with open("/proc/self/statm", "rb") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    for kind, wanted in ((resource.RLIMIT_AS, used + MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS)):
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _Collector(logging.Handler):
    def __init__(self, log: list[tuple[int, str]]) -> None:
        super().__init__()
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        self.log.append((record.levelno, record.getMessage()))


def _too_large(name: str) -> DataError:
    return DataError(
        f"{name}: cannot be read: it is damaged, or its content is too large.",
        "Save the data as CSV, with only the rows that are needed.",
    )
