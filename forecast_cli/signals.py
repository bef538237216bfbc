"""End the program at SIGINT and SIGTERM: record each signal, and raise an exception.

The exception is raised in whatever code runs at that moment. Some code swallows it, such as a destructor. Other code
replaces it: the import of a compiled module raises ImportError instead. So a signal whose exception was swallowed is
sent again. A command that received a signal ends with the exit code of the signal, even if its exception was replaced.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, Timer
from types import FrameType
from typing import NoReturn

from forecast_cli.errors import Terminated

AGAIN_SECONDS = 0.05
"""A signal is sent again this many seconds after its swallowed exception was deleted."""

_noted: list[type[BaseException]] = []
"""The exception of each signal that was received, in order."""

_waiting: set[int] = set()
"""Signals that were received after the last call of `received_signal`. Only these are sent again."""


class _Interrupted(KeyboardInterrupt):
    """KeyboardInterrupt that sends SIGINT again when it is deleted.

    The signal is not sent again if `received_signal` was called after it. Python deletes an exception when no code
    handles it any longer.
    """

    def __del__(self) -> None:
        _send_again(signal.SIGINT)


class _Terminated(Terminated):
    """Terminated that sends SIGTERM again when it is deleted, unless `received_signal` was called after the signal."""

    def __del__(self) -> None:
        _send_again(signal.SIGTERM)


STOPS: dict[int, type[BaseException]] = {signal.SIGINT: _Interrupted, signal.SIGTERM: _Terminated}


def listen() -> None:
    """Install handlers that record SIGINT and SIGTERM and raise their exceptions.

    If SIGINT is ignored or has another handler, it is not changed: a shell script starts its background commands with
    SIGINT ignored.
    """
    for number in STOPS:
        if number != signal.SIGINT or signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _note)
    sys.unraisablehook = _quietly


def received_signal() -> BaseException | None:
    """Return a new exception for the first signal that this process has received; None if it has received none.

    Call it where the program reacts to a signal. Signals that were received before the call are not sent again.
    """
    _waiting.clear()
    return _noted[0]() if _noted else None


def end_at_signals() -> None:
    """Let SIGINT and SIGTERM end the process at once. Call it when all work is done and no code catches exceptions."""
    for number in STOPS:
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def sigint_blocked_in_children() -> Iterator[None]:
    """Block SIGINT in processes that are started in the `with` block, so that they show no traceback at Ctrl-C.

    A terminal sends SIGINT to all processes of a command. A new process blocks the same signals as the thread that
    starts it. A second thread of this process does not block SIGINT, so this process still receives it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # not below: starting it unblocks SIGINT
    ended = Event()
    Thread(target=ended.wait, daemon=True).start()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        ended.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _note(number: int, _frame: FrameType | None) -> NoReturn:
    _noted.append(STOPS[number])
    _waiting.add(number)
    raise STOPS[number]


def _send_again(number: int) -> None:
    if number in _waiting:
        again = Timer(AGAIN_SECONDS, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()


def _quietly(swallowed: sys.UnraisableHookArgs) -> None:
    """Report an exception that Python cannot raise, such as one in a destructor. Do not report it after a signal.

    After a signal, it is either the exception of the signal, or an error in the destructor of an incomplete object.
    """
    if not _noted:
        sys.__unraisablehook__(swallowed)
