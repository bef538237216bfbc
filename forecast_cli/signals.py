"""Signals that end the program (SIGINT, SIGTERM): noted, raised as exceptions, and kept from helper processes.

A signal becomes an exception wherever the program is at that moment. Some places swallow it, such as destructors, and
some replace it: the import of a compiled module raises ImportError instead. So a signal whose exception is swallowed is
sent again, and a command that received a signal ends with its exit code, whatever became of the exception.
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
"""How long after a swallowed signal it is sent again."""

_noted: list[type[BaseException]] = []
_waiting: set[int] = set()
"""Signals whose exceptions have not arrived where the program ends, or where it goes on on purpose."""


class _Interrupted(KeyboardInterrupt):
    """As long as anything handles this exception, it exists. If it ends unheard, its signal is sent again."""

    def __del__(self) -> None:
        _send_again(signal.SIGINT)


class _Terminated(Terminated):
    """As _Interrupted, for SIGTERM."""

    def __del__(self) -> None:
        _send_again(signal.SIGTERM)


STOPS: dict[int, type[BaseException]] = {signal.SIGINT: _Interrupted, signal.SIGTERM: _Terminated}


def listen() -> None:
    """From now on, note signals and raise their exceptions. SIGINT stays ignored where it is, as after nohup."""
    for number in STOPS:
        if number != signal.SIGINT or signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _note)
    sys.unraisablehook = _quietly


def heard() -> BaseException | None:
    """An exception for the first signal that this process has received; None if there was none.

    The signals received so far are not sent again.
    """
    _waiting.clear()
    return _noted[0]() if _noted else None


def end_at_signals() -> None:
    """Let SIGINT and SIGTERM end the program at once. Its work is done: no code would catch an exception any more."""
    for number in STOPS:
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def kept_from_helpers() -> Iterator[None]:
    """Start processes in the `with` block that never receive SIGINT, and so cannot show a traceback at Ctrl-C.

    A terminal sends it to all processes of a command. They inherit from the thread that starts them that it is blocked;
    another thread, which waits here, receives it for this process.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # if it were started below, the processes would receive SIGINT again
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
    """Show an exception that Python swallows, as in a destructor, unless it is that of a signal."""
    if swallowed.exc_type not in STOPS.values():
        sys.__unraisablehook__(swallowed)
